package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// layered is a directory with a layer of every kind.
var layered = map[string]string{
	"default.yaml":         "thresholds: {tag: 3}\n",
	"groups/base.yaml":     "thresholds: {quarantine: 7}\nfindings: {lure: {points: 5}}\n",
	"groups/clinics.yaml":  "group: base\ndomains: [listed.example, own.example]\nthresholds: {reject: 20}\n",
	"own.example.yaml":     "thresholds: {quarantine: 9}\n",
	"named.example.yaml":   "group: base\nfindings: {lure: off}\nmailboxes:\n  - match: [info, \"sales-*\"]\n    thresholds: {quarantine: 4}\n  - match: [\"*\"]\n    mode: observe\n",
	"alone.example.yaml":   "subdomains: true\n",
	"tests/notread.yaml":   "not: a policy\n",
	"groups/.#hidden.yaml": "not: a policy\n",
}

// TestLayers: each value comes from the last layer that states it.
func TestLayers(t *testing.T) {
	set := load(t, layered)
	for rcpt, want := range map[string]string{
		"a@other.example":             "default: 3 8 off {points: 2} enforce",
		"a@listed.example":            "listed.example: 3 7 20 {points: 5} enforce",
		"a@own.example":               "own.example: 3 9 20 {points: 5} enforce",
		"info@named.example":          "named.example: 3 4 off off enforce",
		"INFO@named.example":          "named.example: 3 4 off off enforce",
		"Sales-tokyo@NAMED.example":   "named.example: 3 4 off off enforce",
		"\"sales-\\x\"@named.example": "named.example: 3 4 off off enforce",
		"sales@named.example":         "named.example: 3 7 off off observe",
		"@named.example":              "named.example: 3 7 off off observe",
		"a@sub.alone.example":         "alone.example: 3 8 off {points: 2} enforce",
		"a@sub.named.example":         "default: 3 8 off {points: 2} enforce",
	} {
		p := set.For(rcpt)
		th := p.Thresholds
		got := fmt.Sprintf("%s: %s %s %s %s %s", p.Name(), th.Tag.Value, th.Quarantine.Value, th.Reject.Value, p.Findings.of(finding.Lure), p.Mode.Value)
		if got != want {
			t.Errorf("%s: %s, want %s", rcpt, got, want)
		}
	}
	for domain, group := range map[string]string{"listed.example": "clinics", "own.example": "clinics", "named.example": "base", "alone.example": ""} {
		if got := set.For("x@" + domain).Group(); got != group {
			t.Errorf("%s is of the group %q, want %q", domain, got, group)
		}
	}
}

// TestDigest: any change of any file that is read changes the digest, and nothing
// else does.
// TestSame: who shares a file, and the entry in it, shares a policy.
func TestSame(t *testing.T) {
	files := map[string]string{"groups/clinics.yaml": "group: base\ndomains: [listed.example, own.example, more.example]\n"}
	for name, text := range layered {
		if files[name] == "" {
			files[name] = text
		}
	}
	set := load(t, files)
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"a@other.example", "b@another.example", true},
		{"a@other.example", "a@own.example", false},
		{"a@listed.example", "a@MORE.example", true},
		{"a@listed.example", "a@own.example", false},
		{"info@named.example", "sales-x@named.example", true},
		{"info@named.example", "x@named.example", false},
		{"a@alone.example", "a@sub.alone.example", true},
		{"", "a@other.example", true},
	} {
		if got := set.For(tc.a).Same(set.For(tc.b)); got != tc.want || set.For(tc.b).Same(set.For(tc.a)) != got {
			t.Errorf("%q and %q: %v", tc.a, tc.b, got)
		}
	}
	if built := embedded(t); !built.For("a@x.example").Same(built.For("b@y.example")) {
		t.Error("the built-in default is not one policy")
	}
}

func TestDigest(t *testing.T) {
	seen := map[string]string{}
	note := func(what string, files map[string]string) string {
		d := load(t, files).Digest()
		if other, again := seen[d]; again {
			t.Errorf("%s has the digest of %s", what, other)
		}
		seen[d] = what
		return d
	}
	whole := note("the whole", layered)
	if again := load(t, layered).Digest(); again != whole {
		t.Error("the same files have two digests")
	}
	note("nothing", nil)
	for name := range layered {
		if strings.HasPrefix(name, "tests/") || strings.Contains(name, "#") {
			continue
		}
		files := map[string]string{}
		for k, v := range layered {
			files[k] = v
		}
		files[name] += "# more\n"
		note("a change of "+name, files)
	}
}

