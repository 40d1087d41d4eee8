package rule

import (
	"reflect"

	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// Activation is the facts of one message as rules see them. What a rule asks for
// is converted once, for all rules. It is for one goroutine.
type Activation struct {
	world  *object
	folded map[string]ref.Val
	owners map[string]ref.Val
}

// Activate makes the facts and the findings that a policy decides on ready for
// its rules.
func (e *Env) Activate(facts *fact.Facts, findings []finding.Finding) *Activation {
	w := &world{
		Message: facts.Message, Envelope: facts.Envelope, Proof: facts.Proof, Claim: facts.Claim, Links: facts.Links, Cut: facts.Cut,
		Finding: found{All: findings, Names: make([]string, len(findings))},
	}
	for i, f := range findings {
		w.Finding.Names[i] = string(f.Name)
	}
	return &Activation{world: newObject(e.types.root, reflect.ValueOf(w).Elem())}
}

// ResolveName implements interpreter.Activation.
func (a *Activation) ResolveName(name string) (any, bool) {
	n, known := a.world.of.index[name]
	if !known {
		return nil, false
	}
	return a.world.field(n), true
}

// Parent implements interpreter.Activation.
func (a *Activation) Parent() interpreter.Activation { return nil }

// ResolveFunction implements interpreter.FunctionActivation, for the functions
// whose results are remembered: three hundred rules fold one subject.
func (a *Activation) ResolveFunction(name string) (functions.LateBoundOp, bool) {
	switch name {
	case nameFold:
		return func(_ string, args ...ref.Val) ref.Val { return remember(&a.folded, fold, args[0]) }, true
	case nameOrg:
		return func(_ string, args ...ref.Val) ref.Val { return remember(&a.owners, org, args[0]) }, true
	}
	return nil, false
}

// remember answers from memory, which holds maxFolded texts.
func remember(memory *map[string]ref.Val, f func(string) string, arg ref.Val) ref.Val {
	s := text(arg)
	if v := (*memory)[s]; v != nil {
		return v
	}
	v := types.String(f(s))
	if *memory == nil {
		*memory = make(map[string]ref.Val)
	}
	if len(*memory) < maxFolded {
		(*memory)[s] = v
	}
	return v
}
