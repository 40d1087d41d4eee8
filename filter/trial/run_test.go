package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/gate"
	"sekisho/policy"
	"sekisho/policy/strictyaml"
)

// now is when tests without a day are judged.
var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// kaisha is a policy with everything that a test can look at.
const kaisha = `thresholds: {quarantine: 6}
findings: {readings-differ: off}
exceptions:
- {allow: {sender: crm.test, finding: [impersonation]}, owner: me, reason: r, created: 2026-01-01, expires: 2026-12-31}
- {deny: {sender: shop.test}, verdict: reject, owner: me, reason: r, created: 2026-01-01, expires: 2026-12-31}
forwarders:
- {networks: [192.0.2.0/24], name: alumni.test, reason: r, expires: 2026-12-31}
- {arc_sealer: sealer.test, reason: r, expires: 2026-12-31}
mailboxes:
- {match: [abuse], mode: observe}
`

// builtIn is the set without any files.
var builtIn = sync.OnceValues(func() (*gate.Set, error) { return gate.LoadSet(1, "", nil) })

// load is the set of a policy directory, and the built-in brands.
func load(t testing.TB, dir string) *gate.Set {
	t.Helper()
	set, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	policies, err := policy.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &gate.Set{Generation: 1, Policies: policies, Brands: set.Brands, Claims: set.Claims}
}

// report runs tests against the policy.
func report(t testing.TB, tests string, day time.Time) *Report {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "policies")
	if err := os.MkdirAll(filepath.Join(dir, Folder), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"kaisha.test.yaml": kaisha, "tests/a.yaml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := load(t, dir)
	suite, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := suite.Run(t.Context(), set, day)
	for i := range r.Results {
		r.Results[i].Pos.File = "a.yaml"
	}
	return r
}

const claims = `  inline:
    From: 楽天市場 <info@st.mgu.ac.jp>
    Received: from mail.example by mx.alumni.test
    Subject: 【楽天】ご注文の確認
    text: ご注文ありがとうございます。
`

// TestProofs: what is stated about a message becomes what is proved.
func TestProofs(t *testing.T) {
	for name, tc := range map[string]struct{ lines, expect string }{
		"nobody looked": {claims, "{verdict: quarantine, by: unproved-claim, not: [no-auth, impersonation]}"},
		"a field": {"  inline: |\n    Authentication-Results: mx.test; spf=pass smtp.mailfrom=st.mgu.ac.jp\n    From: =?utf-8?B?5qW95aSp5biC5aC0?= <info@st.mgu.ac.jp>\n\n    x\n  proof: header\n",
			"{verdict: quarantine, by: impersonation, findings: [implausible-sender]}"},
		"a field that is not to be believed": {"  inline: |\n    Authentication-Results: mx.test; spf=pass smtp.mailfrom=st.mgu.ac.jp\n    From: =?utf-8?B?5qW95aSp5biC5aC0?= <info@st.mgu.ac.jp>\n\n    x\n  proof: {dmarc: none}\n",
			"{verdict: quarantine, by: unproved-claim, findings: [no-auth]}"},
		"SPF of the sender":    {claims + "  envelope: {sender: a@st.mgu.ac.jp}\n  proof: {spf: pass}\n", "{verdict: quarantine, by: impersonation}"},
		"SPF of the host":      {claims + "  envelope: {helo: mx.mgu.ac.jp}\n  proof: {spf: pass}\n", "{verdict: quarantine, by: impersonation, not: [no-auth]}"},
		"SPF of somebody else": {claims + "  envelope: {sender: a@mailer.test}\n  proof: {spf: pass, dmarc: fail}\n", "{verdict: quarantine, by: impersonation, findings: [dmarc-fail]}"},
		"SPF fails":            {claims + "  envelope: {sender: a@st.mgu.ac.jp}\n  proof: {spf: fail}\n", "{verdict: quarantine, findings: [unproved-claim, spf-fail, no-auth]}"},
		"signature":            {claims + "  proof: {dkim: [st.mgu.ac.jp]}\n", "{verdict: quarantine, by: impersonation}"},
		"signature, broken":    {claims + "  proof: {dkim: [{domain: st.mgu.ac.jp, result: fail}]}\n", "{verdict: quarantine, findings: [dkim-fail, unproved-claim]}"},
		"signature, later":     {claims + "  proof: {dkim: [{domain: st.mgu.ac.jp, result: temperror}]}\n", "{verdict: tempfail, by: auth-temperror}"},
		"DMARC":                {claims + "  proof: {dmarc: pass}\n", "{verdict: quarantine, by: impersonation, not: [no-auth]}"},
		"DMARC fails":          {claims + "  proof: {dmarc: {result: fail, policy: quarantine}}\n", "{verdict: quarantine, by: dmarc-quarantine}"},
		"no reverse name":      {claims + "  proof: {dkim: [st.mgu.ac.jp], iprev: fail}\n", "{verdict: quarantine, findings: [no-reverse-dns]}"},
		"forwarded": {greetingFrom("author.test") + "  envelope: {client: 192.0.2.7, client_name: mx.alumni.test, sender: a@author.test}\n  proof: {spf: fail, dmarc: {result: fail, policy: reject}, iprev: pass}\n",
			"{verdict: accept, findings: [forwarded], not: [dmarc-reject]}"},
		"forwarded by another name": {greetingFrom("author.test") + "  envelope: {client: 192.0.2.7, client_name: mx.alumni.test, sender: a@author.test}\n  proof: {spf: fail, dmarc: {result: fail, policy: reject}, iprev: fail}\n",
			"{verdict: reject, by: dmarc-reject}"},
		"sealed":                {greetingFrom("author.test") + "  proof: {dmarc: {result: fail, policy: reject}, seals: [{domain: sealer.test, author: true}]}\n", "{verdict: accept, findings: [forwarded]}"},
		"sealed without a word": {greetingFrom("author.test") + "  proof: {dmarc: {result: fail, policy: reject}, seals: [{domain: sealer.test}]}\n", "{verdict: reject}"},
		"exception":             {strings.ReplaceAll(claims, "st.mgu.ac.jp", "crm.test") + "  proof: {dkim: [crm.test]}\n", "{verdict: accept, by: \"\", points: 0, not: [impersonation]}"},
		"denied":                {greetingFrom("shop.test") + "  proof: {dmarc: pass}\n", "{verdict: reject, by: exception}"},
		"many":                  {claims + "  envelope: {recipients: [a@kaisha.test" + strings.Repeat(", b@kaisha.test", 60) + "]}\n", "{verdict: quarantine, findings: [many-recipients]}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := report(t, one(tc.lines+"  expect: {a@kaisha.test: "+tc.expect+"}\n"), now).Err(false); err != nil {
				t.Error(err)
			}
		})
	}
}

