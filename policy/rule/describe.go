package rule

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sekisho/policy/strictyaml"
)

// Describe writes the vocabulary of rules for people: variables, fields of each
// type, functions, and examples.
func (e *Env) Describe(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	terms := func(title string, list []Term) {
		fmt.Fprintf(t, "%s\n", title)
		for _, term := range list {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", term.Name, term.Type, term.account())
		}
		fmt.Fprintln(t)
		t.Flush()
	}
	terms("VARIABLES", e.Variables())
	for _, kind := range e.Kinds() {
		terms(kind.Name, kind.Fields)
	}
	fmt.Fprintln(t, "FUNCTIONS, beside == != < <= > >= in && || ! ?: [ ] + - * / %")
	for _, f := range Functions() {
		fmt.Fprintf(t, "  %s\t%s\n", f.Use, f.Meaning)
	}
	t.Flush()
	b.WriteString("\nEXAMPLES\n")
	for _, x := range Examples() {
		fmt.Fprintf(&b, "  # %s\n  %s\n", x.Meaning, x.When)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// account is the meaning of a term with the words that it can be; long lists are
// told elsewhere.
func (t Term) account() string {
	if len(t.Words) == 0 || len(t.Words) > maxListed {
		return t.Meaning
	}
	return t.Meaning + " (" + strings.Join(t.Words, ", ") + ")"
}

// Explain makes the problems of an expression that was given as a whole one error,
// with the line of each and a caret below.
func Explain(name, expr string, problems []Problem) error {
	lines := strings.Split(expr, "\n")
	var all []error
	for _, p := range problems {
		all = append(all, &strictyaml.Problem{
			Pos: strictyaml.Pos{File: name, Line: p.Line, Column: p.Column}, Message: p.Message, Source: lines[min(p.Line, len(lines))-1],
		})
	}
	return strictyaml.Join(all...)
}
