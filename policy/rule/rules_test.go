package rule

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/fact"
	"sekisho/policy/strictyaml"
)

// layer reads a file over the rules below it.
func layer(tb testing.TB, file string, below Rules, src string) (Rules, error) {
	tb.Helper()
	target := struct {
		Rules Rules `yaml:"rules"`
	}{below}
	err := strictyaml.Unmarshal(file, []byte(src), &target)
	return target.Rules, err
}

// TestLayers: a name that is given replaces the rule below, the others stay, and
// the layer below is as it was.
func TestLayers(t *testing.T) {
	e := environment(t)
	base, err := layer(t, "default.yaml", e.Rules(), `rules:
  gift-cards:
    when: claim.brands.exists(b, b == "amazon") && message.subject.contains("ギフト")
    why: gift card fraud
    points: 3
  many: {when: envelope.recipients > 5, action: tag}
  unused: {when: cut, points: 1}
`)
	if err != nil {
		t.Fatal(err)
	}
	top, err := layer(t, "example.jp.yaml", base, `rules:
  many: {when: envelope.recipients > 10, points: 2, action: quarantine, observe: true}
  unused: off
  bare-ip:
    when: |
      links.exists(l,
        l.host.matches("^[0-9.]+$"))
    points: 0
`)
	if err != nil {
		t.Fatal(err)
	}
	show := func(r Rules) []string {
		var lines []string
		for _, rule := range r.All() {
			lines = append(lines, fmt.Sprintf("%s %s %s", rule.Pos, rule.Name, rule))
		}
		return lines
	}
	want := []string{
		`default.yaml:2:3 gift-cards {when: "claim.brands.exists(b, b == \"amazon\") && message.subject.contains(\"ギフト\")", why: "gift card fraud", points: 3}`,
		`default.yaml:6:3 many {when: "envelope.recipients > 5", action: tag}`,
		`default.yaml:7:3 unused {when: "cut", points: 1}`,
	}
	if diff := cmp.Diff(want, show(base)); diff != "" {
		t.Errorf("below (-want +got)\n%s", diff)
	}
	want = []string{
		`example.jp.yaml:4:3 bare-ip {when: "links.exists(l,\n  l.host.matches(\"^[0-9.]+$\"))\n", points: 0}`,
		want[0],
		`example.jp.yaml:2:3 many {when: "envelope.recipients > 10", points: 2, action: quarantine, observe: true}`,
		`example.jp.yaml:3:3 unused off`,
	}
	if diff := cmp.Diff(want, show(top)); diff != "" {
		t.Errorf("above (-want +got)\n%s", diff)
	}
	again, err := layer(t, "again.yaml", e.Rules(), "rules: {many: "+top.Named("many").String()+", gift-cards: "+base.Named("gift-cards").String()+"}")
	if err != nil || again.Named("gift-cards").String() != base.Named("gift-cards").String() {
		t.Errorf("what is shown is not what is read: %v", err)
	}

	var told []string
	for _, hit := range top.Eval(t.Context(), e.Activate(letter(), nil), func(name string, err error) { t.Error(name, err) }) {
		told = append(told, fmt.Sprintf("%s: %s", hit.Finding.Name, hit.Finding.Why))
	}
	if diff := cmp.Diff([]string{
		`rule:bare-ip: links.exists(l, l.host.matches("^[0-9.]+$"))`,
		`rule:gift-cards: gift card fraud`,
		`rule:many: envelope.recipients > 10`,
	}, told); diff != "" {
		t.Errorf("hits (-want +got)\n%s", diff)
	}
	if top.Named("many").Action != Quarantine || top.Named("none") != nil || !top.Any() || e.Rules().Any() {
		t.Error("Named or Any is wrong")
	}
}

