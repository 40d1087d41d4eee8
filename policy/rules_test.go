package policy

import (
	"fmt"
	"strings"
	"testing"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// TestOwnRules: a rule that is true is a finding like any other: it weighs, acts, is
// lifted by exceptions and softened by a budget; a layer can switch it off.
func TestOwnRules(t *testing.T) {
	set := load(t, map[string]string{
		"default.yaml": `rules:
  far: {when: 'links.exists(l, l.host.endsWith(".zip"))', points: 5, why: nobody sends those}
  both: {when: '"lure" in finding.names', action: quarantine}
  quiet: {when: 'true', observe: true}
`,
		"off.jp.yaml":     "rules: {far: off}\n",
		"other.jp.yaml":   "rules: {far: {when: 'message.size > 5', points: 1}}\n",
		"excused.jp.yaml": "exceptions: [{allow: {finding: [\"rule:far\"]}, owner: me, reason: x, created: 2026-06-01, expires: 2026-06-30}]\n",
	})
	zip := &fact.Facts{Links: []fact.Link{{Kind: "a", Host: "bill.zip"}}, Message: fact.Message{Size: 9}}
	lured := &fact.Facts{Found: []finding.Finding{{Name: finding.Lure}}}
	for _, tc := range []struct {
		rcpt  string
		facts *fact.Facts
		soft  Softened
		want  string
	}{
		{"a@x.jp", zip, nil, "tag 5 rule:far rule:far=5,rule:quiet=0"},
		{"a@off.jp", zip, nil, "accept 0  rule:quiet=0"},
		{"a@other.jp", zip, nil, "accept 1  rule:far=1,rule:quiet=0"},
		{"a@excused.jp", zip, nil, "accept 0  rule:quiet=0"},
		{"a@x.jp", lured, nil, "quarantine 2 rule:both lure=2,rule:both=0,rule:quiet=0"},
		{"a@x.jp", lured, Softened{DefaultName: {"rule:both"}}, "tag 2 rule:both lure=2,rule:both=0,rule:quiet=0"},
		{"a@x.jp", &fact.Facts{}, nil, "accept 0  rule:quiet=0"},
	} {
		d := set.Hear(tc.facts, june).Soften(tc.soft).For(tc.rcpt)
		var scores []string
		for _, s := range d.Scores {
			scores = append(scores, fmt.Sprintf("%s=%d", s.Finding.Name, s.Points))
		}
		if got := fmt.Sprintf("%s %d %s %s", d.Verdict, d.Points, d.By, strings.Join(scores, ",")); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.rcpt, got, tc.want)
		}
		if len(d.RuleFailures) > 0 {
			t.Errorf("%v", d.RuleFailures)
		}
	}
	if d := set.Hear(zip, june).For("a@x.jp"); d.Where != "policies/default.yaml:2" && d.Where != "built-in/default.yaml:15" {
		t.Log(d.Where) // the threshold's place
	}
	if len(lured.Found) != 1 || len(zip.Found) != 0 {
		t.Error("rules changed the facts")
	}
}

// TestRuleMistakes: a rule that cannot work is refused with its place, and so is an
// exception from one that is not there.
func TestRuleMistakes(t *testing.T) {
	_, err := Load(directory(t, map[string]string{"x.jp.yaml": `rules:
  a: {when: 'message.subjet.contains("x")', points: 1}
  b: off
exceptions: [{allow: {finding: ["rule:c"]}, owner: me, reason: x, created: 2026-06-01, expires: 2026-06-30}]
`}))
	for _, want := range []string{":2:", "subjet", "subject", ":3:", `no rule "b"`, ":4:", `no rule "c"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

// BenchmarkRules measures a decision with many rules of one's own.
func BenchmarkRules(b *testing.B) {
	for _, n := range []int{0, 30, 300} {
		var text strings.Builder
		if n > 0 {
			text.WriteString("rules:\n")
		}
		for i := range n {
			fmt.Fprintf(&text, "  r%d: {when: 'proof.from_org != \"shop%d.example\" && message.subject.contains(\"no%d\") && links.exists(l, l.org == \"x%d.example\")', points: 1}\n", i, i, i, i)
		}
		set, err := Load(directory(b, map[string]string{"default.yaml": text.String()}))
		if err != nil {
			b.Fatal(err)
		}
		f := facts(posing, leaving)
		f.Message.Subject = "【楽天】アカウントは停止されています no7"
		for i := range 12 {
			f.Links = append(f.Links, fact.Link{Kind: "a", Host: fmt.Sprintf("h%d.example", i), Org: fmt.Sprintf("h%d.example", i)})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set.Hear(f, june).For("a@x.jp")
			}
		})
	}
}
