package journal_test

import (
	"context"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/cases"
	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
)

var newFixture = flag.String("fixture", "", "make a journal of all cases in this folder, testdata/NAME; those that are there stay")

// fixtureLimit is the size that a fixture may have in bytes.
const fixtureLimit = 200 << 10

// TestReproduced judges each journal under testdata again. They were written by
// versions of this program, each with the policies that judged then beside it
// (default.yaml is the built-in one of that version, word for word): every verdict
// has to come about again, by the same points, finding and line.
func TestReproduced(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			live, err := policy.Load(filepath.Join(dir, "policies"))
			if err != nil {
				t.Fatal(err)
			}
			next, err := policy.Load(filepath.Join(dir, "next"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := journal.Open(t.Context(), copied(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			kinds := map[policy.Verdict]int{}
			for rec, err := range r.Records(t.Context(), journal.Range{}) {
				if err != nil {
					t.Fatal(err)
				}
				judgeAgain(t, rec, live, next)
				for _, rcpt := range rec.Recipients {
					kinds[rcpt.Verdict]++
				}
			}
			for _, v := range policy.Verdicts() {
				if kinds[v] == 0 {
					t.Errorf("the fixture has no %s", v)
				}
			}
		})
	}
}

func judgeAgain(t *testing.T, rec *journal.Record, live, next *policy.Set) {
	t.Helper()
	facts, err := rec.Facts()
	if err != nil {
		t.Fatal(err)
	}
	hearing, shadow := live.Hear(facts, rec.Time).Soften(rec.Softened()), next.Hear(facts, rec.Time)
	for _, was := range rec.Recipients {
		d, s := hearing.For(was.Address), shadow.For(was.Address)
		is := journal.Recipient{
			Address: was.Address, Outcome: journal.Outcome{Policy: d.Policy, Verdict: d.Verdict, Points: d.Points, By: d.By, Where: d.Where, Observed: d.Observed},
			Shadow:   journal.Outcome{Policy: s.Policy, Verdict: s.Verdict, Points: s.Points, By: s.By, Where: s.Where, Observed: s.Observed},
			Softened: d.Softened, Exceptions: d.Exceptions,
		}
		for _, f := range d.Findings {
			is.Findings = append(is.Findings, f.Name)
		}
		if f := d.Forwarder; f != nil {
			is.Forwarder = &record.LineForwarder{Kind: f.Kind, Domain: f.Domain, Where: f.Where, Reason: f.Reason}
		}
		if diff := cmp.Diff(was, is, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s for %s (-then +now)\n%s", rec.MessageID, was.Address, diff)
		}
	}
}

// copied copies a fixture's database: a reader may write beside it.
func copied(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := os.WriteFile(filepath.Join(to, "journal.db"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestMakeFixture makes a fixture, when it is asked to: all cases, for recipients
// of two domains, and what they do not have.
func TestMakeFixture(t *testing.T) {
	if *newFixture == "" {
		t.Skip("only with -fixture")
	}
	put := func(name, text string) {
		path := filepath.Join(*newFixture, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("policies/default.yaml", policy.BuiltIn())
	put("policies/gakko.test.yaml", "thresholds: {tag: 1, quarantine: 30, reject: off}\nfail: {dns: continue}\n"+
		"forwarders:\n- {networks: [192.0.2.0/24], name: alumni.test, reason: alumni, expires: 2026-06-30}\n"+
		"- {arc_sealer: sealer.test, reason: partner, expires: 2026-06-15}\n- {list_id: club.test, reason: club, expires: 2026-06-30}\n"+
		"exceptions:\n- allow: {sender: st.mgu.ac.jp, finding: [implausible-sender], recipient: [sensei]}\n  owner: a@gakko.test\n  reason: own school\n  created: 2026-06-01\n  expires: 2026-06-30\n")
	put("policies/mite.test.yaml", "mode: observe\n")
	put("next/default.yaml", policy.BuiltIn())
	put("next/kaisha.test.yaml", "thresholds: {quarantine: off, reject: 9}\n")
	set, err := gate.LoadSet(1, filepath.Join(*newFixture, "policies"), nil)
	if err != nil {
		t.Fatal(err)
	}
	next, err := policy.Load(filepath.Join(*newFixture, "next"))
	if err != nil {
		t.Fatal(err)
	}
	j := journal.New(journal.Options{Dir: *newFixture, Keep: 100 * 365 * 24 * time.Hour, MaxBytes: 1 << 30, Persons: true})
	judge := func(prove gate.Prover, now time.Time, env mail.Envelope, h mail.Header, body []byte) {
		env.Recipients = []string{"hanako@kaisha.test", "sensei@gakko.test", "a@mite.test"}
		g := gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: prove, Store: nowhere{}, Shadow: next, Recorder: j, Clock: func() time.Time { return now }})
		g.Judge(t.Context(), env, h, body)
	}
	for _, c := range cases.Load(t, "") {
		resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, c.Zone)}})
		if err != nil {
			t.Fatal(err)
		}
		judge(proof.NewChecker(resolver, proof.Options{}).Check, noon, c.Envelope, c.Header, c.Body)
		resolver.Close()
	}
	h, body, err := mail.ReadFile(strings.NewReader("Received: from a by b\nFrom: =?UTF-8?B?5bGx55Sw5aSq6YOO?= <taro@author.test>\nSubject: hello\nList-Id: <club.test>\nMessage-ID: <forwarded@author.test>\n\nHello.\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range forwarded() {
		for _, now := range []time.Time{noon, time.Date(2026, 6, 15, 23, 59, 59, 999999999, time.UTC), noon.AddDate(0, 0, 1), noon.AddDate(0, 1, 0)} {
			judge(func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return p(m) }, now, mail.Envelope{}, h, body)
		}
	}
	h, body, err = mail.ReadFile(strings.NewReader("From: =?UTF-8?B?5qW95aSp?= <taro@author.test>\nSubject: =?UTF-8?B?44CQ5qW95aSp44CR?=\nMessage-ID: <later@author.test>\n\nhttps://a.example/\n"))
	if err != nil {
		t.Fatal(err)
	}
	judge(func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof {
		p := proof.Unproved(m)
		p.Source, p.SPF.Result, p.DMARC.Result = proof.FromDNS, spf.TempError, dmarc.TempError
		return p
	}, noon, mail.Envelope{}, h, body)
	journaltest.Flush(j)
	execute(t, *newFixture, "PRAGMA wal_checkpoint(TRUNCATE)")
	execute(t, *newFixture, "VACUUM")
	execute(t, *newFixture, "PRAGMA journal_mode = DELETE")
	if info, err := os.Stat(filepath.Join(*newFixture, "journal.db")); err != nil || info.Size() > fixtureLimit {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
}

// nowhere is a quarantine that keeps nothing.
type nowhere struct{}

func (nowhere) PutAll(context.Context, ...quarantine.Entry) ([]string, error) {
	return []string{"entry"}, nil
}

// forwarded is what is proved about a message that came by each kind of forwarder.
func forwarded() []func(m *mail.Message) proof.Proof {
	failed := func(m *mail.Message) proof.Proof {
		p := proof.FromResults(m)
		p.Source = proof.FromDNS
		p.DMARC.Result, p.DMARC.Published, p.DMARC.Applied, p.SPF.Result = "fail", "reject", "reject", "fail"
		return p
	}
	return []func(m *mail.Message) proof.Proof{
		failed,
		func(m *mail.Message) proof.Proof {
			p := failed(m)
			p.Client = proof.Client{Addr: netip.MustParseAddr("192.0.2.7"), Name: "mx.alumni.test", Helo: "mx.alumni.test"}
			return p
		},
		func(m *mail.Message) proof.Proof {
			p := failed(m)
			p.ARC, p.Seals = "pass", []proof.Seal{{Domain: "sealer.test", Author: true}}
			return p
		},
		func(m *mail.Message) proof.Proof {
			p := failed(m)
			p.ARC, p.Seals = "temperror", []proof.Seal{{Domain: "sealer.test", Author: true}}
			return p
		},
	}
}

// TestFixtureHas: forwarders, exceptions and observed verdicts are in a fixture, or
// the test above would prove too little.
func TestFixtureHas(t *testing.T) {
	r, err := journal.Open(t.Context(), copied(t, "testdata/v1"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var kinds []finding.ForwarderKind
	exceptions, observed := 0, 0
	for rec, err := range r.Records(t.Context(), journal.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, rcpt := range rec.Recipients {
			exceptions += len(rcpt.Exceptions)
			if rcpt.Observed != "" {
				observed++
			}
			if f := rcpt.Forwarder; f != nil && !slices.Contains(kinds, f.Kind) {
				kinds = append(kinds, f.Kind)
			}
		}
	}
	for _, kind := range []finding.ForwarderKind{finding.ByNetwork, finding.BySealer} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no %s", kind)
		}
	}
	if exceptions == 0 || observed == 0 {
		t.Errorf("%d exceptions, %d observed", exceptions, observed)
	}
}