// TestRuleMistakes: each mistake of a file has its place and its message.
func TestRuleMistakes(t *testing.T) {
	e := environment(t)
	below, err := layer(t, "default.yaml", e.Rules(), "rules: {there: {when: cut, points: 1}, gone: {when: cut, points: 1}}")
	if err == nil {
		below, err = layer(t, "group.yaml", below, "rules: {gone: off}")
	}
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		"rules: [a]":                                         `f:1:8: rules: wants keys with values (key: value), has a list`,
		"rules: {Big: {when: cut}}":                          `f:1:9: rules.Big: the name of a rule is a small letter and up to 40 more, digits and hyphens; has "Big"`,
		"rules: {lure: {when: cut}}":                         `f:1:9: rules.lure: "lure" is a finding; what it weighs is said under findings, a rule needs another name`,
		"rules: {a: {points: 1}}":                            `f:1:12: rules.a: the key when is missing`,
		"rules: {a: {when: cut}}":                            `f:1:12: rules.a: says nothing of what to do; add points, an action, or observe: true`,
		"rules: {a: {when: cut, ponts: 1}}":                  `f:1:24: rules.a: unknown key "ponts"; did you mean points?`,
		"rules: {a: observe}":                                `f:1:12: rules.a: wants off, or when: and points:, action: or observe:, has "observe"`,
		"rules: {a: \"off\"}":                                `f:1:12: rules.a: wants off, or when: and points:, action: or observe:, has "off"`,
		"rules: {there: off}":                                ``,
		"rules: {ther: off}":                                 `f:1:15: rules.ther: there is no rule "ther" in a layer below that could be switched off; did you mean there?`,
		"rules: {gone: off}":                                 `f:1:15: rules.gone: there is no rule "gone" in a layer below that could be switched off; known: there`,
		"rules: {a: {when: cut, points: 100}}":               ``,
		"rules: {a: {when: cut, points: 101}}":               `f:1:32: rules.a.points: points are from 0 to 100, has 101`,
		"rules: {a: {when: cut, points: -1}}":                `f:1:32: rules.a.points: points are from 0 to 100, has -1`,
		"rules: {a: {when: cut, points: two}}":               `f:1:32: rules.a.points: wants a whole number in decimal digits, has "two"`,
		"rules: {a: {when: cut, action: off}}":               `f:1:32: rules.a.action: wants tag, quarantine, reject or tempfail, has "off"`,
		"rules: {a: {when: cut, observe: yes}}":              `f:1:33: rules.a.observe: wants true or false, has "yes"`,
		"rules: {a: {when: [cut], points: 1}}":               `f:1:19: rules.a.when: wants an expression, has a list`,
		"rules: {a: {when: cut, points: 1, why: [x]}}":       `f:1:40: rules.a.why: wants a line of text, has a list`,
		"rules: {a: {when: cut, points: 1, why: \"x\\ny\"}}": `f:1:40: rules.a.why: is one line`,
		"rules: {a: {when: cut, points: 1, why: " + strings.Repeat("x", maxWhy) + "}}":   ``,
		"rules: {a: {when: cut, points: 1, why: " + strings.Repeat("x", maxWhy+1) + "}}": `f:1:40: rules.a.why: has at most 200 bytes, has 201`,
		"rules: {" + strings.Repeat("a", maxName) + ": {when: cut, points: 1}}":          ``,
		"rules: {" + strings.Repeat("a", maxName+1) + ": {when: cut, points: 1}}":        `f:1:9: rules.` + strings.Repeat("a", maxName+1) + `: the name of a rule is a small letter and up to 40 more, digits and hyphens; has "` + strings.Repeat("a", maxName-3) + `…"`,

		// Inside an expression.
		"rules:\n  a:\n    when: cut && message.subjet == \"x\"\n    points: 1\n":                   `f:3:26: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a:\n    when: '\"it''s\" == message.subjet'\n    points: 1\n":                    `f:3:31: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a:\n    when: \"\\\"あ\\\" == message.subjet\"\n    points: 1\n":                  `f:3:29: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a:\n    when: |\n      cut &&\n        message.subjet == \"x\"\n    points: 1\n": `f:5:17: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a:\n    when: >-\n      cut\n      && message.subjet == \"x\"\n    points: 1\n":  `f:5:18: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a:\n    when: cut\n      && message.subjet == \"x\"\n    points: 1\n":            `f:4:18: rules.a.when: Message has no field "subjet"; did you mean subject?`,
		"rules:\n  a: {when: 'mesage.bulk || cutt', points: x}\n":                                   "f:2:14: rules.a.when: there is no \"mesage\"; did you mean message?\nf:2:29: rules.a.when: there is no \"cutt\"; did you mean cut?\nf:2:44: rules.a.points: wants a whole number in decimal digits, has \"x\"",
	} {
		_, err := layer(t, "f", below, src)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// TestDetail: the source line and the caret are those of the mistake.
func TestDetail(t *testing.T) {
	_, err := layer(t, "policies/example.jp.yaml", environment(t).Rules(), `rules:
  gift-cards:
    when: |
      claim.brands.exists(b, b == "apple") &&
        message.subject.contain("ギフト")
    points: 3
`)
	var problems *strictyaml.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	const want = `policies/example.jp.yaml:5:25: rules.gift-cards.when: there is no "contain"; did you mean contains?
            message.subject.contain("ギフト")
                            ^`
	if diff := cmp.Diff(want, problems.Detail()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestHowMany: a policy has so many rules, and so much that they may cost together.
func TestHowMany(t *testing.T) {
	e := environment(t)
	for n, good := range map[int]bool{maxRules: true, maxRules + 1: false} {
		var src strings.Builder
		src.WriteString("rules:\n")
		for i := range n {
			fmt.Fprintf(&src, "  r%d: {when: cut, points: 1}\n", i)
		}
		if _, err := layer(t, "f", e.Rules(), src.String()); (err == nil) != good {
			t.Errorf("%d rules: %v", n, err)
		}
	}
	if e.Len() != 1 {
		t.Errorf("one expression was compiled %d times", e.Len())
	}
	cost := compile(t, e, "cut").Estimate()
	for most, want := range map[uint64]string{
		2 * cost:   "",
		2*cost - 1: "f:2:3: rules: the rules with those of the layers below cost up to 2, for the largest messages; together they may cost 1 (a 1, b 1, ...)",
	} {
		e, err := newEnv(limits{cost: maxCost, costOfAll: most, time: maxTime})
		if err != nil {
			t.Fatal(err)
		}
		_, err = layer(t, "f", e.Rules(), "rules:\n  a: {when: cut, points: 1}\n  b: {when: cut, points: 1}\n")
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%d: %v, want %s", most, err, want)
		}
	}
}

// TestFailuresAreTold: a rule that fails is named and counted, and the others are
// held against the message all the same.
func TestFailuresAreTold(t *testing.T) {
	e := environment(t)
	rules, err := layer(t, "f", e.Rules(), `rules:
  a-fails: {when: 'message.sender[0].name == ""', points: 1}
  b-costs: {when: 'links.exists(l, l.kind == "qr")', points: 1}
  c-is: {when: 'message.author == "one"', points: 1}
`)
	if err != nil {
		t.Fatal(err)
	}
	f := letter()
	f.Links = make([]fact.Link, 400_000)
	m := NewMetrics(prometheus.NewRegistry())
	failed := map[string]string{}
	hits := rules.Eval(t.Context(), e.Activate(f, nil), func(name string, err error) {
		failed[name] = err.Error()
		m.Failed(name, err)
	})
	if len(hits) != 1 || hits[0].Name != "c-is" {
		t.Errorf("hits %v", hits)
	}
	if diff := cmp.Diff(map[string]string{"a-fails": "rule failed: index out of bounds: 0", "b-costs": "rule stopped at a limit: its cost"}, failed); diff != "" {
		t.Errorf("failures (-want +got)\n%s", diff)
	}
	if err := testutil.CollectAndCompare(m.failures, strings.NewReader(`
# HELP sekisho_rule_failures_total Rules that came to no result for a message, which went on without them.
# TYPE sekisho_rule_failures_total counter
sekisho_rule_failures_total{reason="error",rule="a-fails"} 1
sekisho_rule_failures_total{reason="limit",rule="b-costs"} 1
`)); err != nil {
		t.Error(err)
	}
}

// TestCostOfAll: past the limit of all rules the rest is not held against the
// message, and each is told. Facts as package fact makes them never get there.
func TestCostOfAll(t *testing.T) {
	e, err := newEnv(limits{cost: maxCost, costOfAll: 2000, time: maxTime})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := layer(t, "f", e.Rules(), `rules:
  a: {when: 'links.exists(l, l.kind == "qr")', points: 1}
  b: {when: '!cut', points: 1}
`)
	if err != nil {
		t.Fatal(err)
	}
	f := letter()
	f.Links = make([]fact.Link, 1000)
	var failed []string
	if hits := rules.Eval(t.Context(), e.Activate(f, nil), func(name string, err error) { failed = append(failed, name+": "+err.Error()) }); hits != nil {
		t.Errorf("hits %v", hits)
	}
	if diff := cmp.Diff([]string{"b: rule stopped at a limit: the rules of the policy cost more than 2000"}, failed); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
