package rule

import (
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// estimator tells how large the facts can be, by the field that a value is read
// from.
type estimator struct {
	types *typeTable
	ast   *ast.AST
}

// EstimateCallCost implements cost.Estimator. The models of the functions say it,
// but CEL's of matches goes by the length of the pattern's text: (a{100}){9} is
// short, and slow.
func (estimator) EstimateCallCost(function, _ string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if function != overloads.Matches {
		return nil
	}
	if target != nil {
		args = append([]cost.AstNode{*target}, args...)
	}
	if len(args) != 2 || args[0].ComputedSize() == nil {
		return nil
	}
	pattern, ok := literal(args[1].Expr())
	if !ok {
		return nil
	}
	return &cost.CallEstimate{CostEstimate: cost.RangedCostEstimate(0, matching(args[0].ComputedSize().Max, patternSize(pattern)))}
}

// matching is the cost of searching a text of n characters for a pattern of m
// instructions: RE2 needs n times m steps at worst.
func matching(n uint64, m int) uint64 {
	return cost.SafeMultiplyByFactor(cost.SafeMultiply(cost.SafeAdd(n, 1), uint64(m)), matchFactor)
}

// matchFactor is the cost of one step, which takes up to 5 ns.
const matchFactor = 0.1

// patternSize is the number of instructions of a pattern.
func patternSize(pattern string) int {
	size, err := types.RegexProgramSize(pattern)
	if err != nil {
		return maxPattern
	}
	return size
}

// patterns tells the size of each pattern of a program, for the cost at run time.
type patterns map[string]int

// track is the cost of a search as it happened.
func (p patterns) track(args []ref.Val, _ ref.Val) *uint64 {
	n := uint64(utf8.RuneCountInString(text(args[0])))
	size, known := p[text(args[1])]
	if !known {
		size = maxPattern
	}
	price := matching(n, size)
	return &price
}

// EstimateSize implements cost.Estimator.
func (e estimator) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	t, item := e.term(n)
	switch {
	case t == nil:
		return nil
	case item && t.each > 0:
		return upTo(t.each)
	case !item && t.most > 0:
		return upTo(t.most)
	}
	return nil
}

func upTo(n int) *cost.SizeEstimate {
	size := cost.RangedSizeEstimate(0, uint64(n))
	return &size
}

// term is the field that a node is read from; item says that it is an entry of
// that list.
func (e estimator) term(n cost.AstNode) (t *Term, item bool) {
	if path := n.Path(); len(path) > 0 {
		return e.types.at(path)
	}
	expr := n.Expr()
	if expr == nil || expr.Kind() != ast.SelectKind {
		return nil, false
	}
	sel := expr.AsSelect()
	return e.types.term(e.ast.GetType(sel.Operand().ID()), sel.FieldName()), false
}

// term is a field of a type.
func (t *typeTable) term(kind *types.Type, name string) *Term {
	s := t.byName[kind.TypeName()]
	if s == nil {
		return nil
	}
	i, known := s.index[name]
	if !known {
		return nil
	}
	return &s.terms[i]
}

// at is the field at a path: a variable, then fields, "@items" for any entry of a
// list.
func (t *typeTable) at(path []string) (term *Term, item bool) {
	s := t.root
	for _, step := range path {
		if step == "@items" {
			item = true
			continue
		}
		if s == nil {
			return nil, false
		}
		i, known := s.index[step]
		if !known {
			return nil, false
		}
		term, item = &s.terms[i], false
		kind := s.fields[i].get.Type
		if kind.Kind() == types.ListKind {
			kind = kind.Parameters()[0]
		}
		s = t.byName[kind.TypeName()]
	}
	return term, item
}
