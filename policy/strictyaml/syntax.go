package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// syntax tells a parser's error with the place where the document stops making
// sense. The parser itself blames the line where the surrounding construct
// began, without a column, so the place is searched for: the shortest beginning
// of the document that fails with the very same words ends at the fault. The
// parser reads from the front, so every longer beginning fails alike and a
// binary search finds it in some twenty parses; errors are rare and files are
// small.
func (d *Document) syntax(err error) {
	words := err.Error()
	pos := Pos{File: d.file, Line: lineOf(words)}
	if len(d.src) <= maxSearch {
		end := sort.Search(len(d.src), func(n int) bool {
			err := parseAll(d.src[:n])
			return err != nil && err.Error() == words
		})
		pos = d.posAt(max(end-1, 0))
	}
	d.Errorf(pos, "not YAML: %s", plainWords(words))
}

// parseAll returns the parser's error for src, nil when there is none.
func parseAll(src []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for range 2 {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}

// lineOf is the line that the parser's words name; 0 when they name none.
func lineOf(words string) int {
	_, after, ok := strings.Cut(words, "line ")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(after, ":")
	line, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return line
}

// plainWords takes the parser's own "yaml: line 3: " off.
func plainWords(words string) string {
	words = strings.TrimPrefix(words, "yaml: ")
	if rest, ok := strings.CutPrefix(words, "line "); ok {
		if _, after, ok := strings.Cut(rest, ": "); ok {
			words = after
		}
	}
	if strings.HasPrefix(words, "found character that cannot start any token") {
		words += " (a tab, @, ` or % at the start of a value; indent with spaces, quote the value)"
	}
	return words
}
