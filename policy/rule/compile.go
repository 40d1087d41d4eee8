package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// Problem is one thing that is wrong with an expression.
type Problem struct {
	Line    int // from 1
	Column  int // in characters, from 1
	Offset  int // in bytes
	Message string
}

// Error returns line:column: message.
func (p Problem) Error() string { return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message) }

// compile compiles an expression that was not compiled before.
func (e *Env) compile(expr string) (program *Program, problems []Problem) {
	t := &teller{expr: expr}
	defer func() {
		if r := recover(); r != nil {
			t.at(0, "cannot be compiled: %v", r)
		}
		if problems = t.sorted(); problems != nil {
			program = nil
		}
	}()
	switch {
	case len(expr) > maxExpression:
		t.at(0, "an expression has at most %d bytes, has %d", maxExpression, len(expr))
		return nil, nil
	case !utf8.ValidString(expr):
		t.at(0, "is not UTF-8")
		return nil, nil
	case strings.TrimSpace(expr) == "":
		t.at(0, "is empty; a rule is an expression that is true or false")
		return nil, nil
	}
	if at := tooDeep(expr); at >= 0 {
		t.at(at, "nested deeper than %d levels", maxNesting)
		return nil, nil
	}
	parsed, issues := e.cel.Parse(expr)
	if issues.Err() != nil {
		t.syntax(issues)
		return nil, nil
	}
	checked, issues := e.cel.Check(parsed)
	if issues.Err() != nil {
		e.explain(t, parsed, issues)
		return nil, nil
	}
	if out := checked.OutputType(); out.Kind() != types.BoolKind {
		t.at(0, "a rule is true or false, this is %s", kindName(out))
		return nil, nil
	}
	c := checker{types: e.types, ast: checked.NativeRep(), tell: t, patterns: make(patterns)}
	c.walk(c.ast.Expr(), nil)
	if len(t.problems) > 0 {
		return nil, nil
	}
	estimate, err := e.cel.EstimateCost(checked, estimator{types: e.types, ast: checked.NativeRep()})
	switch {
	case err != nil:
		t.at(0, "its cost cannot be estimated: %v", err)
		return nil, nil
	case estimate.IsUnknown() || estimate.Max > 1e15:
		t.at(0, "costs more than can be told, for large messages; a rule may cost %d", e.limit.cost)
		return nil, nil
	case estimate.Max > e.limit.cost:
		t.at(0, "costs up to %d, for the largest messages; a rule may cost %d%s", estimate.Max, e.limit.cost, cheaper)
		return nil, nil
	}
	evaluable, err := e.cel.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(e.limit.cost), cel.InterruptCheckFrequency(checkEvery),
		cel.CostTrackerOptions(cost.OverloadTracker(overloads.MatchesString, c.patterns.track), cost.OverloadTracker(overloads.Matches, c.patterns.track)))
	if err != nil {
		t.at(0, "cannot be compiled: %v", err)
		return nil, nil
	}
	return &Program{cel: evaluable, text: expr, estimate: estimate.Max, limit: e.limit}, nil
}

// cheaper is the mend for a rule that costs too much.
const cheaper = " (a loop in a loop costs the product of both lists: look for a field that says the same)"

// tooDeep returns where brackets nest deeper than maxNesting, -1 if they do not.
// The parser's time grows steeply with the nesting, so this comes before it.
func tooDeep(expr string) int {
	depth := 0
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; c {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				return i
			}
		case ')', ']', '}':
			depth--
		case '"', '\'':
			i = skipText(expr, i)
		}
	}
	return -1
}

// skipText returns the place of the quote that ends the text which begins at i.
func skipText(expr string, i int) int {
	quote := expr[i]
	for i++; i < len(expr) && expr[i] != quote; i++ {
		if expr[i] == '\\' {
			i++
		}
	}
	return i
}

// teller collects the problems of one expression.
type teller struct {
	expr     string
	problems []Problem
}

// at tells a problem at a byte of the expression.
func (t *teller) at(offset int, format string, args ...any) {
	offset = min(max(offset, 0), len(t.expr))
	before := t.expr[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	t.problems = append(t.problems, Problem{
		Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[start:]) + 1, Offset: offset,
		Message: fmt.Sprintf(format, args...),
	})
}

// sorted returns the problems in their order, each place once: the first mistake
// brings others with it.
func (t *teller) sorted() []Problem {
	slices.SortStableFunc(t.problems, func(a, b Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	list := slices.CompactFunc(t.problems, func(a, b Problem) bool { return a.Offset == b.Offset })
	return list[:min(len(list), maxProblems)]
}

// offset is the byte of a place that CEL tells: a line from 1 and a character of
// it from 0. A place at the dot of a selection, or at the bracket of a call, becomes
// that of the name.
func (t *teller) offset(line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(t.expr[at:], '\n')
		if i < 0 {
			return len(t.expr)
		}
		at += i + 1
	}
	for ; column > 0 && at < len(t.expr); column-- {
		_, size := utf8.DecodeRuneInString(t.expr[at:])
		at += size
	}
	if at >= len(t.expr) {
		return len(t.expr)
	}
	switch t.expr[at] {
	case '.':
		return at + 1 + len(t.expr[at+1:]) - len(strings.TrimLeft(t.expr[at+1:], " \t\r\n"))
	case '(':
		end := len(strings.TrimRight(t.expr[:at], " \t\r\n"))
		start := end
		for start > 0 && isNameByte(t.expr[start-1]) {
			start--
		}
		if start < end {
			return start
		}
	}
	return at
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
