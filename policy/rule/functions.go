package rule

import (
	"net/netip"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// Function is one function or operator of a rule.
type Function struct {
	Name    string // "fold"
	Use     string // "fold(string) string"
	Meaning string
	Example string // a rule that uses it
}

// Functions returns the functions that rules have, those of CEL first.
func Functions() []Function {
	return []Function{
		{"size", "size(string), size(list) int", "characters of a text, entries of a list", `size(links) > 20`},
		{"contains", "string.contains(string) bool", "the text holds the other", `message.subject.contains("ギフト")`},
		{"startsWith", "string.startsWith(string) bool", "the text begins with the other", `message.subject.startsWith("【重要】")`},
		{"endsWith", "string.endsWith(string) bool", "the text ends with the other", `message.message_id.endsWith(".local")`},
		{"matches", "string.matches(pattern) bool", "the pattern (RE2) is found in the text; it is written out in the rule", `message.subject.matches("(?i)invoice[ #]*[0-9]{4,}")`},
		{"string", "string(int) string", "the number as text", `message.subject.contains(string(message.received))`},
		{"has", "has(value.field) bool", `the field is not "", 0, false or empty`, `has(message.list) && !has(envelope.sender)`},
		{"exists", "list.exists(x, bool) bool", "it is true for one entry or more", `links.exists(l, l.kind == "qr")`},
		{"exists_one", "list.exists_one(x, bool) bool", "it is true for exactly one entry", `links.exists_one(l, l.kind == "form")`},
		{"all", "list.all(x, bool) bool", "it is true for every entry; true for an empty list", `links.all(l, l.org == proof.from_org)`},
		{"filter", "list.filter(x, bool) list", "the entries for which it is true", `size(links.filter(l, l.kind == "pdf")) > 3`},
		{"map", "list.map(x, value) list", "the value for each entry", `"example.net" in links.map(l, l.org)`},
		{"lower", "lower(string) string", "in lower case, of every alphabet", `lower(message.subject).contains("überweisung")`},
		{"fold", "fold(string) string", "as brands are compared: look-alike letters, width, marks and case folded, half-width kana and hiragana to katakana, invisible characters gone", `fold(message.subject).contains(fold("アマゾン"))`},
		{"org", "org(string) string", `who owns a host name: the domain under the public suffix; "" for what is no host name`, `org(envelope.helo) != proof.from_org`},
		{"under", "under(string, domain) bool", "the host name is the domain, or below it", `links.exists(l, under(l.host, "example.jp"))`},
		{"within", "within(string, network) bool", "the IP address is in the network", `within(envelope.client, "192.0.2.0/24")`},
	}
}

// function is one that CEL does not bring. It can be written f(x) and x.f().
type function struct {
	name   string
	args   int
	result *types.Type
	call   func(args ...ref.Val) ref.Val // nil: an Activation answers, and remembers
	cost   float64                       // for each character of the first argument
	grows  float64                       // characters of a text that results, for each of the first argument
	most   uint64                        // characters of a text that results, where grows does not say
}

func ownFunctions() []function {
	return []function{
		{name: nameFold, args: 1, result: types.StringType, cost: 1, grows: canon.MaxGrowth},
		{name: nameOrg, args: 1, result: types.StringType, cost: 1, most: maxDomain},
		{name: "lower", args: 1, result: types.StringType, cost: 0.2, grows: 1, call: func(args ...ref.Val) ref.Val {
			return types.String(strings.ToLower(text(args[0])))
		}},
		{name: "under", args: 2, result: types.BoolType, cost: 0.2, call: func(args ...ref.Val) ref.Val {
			return types.Bool(under(text(args[0]), text(args[1])))
		}},
		{name: "within", args: 2, result: types.BoolType, cost: 0.2, call: func(args ...ref.Val) ref.Val {
			network, err := netip.ParsePrefix(text(args[1]))
			if err != nil {
				return types.NewErr("%q is no network", text(args[1]))
			}
			addr, err := netip.ParseAddr(text(args[0]))
			return types.Bool(err == nil && network.Contains(addr.Unmap()))
		}},
	}
}

// Names of functions that an Activation answers.
const (
	nameFold = "fold"
	nameOrg  = "org"
)

func (f function) declare() []cel.EnvOption {
	plain, member := f.name+"_string", "string_"+f.name
	args := make([]*types.Type, f.args)
	for i := range args {
		args[i] = types.StringType
	}
	binding := cel.LateFunctionBinding()
	if f.call != nil {
		binding = cel.FunctionBinding(f.call)
	}
	estimate := func(id string, subject cost.QuantityExpr) cost.OverloadModel {
		options := []cost.OverloadModelOption{cost.EvalCost(cost.Sum(cost.Const(1), cost.Scale(subject, f.cost)))}
		switch {
		case f.grows > 0:
			options = append(options, cost.ResultSize(cost.AtMost(cost.Scale(subject, f.grows))))
		case f.most > 0:
			options = append(options, cost.ResultSize(cost.AtMost(cost.Const(f.most))))
		}
		if strings.HasPrefix(id, "string_") {
			return cost.MemberOverload(id, options...)
		}
		return cost.Overload(id, options...)
	}
	return []cel.EnvOption{
		cel.Function(f.name, cel.Overload(plain, args, f.result, binding), cel.MemberOverload(member, args, f.result, binding)),
		cel.CostModel(estimate(plain, cost.Arg(0)), estimate(member, cost.Target())),
	}
}

func text(v ref.Val) string {
	s, _ := v.(types.String)
	return string(s)
}

func fold(s string) string { return canon.Fold(s).Folded }

func org(s string) string {
	domain, ok := hostName(s)
	if !ok {
		return ""
	}
	return proof.OrgDomain(domain)
}

func under(host, domain string) bool {
	host, ok := hostName(host)
	if !ok {
		return false
	}
	domain, ok = hostName(domain)
	return ok && strings.HasSuffix(host, domain) && (len(host) == len(domain) || host[len(host)-len(domain)-1] == '.')
}

// hostName is a name in lower case as A-labels, as the facts have it already.
func hostName(s string) (string, bool) {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && s[0] != '.' && s[len(s)-1] != '.' {
		return s, true
	}
	return mail.ASCIIDomain(s)
}