func greetingFrom(domain string) string {
	return "  inline: {From: a@" + domain + ", Received: from a.test by mx.alumni.test, Subject: hello, text: Hello.}\n"
}

// TestContradiction: what can't be is told, and not judged.
func TestContradiction(t *testing.T) {
	err := report(t, one(greetingFrom("a.test")+"  proof: {dkim: [a.test], dmarc: fail}\n"+accepted), now).Err(false)
	want := "a.yaml:2:9: the test fails: one\n    proof: dkim passes for a.test, which is in alignment with From, so dmarc can't fail"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// failing are tests of which each differs in another thing.
const failing = `tests:
- name: passes
  facts: {found: [{name: impersonation}, {name: readings-differ}, {name: spf-softfail}]}
  expect:
    a@kaisha.test: {verdict: quarantine, by: impersonation, points: 6, policy: kaisha.test, findings: [impersonation]}
    abuse@kaisha.test: {verdict: accept, observed: quarantine}
    a@other.test: {verdict: tag, observed: tag}
    "": {verdict: tag, policy: default}
- name: fails
  facts: {found: [{name: impersonation}, {name: readings-differ}, {name: spf-softfail}]}
  expect:
    a@kaisha.test: {verdict: tag, by: "", points: 7, policy: default, findings: [lure, rule:own], not: [spf-softfail]}
    abuse@kaisha.test: {verdict: accept, observed: reject}
    a@other.test: {verdict: tag}
    "": {verdict: accept, by: lure}
- name: fails from the new year on
  facts: {proof: {from_domain: crm.test, aligned: true}, found: [{name: impersonation}]}
  expect: {a@kaisha.test: {verdict: accept}}
- name: says its day
  facts: {proof: {from_domain: crm.test, aligned: true}, found: [{name: impersonation}]}
  at: 2026-12-31
  expect: {a@kaisha.test: {verdict: accept}}
`

// TestReport: what fails is told with what was expected, what came instead and the
// line that decided.
func TestReport(t *testing.T) {
	r := report(t, failing, now.AddDate(0, 2, 0))
	if passed, expired, failed := r.Count(); passed != 2 || expired != 1 || failed != 1 {
		t.Errorf("%d passed, %d expired, %d failed", passed, expired, failed)
	}
	var text, all, lines bytes.Buffer
	if err := errors.Join(r.WriteText(&text, false), r.WriteText(&all, true), r.WriteJSON(&lines)); err != nil {
		t.Fatal(err)
	}
	const first = `the test fails: fails
    for a@kaisha.test
      verdict   expected tag, got quarantine
      by        expected nothing, got impersonation
      points    expected 7, got 6
      policy    expected default, got kaisha.test
      finding   expected lure, got not found
      finding   expected rule:own, got not found
      finding   expected no spf-softfail, got found
      decided   quarantine by impersonation, policies/kaisha.test.yaml:1, 6 points, policy kaisha.test
      findings  impersonation +6, readings-differ (off), spf-softfail (observed)
    for abuse@kaisha.test
      observed  expected reject, got quarantine
      decided   accept (would be quarantine) by impersonation, policies/kaisha.test.yaml:1, 6 points, policy kaisha.test
      findings  impersonation +6, readings-differ (off), spf-softfail (observed)
    for (any recipient)
      verdict   expected accept, got tag
      by        expected lure, got impersonation
      decided   tag by impersonation, built-in/default.yaml:15, 7 points, policy default
      findings  impersonation +6, readings-differ +1, spf-softfail (observed)`
	const second = `the test fails: fails from the new year on
    it would pass if no forwarder and no exception had ended: give it a day (at), or take it out
    for a@kaisha.test
      verdict   expected accept, got quarantine
      decided   quarantine by impersonation, policies/kaisha.test.yaml:1, 6 points, policy kaisha.test
      findings  impersonation +6`
	want := "a.yaml:9: " + first + "\na.yaml:16: " + second + "\n4 tests, 2 failed (1 because an entry has ended)\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, line := range []string{
		"a.yaml:2: passes: passes\n    a@kaisha.test: quarantine by impersonation, policies/kaisha.test.yaml:1, 6 points, policy kaisha.test\n",
		"    a@kaisha.test: accept, 0 points, policy kaisha.test, exception policies/kaisha.test.yaml:4\n",
	} {
		if !strings.Contains(all.String(), line) {
			t.Errorf("not there: %s\n%s", line, all.String())
		}
	}
	err := r.Err(true)
	var failed *Failed
	if !errors.As(err, &failed) || err.Error() != "a.yaml:9:9: "+first {
		t.Errorf("%v", err)
	}
	if err := r.Err(false); len(strings.Split(err.Error(), "\n")) < 25 {
		t.Errorf("%v", err)
	}
	const object = `{"file":"a.yaml","line":16,"name":"fails from the new year on","ok":false,"expired":true,"recipients":[{"recipient":"a@kaisha.test",` +
		`"verdict":"quarantine","by":"impersonation","points":6,"policy":"kaisha.test","where":"policies/kaisha.test.yaml:1","findings":["impersonation"],` +
		`"differences":[{"what":"verdict","want":"accept","got":"quarantine"}]}]}`
	if !strings.Contains(lines.String(), object+"\n") || strings.Count(lines.String(), "\n") != 4 {
		t.Errorf("%s", lines.String())
	}
}

