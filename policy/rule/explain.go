package rule

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"sekisho/policy/strictyaml"
)

// syntax tells the first of a parser's errors, in plain words: the others mostly
// come of it.
func (t *teller) syntax(issues *cel.Issues) {
	for _, err := range issues.Errors() {
		at := t.offset(err.Location.Line(), err.Location.Column())
		message := strings.TrimPrefix(err.Message, "Syntax error: ")
		switch {
		case strings.HasPrefix(message, "max recursion depth"), strings.HasPrefix(message, "expression recursion limit"):
			message = "chained or nested too deep"
		case at == len(t.expr):
			message = "ends too early: " + strings.ReplaceAll(before(message, " expecting "), "'<EOF>'", "the end")
			message = strings.TrimSuffix(message, ": mismatched input the end")
		case strings.HasPrefix(message, "token recognition error"):
			message = token(t.expr[at:])
		case strings.HasPrefix(message, "extraneous input"), strings.HasPrefix(message, "mismatched input"), strings.HasPrefix(message, "no viable alternative"):
			_, size := utf8.DecodeRuneInString(t.expr[at:])
			message = fmt.Sprintf("%q is not expected here", t.expr[at:at+max(size, nameLength(t.expr[at:]))])
		default:
			message = before(message, " expecting ")
		}
		t.at(at, "not CEL: %s", message)
	}
	t.problems = t.sorted()[:1]
}

func before(s, end string) string {
	s, _, _ = strings.Cut(s, end)
	return s
}

// token tells what is wrong with characters that begin nothing in CEL.
func token(rest string) string {
	switch rest[0] {
	case '"', '\'':
		return "a text without its closing quote on the same line"
	case '=':
		return "write == to compare"
	case '&':
		return "write && for and"
	case '|':
		return "write || for or"
	}
	_, size := utf8.DecodeRuneInString(rest)
	return fmt.Sprintf("%q is not expected here", rest[:size])
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return n
}

// quoted finds the parts of CEL's messages that stand in single quotes.
var quoted = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'`)

// explain tells the type checker's errors in the words of the vocabulary. The
// check is done once more, with a look at which fields it misses: its errors do
// not say of what type they are.
func (e *Env) explain(t *teller, parsed *cel.Ast, issues *cel.Issues) {
	var missed []missing
	if again, err := e.cel.Extend(cel.CustomTypeProvider(typeProvider{typeTable: e.types, missed: &missed})); err == nil {
		if _, second := again.Check(parsed); second.Err() != nil {
			issues = second
		}
	}
	for _, err := range issues.Errors() {
		at := t.offset(err.Location.Line(), err.Location.Column())
		var parts []string
		for _, q := range quoted.FindAllStringSubmatch(err.Message, -1) {
			parts = append(parts, q[1])
		}
		word := func(i int) string {
			if i < len(parts) {
				return parts[i]
			}
			return ""
		}
		switch {
		case strings.HasPrefix(err.Message, "undefined field ") && len(missed) > 0:
			m := missed[0]
			missed = missed[1:]
			t.at(at, "%s has no field %q%s", m.of.name, m.name, strictyaml.Suggest(m.name, m.of.names()))
		case strings.HasPrefix(err.Message, "undeclared reference "):
			name, _, _ := strings.Cut(word(0), ".")
			t.at(at, "there is no %q%s", name, strictyaml.Suggest(name, e.known))
		case strings.HasPrefix(err.Message, "found no matching overload "):
			t.at(at, "%s does not go with %s%s", operator(word(0)), word(1), takes(word(0)))
		case strings.HasPrefix(err.Message, "expected type "):
			t.at(at, "wants %s, has %s", word(0), word(1))
		case strings.HasSuffix(err.Message, "does not support field selection"):
			t.at(at, "%s has no fields", word(0))
		case strings.HasPrefix(err.Message, "expression of type "):
			t.at(at, "goes over the entries of a list, has %s", word(0))
		case strings.HasPrefix(err.Message, "expression node count"):
			t.at(0, "is too long: more than %d words and signs", maxNodes)
		default:
			t.at(at, "%s", err.Message)
		}
	}
}

// operator is the name of a function as it is written.
func operator(name string) string {
	switch name {
	case operators.Conditional:
		return "? :"
	case operators.Index:
		return "[ ]"
	}
	if op, known := operators.FindReverse(name); known && op != "" {
		return op
	}
	return name
}

// takes is a hint at what a function takes.
func takes(name string) string {
	for _, f := range Functions() {
		if f.Name == name {
			return "; it is " + f.Use
		}
	}
	return ""
}

// kindName is a type as messages tell it.
func kindName(t *types.Type) string {
	if t.Kind() == types.DynKind {
		return "of no known type"
	}
	return t.String()
}
