package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// Pos is a place in a file. Its zero value is no place: the value was not
// written in any file.
type Pos struct {
	File   string // as given to Parse
	Line   int    // from 1; 0 where only the file is known
	Column int    // in characters, from 1; 0 where only the line is known
}

// String returns file:line:column, without the parts that are not known.
func (p Pos) String() string {
	if p.Line == 0 || p.Column == 0 {
		return p.FileLine()
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// FileLine returns file:line, the form that records of decisions use.
func (p Pos) FileLine() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Problem is one thing that is wrong in a document.
type Problem struct {
	Pos     Pos
	Message string // what is wrong and, where it is known, the mend
	Source  string // the line Pos is on, without its line end; "" when there is none
}

// Error returns file:line:column: message.
func (p *Problem) Error() string {
	if p.Pos == (Pos{}) {
		return p.Message
	}
	return p.Pos.String() + ": " + p.Message
}

// Detail returns Error, and below it the source line with a caret under the
// column. A long line is cut to the part around the caret; wide characters
// count two columns, as terminals show them.
func (p *Problem) Detail() string {
	if p.Source == "" || p.Pos.Column < 1 {
		return p.Error()
	}
	line := []rune(p.Source)
	at := min(p.Pos.Column-1, len(line))
	if start := at - maxSource/2; len(line) > maxSource && start > 0 {
		line = append([]rune("…"), line[start:]...)
		at -= start - 1
	}
	if len(line) > maxSource {
		line = append(line[:maxSource:maxSource], '…')
	}
	var pad strings.Builder
	for i, r := range line {
		if r != '\t' && r < ' ' || r == 0x7f {
			line[i] = '?'
		}
		if i < at {
			pad.WriteString(blank(r))
		}
	}
	return fmt.Sprintf("%s\n    %s\n    %s^", p.Error(), string(line), pad.String())
}

// blank is white space as wide as r.
func blank(r rune) string {
	if r == '\t' {
		return "\t"
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return "  "
	}
	return " "
}

// Problems is everything that is wrong, in the order of the files and lines.
type Problems struct {
	List []*Problem
	More int // problems beyond MaxProblems that are not in List
}

// Error returns one line per problem.
func (p *Problems) Error() string {
	return p.join((*Problem).Error)
}

// Detail returns every problem with its source line and a caret.
func (p *Problems) Detail() string {
	return p.join((*Problem).Detail)
}

func (p *Problems) join(show func(*Problem) string) string {
	lines := make([]string, 0, len(p.List)+1)
	for _, problem := range p.List {
		lines = append(lines, show(problem))
	}
	if p.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", p.More))
	}
	return strings.Join(lines, "\n")
}

// Join puts the problems of several documents into one error; nil when none of
// errs is a problem. Errors of another kind become a problem without a place.
func Join(errs ...error) error {
	all := &Problems{}
	for _, err := range errs {
		switch err := err.(type) {
		case nil:
		case *Problems:
			all.List = append(all.List, err.List...)
			all.More += err.More
		case *Problem:
			all.List = append(all.List, err)
		default:
			all.List = append(all.List, &Problem{Message: err.Error()})
		}
	}
	if len(all.List) == 0 {
		return nil
	}
	all.sort()
	return all
}

func (p *Problems) sort() {
	slices.SortStableFunc(p.List, func(a, b *Problem) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
}

// quote repeats text of the document in a message: cut, and with controls made
// visible.
func quote(s string) string {
	if runes := []rune(s); len(runes) > maxQuote {
		s = string(runes[:maxQuote]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