// TestMuchFails: an error tells so many failures, and counts the others.
func TestMuchFails(t *testing.T) {
	var b strings.Builder
	b.WriteString("tests:\n")
	for i := range maxTold + 1 {
		fmt.Fprintf(&b, "- {name: %d, facts: {}, expect: {a@b.test: {verdict: tag}}}\n", i)
	}
	r := report(t, b.String(), now)
	var failed *strictyaml.Problems
	if err := r.Err(false); !errors.As(err, &failed) || len(failed.List) != maxTold || failed.More != 1 {
		t.Errorf("%v", err)
	}
	r.Results = r.Results[:maxTold]
	if err := r.Err(false); !errors.As(err, &failed) || len(failed.List) != maxTold || failed.More != 0 {
		t.Errorf("%v", err)
	}
}

// TestTime: what there is no time for counts as failed.
func TestTime(t *testing.T) {
	set, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load(directory(t, map[string]string{"a.yaml": one(greeting + accepted)}))
	if err != nil {
		t.Fatal(err)
	}
	if s.limit != maxTime {
		t.Errorf("limit %v", s.limit)
	}
	s.limit = 0
	r := s.Run(t.Context(), set, now)
	if err := r.Err(true); err == nil || err.Error() != "1 of 1 tests were not run: the time for all of them is 0s" {
		t.Errorf("%v", err)
	}
	s.limit = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, failed := s.Run(ctx, set, now).Count(); failed != 1 {
		t.Errorf("%d failed", failed)
	}
}

// BenchmarkRun judges the message of a small mail and the facts of one.
func BenchmarkRun(b *testing.B) {
	for name, lines := range map[string]string{
		"message": claims + "  proof: {dkim: [st.mgu.ac.jp]}\n",
		"facts":   "  facts: {proof: {from_domain: crm.test, aligned: true}, found: [{name: impersonation}]}\n",
	} {
		b.Run(name, func(b *testing.B) {
			set, err := builtIn()
			if err != nil {
				b.Fatal(err)
			}
			s, err := Load(directory(b, map[string]string{"a.yaml": one(lines + "  expect: {a@kaisha.test: {verdict: tag}}\n")}))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s.Run(b.Context(), set, now)
			}
		})
	}
}

// BenchmarkThousand is what a start or a reload pays for 1,000 tests: to read
// them from one file each of 100, and to judge their messages for two recipients.
func BenchmarkThousand(b *testing.B) {
	files := map[string]string{}
	for i := range 10 {
		var text strings.Builder
		text.WriteString("tests:\n")
		for j := range 100 {
			text.WriteString(strings.Replace(strings.TrimPrefix(one(claims), "tests:\n"), "one", fmt.Sprint(j), 1) +
				"  proof: {dkim: [st.mgu.ac.jp]}\n  expect: {a@kaisha.test: {verdict: quarantine}, b@other.test: {verdict: quarantine}}\n")
		}
		files[fmt.Sprintf("%d.yaml", i)] = text.String()
	}
	dir := directory(b, files)
	set, err := builtIn()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Load(dir)
		if err != nil || s.Len() != 1000 {
			b.Fatal(err)
		}
		if err := s.Run(b.Context(), set, now).Err(false); err != nil {
			b.Fatal(err)
		}
	}
}
