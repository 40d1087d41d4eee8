package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sekisho/filter/finding"
)

// found makes findings of names.
func found(names ...finding.Name) []finding.Finding {
	findings := make([]finding.Finding, len(names))
	for i, name := range names {
		findings[i] = finding.Finding{Name: name}
	}
	return findings
}

// whereBuiltIn is the place of the line of the built-in default that starts with
// text.
func whereBuiltIn(t *testing.T, text string) string {
	t.Helper()
	for i, line := range strings.Split(BuiltIn(), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), text) {
			return fmt.Sprintf("%s:%d", builtInFile, i+1)
		}
	}
	t.Fatalf("no line %q in the built-in default", text)
	return ""
}

func TestDefaultDecides(t *testing.T) {
	p := embedded(t).Default()
	for name, tc := range map[string]struct {
		findings []finding.Name
		verdict  Verdict
		points   int
		by       finding.Name
		line     string // of default.yaml
	}{
		"nothing found":                {nil, Accept, 0, "", ""},
		"a forwarder":                  {[]finding.Name{finding.SPFFail, finding.DKIMFail, finding.DMARCFail}, Accept, 2, "", ""},
		"authenticated impersonation":  {[]finding.Name{finding.Impersonation}, Tag, 6, finding.Impersonation, "tag: 4"},
		"with links elsewhere":         {[]finding.Name{finding.LinksLeaveBrand, finding.Impersonation}, Quarantine, 9, finding.Impersonation, "quarantine: 8"},
		"unproved, pressing, leaving":  {[]finding.Name{finding.UnprovedClaim, finding.Lure, finding.NoAuth}, Quarantine, 8, finding.UnprovedClaim, "quarantine: 8"},
		"a faint claim":                {[]finding.Name{finding.WeakClaim, finding.NoAuth}, Accept, 3, "", ""},
		"the domain asks to reject":    {[]finding.Name{finding.SpoofedBrand, finding.DMARCReject}, Reject, 14, finding.DMARCReject, "dmarc-reject:"},
		"the domain asks for junk":     {[]finding.Name{finding.DMARCQuarantine}, Quarantine, 8, finding.DMARCQuarantine, "dmarc-quarantine:"},
		"points never reject":          {[]finding.Name{finding.Impersonation, finding.Lure, finding.LinksLeaveBrand, finding.ImplausibleFrom, finding.LookalikeHost}, Quarantine, 16, finding.Impersonation, "quarantine: 8"},
		"no author":                    {[]finding.Name{finding.FromMissing}, Accept, 3, "", ""},
		"several authors":              {[]finding.Name{finding.FromSeveral}, Tag, 2, finding.FromSeveral, "from-several:"},
		"no author and a failed check": {[]finding.Name{finding.FromMissing, finding.SPFFail}, Tag, 4, finding.FromMissing, "tag: 4"},
		"DNS is silent":                {[]finding.Name{finding.AuthTempError}, Accept, 0, "", ""},
		"silent, and suspicious":       {[]finding.Name{finding.Impersonation, finding.AuthTempError}, Tag, 6, finding.Impersonation, "tag: 4"},
		"silent, would quarantine":     {[]finding.Name{finding.AuthTempError, finding.Impersonation, finding.Lure}, Tempfail, 8, finding.AuthTempError, "dns: tempfail"},
		"silent, would reject":         {[]finding.Name{finding.DMARCReject, finding.AuthTempError}, Tempfail, 8, finding.AuthTempError, "dns: tempfail"},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.Decide(found(tc.findings...))
			if len(got.Scores) != len(tc.findings) {
				t.Errorf("%d scores for %d findings", len(got.Scores), len(tc.findings))
			}
			got.Scores = nil
			want := Decision{Verdict: tc.verdict, Points: tc.points, Policy: "default", By: tc.by}
			if tc.line != "" {
				want.Where = whereBuiltIn(t, tc.line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestDomainDecides(t *testing.T) {
	set := load(t, map[string]string{"example.jp.yaml": `
thresholds:
  tag: off
  quarantine: 4
  reject: 10
findings:
  impersonation: {points: 4, action: quarantine}
  lure: off
  link-mismatch: observe
  no-auth: {action: tempfail}
  lookalike-host: {action: tag}
  dmarc-reject: {action: quarantine}
  auth-temperror: off
fail: {dns: continue}
`})
	p := set.For("a@example.jp")
	for name, tc := range map[string]struct {
		findings []finding.Name
		want     Decision
		scores   string
	}{
		"off and observe": {
			[]finding.Name{finding.Lure, finding.LinkMismatch, finding.WeakClaim},
			Decision{Verdict: Accept, Points: 2}, "link-mismatch 0 observe, weak-claim 2 points",
		},
		"the action is named where points say the same": {
			[]finding.Name{finding.Impersonation},
			Decision{Verdict: Quarantine, Points: 4, Where: "policies/example.jp.yaml:7", By: finding.Impersonation}, "impersonation 4 quarantine",
		},
		"points go beyond the action": {
			[]finding.Name{finding.Impersonation, finding.SpoofedBrand},
			Decision{Verdict: Reject, Points: 10, Where: "policies/example.jp.yaml:5", By: finding.SpoofedBrand}, "impersonation 4 quarantine, spoofed-brand 6 points",
		},
		"an action without points": {
			[]finding.Name{finding.LookalikeHost},
			Decision{Verdict: Tag, Where: "policies/example.jp.yaml:11", By: finding.LookalikeHost}, "lookalike-host 0 tag",
		},
		"tempfail is above reject": {
			[]finding.Name{finding.NoAuth, finding.SpoofedBrand, finding.Impersonation},
			Decision{Verdict: Tempfail, Points: 10, Where: "policies/example.jp.yaml:10", By: finding.NoAuth}, "no-auth 0 tempfail, spoofed-brand 6 points, impersonation 4 quarantine",
		},
		"DNS is silent and the policy goes on": {
			[]finding.Name{finding.DMARCReject, finding.AuthTempError},
			Decision{Verdict: Quarantine, Where: "policies/example.jp.yaml:12", By: finding.DMARCReject}, "dmarc-reject 0 quarantine",
		},
		"a finding nobody knows": {[]finding.Name{"new"}, Decision{Verdict: Accept}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.Decide(found(tc.findings...))
			var scores []string
			for _, s := range got.Scores {
				scores = append(scores, fmt.Sprintf("%s %d %s", s.Finding.Name, s.Points, s.Action))
			}
			if diff := cmp.Diff(tc.scores, strings.Join(scores, ", ")); diff != "" {
				t.Errorf("scores: -want +got\n%s", diff)
			}
			got.Scores = nil
			tc.want.Policy = "example.jp"
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A domain can tie every action to everything that authentication can find, and
// to an author that can't be read.
func TestProofIsSettable(t *testing.T) {
	names := []finding.Name{
		finding.DMARCReject, finding.DMARCQuarantine, finding.DMARCFail,
		finding.SPFFail, finding.SPFSoftFail, finding.SPFError,
		finding.DKIMFail, finding.DKIMPolicy, finding.DKIMUnaligned,
		finding.NoAuth, finding.NoReverseDNS, finding.AuthTempError, finding.Forwarded,
		finding.FromMissing, finding.FromSeveral, finding.FromMalformed,
	}
	for rule, want := range map[string]Decision{
		"off":                             {Verdict: Accept},
		"observe":                         {Verdict: Accept},
		"{points: 5}":                     {Verdict: Tag, Points: 5},
		"{action: tag}":                   {Verdict: Tag},
		"{action: quarantine}":            {Verdict: Quarantine},
		"{action: reject}":                {Verdict: Reject},
		"{action: tempfail}":              {Verdict: Tempfail},
		"{points: 9, action: quarantine}": {Verdict: Quarantine, Points: 9},
	} {
		text := "fail: {dns: continue}\nfindings:\n"
		for _, name := range names {
			text += fmt.Sprintf("  %s: %s\n", name, rule)
		}
		p := load(t, map[string]string{"example.jp.yaml": text}).For("a@example.jp")
		for _, name := range names {
			got := p.Decide(found(name))
			if got.Verdict != want.Verdict || got.Points != want.Points || got.Verdict != Accept && got.By != name {
				t.Errorf("%s: %s: %+v", name, rule, got)
			}
		}
	}
}

func TestVerdictOrder(t *testing.T) {
	all := Verdicts()
	for i, v := range all {
		for j, o := range all {
			if v.Worse(o) != (i > j) {
				t.Errorf("%s worse than %s: %t", v, o, v.Worse(o))
			}
		}
		if !v.Worse("") {
			t.Errorf("%s is not worse than no verdict", v)
		}
	}
}

// One more finding never makes a verdict milder, and the order of findings does
// not matter to it.
func TestMoreFindingsAreNotMilder(t *testing.T) {
	p := embedded(t).Default()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.Permutation(finding.Names()).Draw(t, "findings")
		n := rapid.IntRange(0, len(names)-1).Draw(t, "n")
		fewer, more := p.Decide(found(names[:n]...)), p.Decide(found(names[:n+1]...))
		// What was put off because it was not read in full may be tagged or held once
		// enough is known for that.
		putOff := fewer.By == finding.ChecksShed && more.Verdict != Accept
		if fewer.Verdict.Worse(more.Verdict) && !putOff || fewer.Points > more.Points {
			t.Fatalf("%v, then with %s %v", fewer, names[n], more)
		}
		again := p.Decide(found(rapid.Permutation(names[:n+1]).Draw(t, "again")...))
		if again.Verdict != more.Verdict || again.Points != more.Points {
			t.Fatalf("%v, in another order %v", more, again)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	p := embedded(b).Default()
	findings := found(finding.Names()[:20]...)
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(findings)
	}
}

func BenchmarkFor(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		p := embedded(b).Default()
		set := &Set{fallback: p, domains: make(map[string]*Policy, n)}
		for i := range n {
			set.domains[fmt.Sprintf("customer-%d.example.jp", i)] = p
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set.For("somebody@customer-7.example.jp")
			}
		})
	}
}