// TestGlob holds patterns against what they mean, spelt out.
func TestGlob(t *testing.T) {
	var slow func(p, s string) bool
	slow = func(p, s string) bool {
		switch {
		case p == "":
			return s == ""
		case p[0] == '*':
			return slow(p[1:], s) || s != "" && slow(p, s[1:])
		}
		return s != "" && p[0] == s[0] && slow(p[1:], s[1:])
	}
	pattern := rapid.StringMatching(`[ab*]{1,6}`)
	text := rapid.StringMatching(`[ab]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		g, o, s := glob(pattern.Draw(t, "g")), glob(pattern.Draw(t, "o")), text.Draw(t, "s")
		if got, want := g.matches(s), slow(string(g), s); got != want {
			t.Fatalf("%q matches %q: %t", g, s, got)
		}
		if g.covers(o) && o.matches(s) && !g.matches(s) {
			t.Fatalf("%q covers %q, but not %q", g, o, s)
		}
		if !o.matches(o.sample()) {
			t.Fatalf("%q does not match its sample", o)
		}
	})
}

func facts(found ...finding.Finding) *fact.Facts {
	return &fact.Facts{
		Message: fact.Message{From: []fact.Mailbox{{Local: "Taro", Domain: "mail.example.com", Address: "Taro@mail.example.com"}}},
		Proof:   fact.Proof{FromDomain: "mail.example.com", FromOrg: "example.com", Aligned: true},
		Found:   found,
	}
}

var posing = finding.Finding{Name: finding.Impersonation, Brand: "rakuten", Why: "x"}
var leaving = finding.Finding{Name: finding.LinksLeaveBrand, Brand: "rakuten", Why: "y"}

// TestExceptions: an entry has an effect where all of its conditions are true, and
// only until its last day.
func TestExceptions(t *testing.T) {
	unproved := func() *fact.Facts { f := facts(posing, leaving); f.Proof.Aligned = false; return f }
	for name, tc := range map[string]struct {
		entry string
		rcpt  string
		facts *fact.Facts
		want  string // verdict, points, by, lifted
	}{
		"nothing":                        {"", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"a sender":                       {"allow: {sender: example.com}", "a@x.jp", facts(posing, leaving), "accept 0  [impersonation links-leave-brand]"},
		"an address":                     {"allow: {sender: taro@mail.example.com}", "a@x.jp", facts(posing, leaving), "accept 0  [impersonation links-leave-brand]"},
		"another address":                {"allow: {sender: jiro@mail.example.com}", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"an address of the organisation": {"allow: {sender: taro@example.com}", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"an unproved sender":             {"allow: {sender: example.com}", "a@x.jp", unproved(), "quarantine 9 impersonation []"},
		"another sender":                 {"allow: {sender: ample.com}", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"a finding":                      {"allow: {sender: example.com, finding: [links-leave-brand]}", "a@x.jp", facts(posing, leaving), "tag 6 impersonation [links-leave-brand]"},
		"a brand":                        {"allow: {brand: rakuten}", "a@x.jp", facts(posing, leaving), "accept 0  [impersonation links-leave-brand]"},
		"another brand":                  {"allow: {brand: amazon}", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"a mailbox":                      {"allow: {recipient: [sales-*]}", "Sales-1@x.jp", facts(posing, leaving), "accept 0  [impersonation links-leave-brand]"},
		"another mailbox":                {"allow: {recipient: [sales-*]}", "info@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
		"denied":                         {"deny: {sender: example.com}\n    verdict: reject", "a@x.jp", facts(), "reject 0 exception []"},
		"denied, and found":              {"deny: {sender: example.com, finding: [impersonation]}\n    verdict: reject", "a@x.jp", facts(posing), "reject 6 exception []"},
		"denied, and not found":          {"deny: {sender: example.com, finding: [lure]}\n    verdict: reject", "a@x.jp", facts(posing), "tag 6 impersonation []"},
		"denied more mildly":             {"deny: {sender: example.com}\n    verdict: tag", "a@x.jp", facts(posing, leaving), "quarantine 9 impersonation []"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "exceptions: []\n"
			if tc.entry != "" {
				text = "exceptions:\n  - " + tc.entry + "\n    owner: me\n    reason: because\n    created: 2026-06-01\n    expires: 2026-06-30\n"
			}
			set := load(t, map[string]string{"x.jp.yaml": text})
			d := set.Hear(tc.facts, june).For(tc.rcpt)
			lifted := []finding.Name{}
			for _, u := range d.Exceptions {
				lifted = append(lifted, u.Lifted...)
				if u.Where != "policies/x.jp.yaml:2" || len(u.ID) != 8 {
					t.Errorf("%+v", u)
				}
			}
			if got := fmt.Sprintf("%s %d %s %v", d.Verdict, d.Points, d.By, lifted); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			if before := set.Hear(tc.facts, june.AddDate(0, 1, 0)).For(tc.rcpt); len(before.Exceptions) > 0 {
				t.Error("an expired exception has an effect")
			}
		})
	}
}

// TestExceptionsAddUp: those of the default hold for a domain with its own, and
// the list tells each once, with its id unchanged by a move.
func TestExceptionsAddUp(t *testing.T) {
	entry := func(sender string) string {
		return "  - allow: {sender: " + sender + "}\n    owner: me\n    reason: because\n    created: 2026-06-01\n    expires: 2026-06-30\n"
	}
	set := load(t, map[string]string{
		"default.yaml":  "exceptions:\n" + entry("a.example"),
		"groups/g.yaml": "domains: [listed.jp]\nexceptions:\n" + entry("b.example"),
		"x.jp.yaml":     "group: g\nexceptions:\n" + entry("c.example"),
		"y.jp.yaml":     "# nothing\n",
	})
	for domain, n := range map[string]int{"x.jp": 3, "y.jp": 1, "listed.jp": 2, "other.jp": 1} {
		if got := len(set.For("a@" + domain).Exceptions); got != n {
			t.Errorf("%s has %d exceptions, want %d", domain, got, n)
		}
	}
	var got []string
	var moved string
	for _, e := range set.Exceptions(june) {
		got = append(got, e.Policy+" "+e.Where+" "+e.Text)
		if e.Policy == "x.jp" {
			moved = e.ID
		}
	}
	want := []string{
		"groups/g groups/g.yaml:3 allow: {sender: b.example}",
		"default policies/default.yaml:2 allow: {sender: a.example}",
		"x.jp policies/x.jp.yaml:3 allow: {sender: c.example}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	again := load(t, map[string]string{"x.jp.yaml": "# moved\n\n\nexceptions:\n" + entry("c.example")}).Exceptions(june)
	if len(again) != 1 || again[0].ID != moved {
		t.Errorf("moved from %s to %+v", moved, again)
	}
	if other := load(t, map[string]string{"y.jp.yaml": "exceptions:\n" + entry("c.example")}).Exceptions(june); other[0].ID == moved {
		t.Error("two domains' exceptions have one id")
	}
}

// TestObserve: a policy that observes delivers, and tells what it would have done.
func TestObserve(t *testing.T) {
	d := load(t, map[string]string{"x.jp.yaml": "mode: observe\n"}).Hear(facts(posing, leaving), june).For("a@x.jp")
	if d.Verdict != Accept || d.Observed != Quarantine || d.Points != 9 || d.By != finding.Impersonation || d.Where == "" {
		t.Errorf("%+v", d)
	}
	if d := embedded(t).Hear(facts(posing, leaving), june).For("a@x.jp"); d.Observed != "" {
		t.Errorf("%+v", d)
	}
}

// TestBrands: findings about a brand that is off or observed weigh nothing; those
// about no brand or another one do.
func TestBrands(t *testing.T) {
	set := load(t, map[string]string{
		"default.yaml": "brands: {rakuten: off, amazon: observe}\n",
		"x.jp.yaml":    "brands: {rakuten: on}\n",
	})
	other := finding.Finding{Name: finding.SpoofedBrand, Brand: "amazon"}
	for rcpt, want := range map[string]string{"a@y.jp": "accept 1 spoofed-brand=0 no-auth=1", "a@x.jp": "tag 7 impersonation=6 spoofed-brand=0 no-auth=1"} {
		d := set.Hear(facts(posing, other, finding.Finding{Name: finding.NoAuth}), june).For(rcpt)
		got := fmt.Sprintf("%s %d", d.Verdict, d.Points)
		for _, s := range d.Scores {
			got += fmt.Sprintf(" %s=%d", s.Finding.Name, s.Points)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", rcpt, got, want)
		}
	}
	named := map[string]bool{}
	for n := range set.Brands() {
		named[n.Brand] = true
	}
	if !named["rakuten"] || !named["amazon"] || len(named) != 2 {
		t.Errorf("%v", named)
	}
}

// TestFailDNSObserve: what would be held on half the facts is tagged.
func TestFailDNSObserve(t *testing.T) {
	set := load(t, map[string]string{"x.jp.yaml": "fail: {dns: observe, overload: continue}\n"})
	d := set.Hear(facts(posing, leaving, finding.Finding{Name: finding.AuthTempError}), june).For("a@x.jp")
	if d.Verdict != Tag || d.By != finding.AuthTempError || d.Where != "policies/x.jp.yaml:1" {
		t.Errorf("%+v", d)
	}
	if set.For("a@x.jp").OnOverload() != OverloadContinue || set.Default().OnOverload() != OverloadTempfail {
		t.Error("overload")
	}
}

// TestAccessors: what a file says is what the rest of the house hears.
func TestAccessors(t *testing.T) {
	p := load(t, map[string]string{"x.jp.yaml": "tag: {banner: both}\nquarantine: {keep: 7d, release: [admin]}\nreply: {en: Call us, ja: お電話ください}\n"}).For("a@x.jp")
	en, ja := p.Reply()
	if p.Banner() != BothBanner || p.Keep().Hours() != 168 || len(p.Release()) != 1 || en != "Call us" || ja != "お電話ください" {
		t.Errorf("%v %v %v %q %q", p.Banner(), p.Keep(), p.Release(), en, ja)
	}
	if d := embedded(t).Default(); d.Keep().Hours() != 720 || len(d.Release()) != 3 || d.Banner() != NoBanner {
		t.Errorf("%v %v", d.Keep(), d.Release())
	}
}

// TestLayerLimits: each limit of a file holds at its number and not one past it.
func TestLayerLimits(t *testing.T) {
	repeat := func(head, line string, n int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	chain := func(n int) map[string]string {
		files := map[string]string{"groups/g0.yaml": ""}
		for i := 1; i <= n; i++ {
			files[fmt.Sprintf("groups/g%d.yaml", i)] = fmt.Sprintf("group: g%d\n", i-1)
		}
		return files
	}
	one := func(text string) map[string]string { return map[string]string{"x.jp.yaml": text} }
	for name, files := range map[string]func(past int) map[string]string{
		"depth of groups": func(past int) map[string]string { return chain(maxDepth - 1 + past) },
		"domains": func(past int) map[string]string {
			return map[string]string{"groups/g.yaml": repeat("domains:\n", "  - d%d.jp\n", maxDomains+past)}
		},
		"mailboxes": func(past int) map[string]string {
			return one(repeat("mailboxes:\n", "  - {match: [m%d], mode: observe}\n", maxMailboxes+past))
		},
		"exceptions": func(past int) map[string]string {
			return one(repeat("exceptions:\n", "  - {allow: {brand: b%d}, owner: o, reason: r, created: 2026-06-01, expires: 2026-06-30}\n", maxExceptions+past))
		},
		"brands": func(past int) map[string]string { return one(repeat("brands:\n", "  b%d: off\n", maxBrands+past)) },
		"a pattern": func(past int) map[string]string {
			return one("mailboxes: [{match: [" + strings.Repeat("x", maxGlob+past) + "]}]\n")
		},
		"a brand's id": func(past int) map[string]string {
			return one("brands: {" + strings.Repeat("x", maxBrandID+past) + ": off}\n")
		},
		"a group's name": func(past int) map[string]string {
			return map[string]string{"groups/" + strings.Repeat("x", maxGroupName+past) + ".yaml": ""}
		},
		"a reply": func(past int) map[string]string {
			return one("reply: {en: " + strings.Repeat("x", maxReply+past) + "}\n")
		},
		"days": func(past int) map[string]string {
			return one(fmt.Sprintf("quarantine: {keep: %dd}\n", maxKeepDays+past))
		},
	} {
		for past, good := range []bool{true, false} {
			if _, err := Load(directory(t, files(past))); good != (err == nil) {
				t.Errorf("%s, %d past the limit: %v", name, past, err)
			}
		}
	}
}
