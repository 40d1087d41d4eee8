package rule

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	celenv "cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// Env is what rules are compiled in: the types of the facts, the functions, and
// the expressions compiled so far, of which each is there once. It is made once for
// a set of policies and is safe for concurrent use.
type Env struct {
	types *typeTable
	cel   *cel.Env
	known []string // names of the variables and functions, for suggestions
	limit limits

	mu       sync.Mutex
	compiled map[string]*compilation
}

// compilation is an expression compiled once.
type compilation struct {
	once     sync.Once
	program  *Program
	problems []Problem
}

// NewEnv makes an environment without compiled expressions.
func NewEnv() (*Env, error) { return newEnv(defaultLimits()) }

func newEnv(limit limits) (*Env, error) {
	table, err := newTypeTable()
	if err != nil {
		return nil, err
	}
	e := &Env{types: table, limit: limit, compiled: make(map[string]*compilation)}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(standard())),
		cel.CustomTypeProvider(typeProvider{typeTable: table}), cel.CustomTypeAdapter(adapter{}),
		cel.ExpressionNodeLimit(maxNodes), cel.ExpressionNestingDepthLimit(4 * maxNesting), cel.ParserRecursionLimit(2 * maxNesting),
	}
	for i, t := range table.root.terms {
		options = append(options, cel.Variable(t.Name, table.root.fields[i].get.Type))
		e.known = append(e.known, t.Name)
	}
	options = append(options, cel.CostModel(cost.Overload(overloads.IntToString, cost.EvalCost(cost.Const(1)), cost.ResultSize(cost.AtMost(cost.Const(maxDigits))))))
	for _, f := range ownFunctions() {
		options = append(options, f.declare()...)
	}
	for _, f := range Functions() {
		e.known = append(e.known, f.Name)
	}
	if e.cel, err = cel.NewCustomEnv(options...); err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return e, nil
}

// standard is what rules have of CEL's own library.
func standard() *celenv.LibrarySubset {
	var s celenv.LibrarySubset
	s.AddIncludedMacros(operators.Has, operators.All, operators.Exists, operators.ExistsOne, operators.Map, operators.Filter)
	with := func(name string, ids ...string) {
		f := &celenv.Function{Name: name}
		for _, id := range ids {
			f.Overloads = append(f.Overloads, &celenv.Overload{ID: id})
		}
		s.AddIncludedFunctions(f)
	}
	for _, name := range []string{
		operators.Conditional, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse,
		operators.Equals, operators.NotEquals, overloads.Contains, overloads.StartsWith, overloads.EndsWith, overloads.Matches,
	} {
		with(name)
	}
	with(operators.In, overloads.InList)
	with(operators.Index, overloads.IndexList)
	with(overloads.Size, overloads.SizeString, overloads.SizeStringInst, overloads.SizeList, overloads.SizeListInst)
	with(operators.Less, overloads.LessInt64, overloads.LessString)
	with(operators.LessEquals, overloads.LessEqualsInt64, overloads.LessEqualsString)
	with(operators.Greater, overloads.GreaterInt64, overloads.GreaterString)
	with(operators.GreaterEquals, overloads.GreaterEqualsInt64, overloads.GreaterEqualsString)
	with(operators.Add, overloads.AddInt64, overloads.AddString, overloads.AddList)
	with(operators.Subtract, overloads.SubtractInt64)
	with(operators.Multiply, overloads.MultiplyInt64)
	with(operators.Divide, overloads.DivideInt64)
	with(operators.Modulo, overloads.ModuloInt64)
	with(operators.Negate, overloads.NegateInt64)
	with(overloads.TypeConvertString, overloads.IntToString)
	return &s
}

// Compile compiles an expression, or gives it as it was compiled before. The
// problems are those of the expression, in their order; there is a Program only
// without any.
func (e *Env) Compile(expr string) (*Program, []Problem) {
	e.mu.Lock()
	c := e.compiled[expr]
	if c == nil {
		c = &compilation{}
		e.compiled[expr] = c
	}
	e.mu.Unlock()
	c.once.Do(func() { c.program, c.problems = e.compile(expr) })
	return c.program, c.problems
}

// Len is the number of different expressions compiled so far.
func (e *Env) Len() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.compiled)
}
