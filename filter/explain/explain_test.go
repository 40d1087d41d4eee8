package explain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/explain"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
)

var update = flag.Bool("update", false, "rewrite the accounts in testdata; read the diff before you commit")

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// vault takes everything.
type vault struct{}

func (vault) PutAll(_ context.Context, entries ...quarantine.Entry) ([]string, error) {
	return slices.Repeat([]string{"20260615-ENTRY"}, len(entries)), nil
}

// ones make every trace the same.
type ones struct{}

func (ones) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// decided lets a gate judge messages, and returns what the journal has of them.
func decided(t *testing.T, set *gate.Set, persons bool, list ...cases.Case) []*journal.Record {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	j := journal.New(journal.Options{Dir: dir, Keep: 100 * 365 * 24 * time.Hour, MaxBytes: 1 << 30, Persons: persons})
	for _, c := range list {
		resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, c.Zone)}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(resolver.Close)
		c.Envelope.QueueID = "4cTEST"
		if len(c.Envelope.Recipients) == 0 {
			c.Envelope.Recipients = []string{"hanako@kaisha.test"}
		}
		gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: proof.NewChecker(resolver, proof.Options{}).Check, Store: vault{},
			Recorder: j, Clock: func() time.Time { return noon }, Random: ones{}}).Judge(t.Context(), c.Envelope, c.Header, c.Body)
	}
	journaltest.Flush(j)
	r, err := journal.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	var all []*journal.Record
	for rec, err := range r.Records(t.Context(), journal.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

func builtIn(t *testing.T, files map[string]string) *gate.Set {
	t.Helper()
	dir := ""
	if files != nil {
		dir = filepath.Join(t.TempDir(), "policies")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := gate.LoadSet(1, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func account(t *testing.T, set *gate.Set, rec *journal.Record) *explain.Account {
	t.Helper()
	a, err := explain.Judge{Policies: set.Policies, Brands: set.Brands}.Of(rec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestStories: every case of the stories, told in each language, from its record
// alone; and the record reproduces its verdict.
func TestStories(t *testing.T) {
	set := builtIn(t, nil)
	for _, c := range cases.Load(t, "story-") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			rec := decided(t, set, true, c)[0]
			rec.Took, rec.Stages = 4200*time.Microsecond, map[record.Stage]time.Duration{
				record.StageRead: 300 * time.Microsecond, record.StageProof: 3 * time.Millisecond, record.StageClaim: time.Millisecond, record.StageJudge: 100 * time.Microsecond,
			}
			a := account(t, set, rec)
			for _, o := range a.Outcomes {
				if !a.Same || !o.Reproduced {
					t.Errorf("%v: was %+v, is %+v", o.Recipients, o.Was, o.Is)
				}
			}
			for _, l := range explain.Languages() {
				var out bytes.Buffer
				if err := a.Write(&out, l); err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", c.Name+"."+string(l)+".txt"), out.String())
			}
		})
	}
}

// line is where a line of the built-in policy stands: it moves with every edit
// above it. TestPolicies looks at lines.
var line = regexp.MustCompile(`(built-in/default\.yaml):\d+`)

func golden(t *testing.T, path, got string) {
	t.Helper()
	got = line.ReplaceAllString(got, "$1:N")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-file +told)\n%s", path, diff)
	}
}

// TestSuppositionsHold: what is said to bring another verdict is held against an
// independent decision: the same findings, less those named, by the same policy.
func TestSuppositionsHold(t *testing.T) {
	t.Parallel()
	set := builtIn(t, nil)
	held := 0
	for _, rec := range decided(t, set, true, cases.Load(t, "")...) {
		a := account(t, set, rec)
		for _, o := range a.Outcomes {
			for _, i := range o.Ifs {
				if i.Kind != explain.IfFinding && i.Kind != explain.IfException {
					continue
				}
				var left []finding.Finding
				for _, f := range a.Facts.Found {
					if !slices.Contains(i.Findings, f.Name) {
						left = append(left, f)
					}
				}
				if d := set.Policies.Default().Decide(left); d.Verdict != i.Verdict {
					t.Errorf("%s without %v: %s, told %s", rec.MessageID, i.Findings, d.Verdict, i.Verdict)
				}
				if i.Verdict == o.Is.Verdict {
					t.Errorf("%s: %v changes nothing", rec.MessageID, i.Findings)
				}
				held++
			}
		}
	}
	if held == 0 {
		t.Error("nothing was supposed")
	}
}

// TestExceptionHolds: the entry that is proposed is one that a policy file takes,
// and with it the verdict is the one that was told.
func TestExceptionHolds(t *testing.T) {
	t.Parallel()
	set, c := builtIn(t, nil), cases.Load(t, "story-a-")[0]
	rec := decided(t, set, true, c)[0]
	var proposed *explain.If
	for _, i := range account(t, set, rec).Outcomes[0].Ifs {
		if i.Kind == explain.IfException {
			proposed = &i
		}
	}
	if proposed == nil {
		t.Fatal("no exception is proposed")
	}
	with := builtIn(t, map[string]string{"default.yaml": "exceptions:\n- " + proposed.Text + "\n  owner: a\n  reason: b\n  created: 2026-06-01\n  expires: 2026-06-30\n"})
	a := account(t, with, rec)
	if o := a.Outcomes[0]; a.Same || o.Reproduced || o.Is.Verdict != proposed.Verdict || o.Is.Verdict != policy.Accept {
		t.Errorf("%+v with %s", o.Is, proposed.Text)
	}
}

// TestPolicies: what only some policies have is told too.
func TestPolicies(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"watch.test.yaml": "mode: observe\n",
		"deny.test.yaml":  "exceptions:\n- {deny: {recipient: [boss]}, verdict: reject, owner: a, reason: b, created: 2026-06-01, expires: 2026-06-30}\n",
		"rule.test.yaml":  "rules:\n  own:\n    when: '\"rakuten\" in claim.brands'\n    points: 3\n    why: ours\n",
	}
	set, c := builtIn(t, files), cases.Load(t, "story-a-")[0]
	c.Envelope.Recipients = []string{"a@watch.test", "boss@deny.test", "a@rule.test", "b@rule.test"}
	a := account(t, set, decided(t, set, true, c)[0])
	if len(a.Outcomes) != 3 || len(a.Outcomes[2].Recipients) != 2 || a.Verdict != policy.Reject {
		t.Fatalf("%+v", a.Outcomes)
	}
	for n, want := range []explain.If{
		{Kind: explain.IfEnforced, Verdict: policy.Quarantine},
		{Kind: explain.IfNoDeny, Where: "policies/deny.test.yaml:2", Verdict: policy.Quarantine},
	} {
		if diff := cmp.Diff(want, a.Outcomes[n].Ifs[0]); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	for _, l := range explain.Languages() {
		var out bytes.Buffer
		if err := a.Write(&out, l); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"rule:own", "policies/rule.test.yaml:2", "policies/deny.test.yaml:2", "mode: enforce"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
	}
}

// TestLimits: outcomes and addresses are told up to their limits and counted past
// them.
func TestLimits(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	c := cases.Load(t, "story-a-")[0]
	c.Envelope.Recipients = nil
	for i := range 21 {
		name := string(rune('a'+i)) + ".test"
		files[name+".yaml"] = "thresholds: {tag: 1}\n"
		c.Envelope.Recipients = append(c.Envelope.Recipients, "x@"+name)
	}
	for range 10 {
		c.Envelope.Recipients = append(c.Envelope.Recipients, "y@a.test")
	}
	set := builtIn(t, files)
	spoofed := cases.Load(t, "story-e-")[0] // the exception that is proposed names the recipient
	spoofed.Envelope.Recipients = []string{"x@kaisha.test", "y@kaisha.test"}
	if a := account(t, set, decided(t, set, true, spoofed)[0]); len(a.Outcomes) != 1 || len(a.Outcomes[0].Recipients) != 2 {
		t.Errorf("%+v", a.Outcomes)
	}
	a := account(t, set, decided(t, set, true, c)[0])
	if len(a.Outcomes) != 20 || a.More != 1 || len(a.Outcomes[0].Recipients) != 10 || a.Outcomes[0].More != 1 {
		t.Errorf("%d outcomes and %d more, %d recipients and %d more", len(a.Outcomes), a.More, len(a.Outcomes[0].Recipients), a.Outcomes[0].More)
	}
}

// TestWithoutPersons: a record without persons is told with what it has.
func TestWithoutPersons(t *testing.T) {
	t.Parallel()
	set := builtIn(t, nil)
	for n, rec := range decided(t, set, false, cases.Load(t, "story-")...) {
		rec.Took, rec.Stages = 0, nil
		a := account(t, set, rec)
		for _, l := range explain.Languages() {
			var out bytes.Buffer
			if err := a.Write(&out, l); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				golden(t, filepath.Join("testdata", "without-persons."+string(l)+".txt"), out.String())
			}
		}
		var out bytes.Buffer
		if err := a.Write(&out, explain.English); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "recorded without what people wrote") || strings.Contains(out.String(), "hanako") {
			t.Errorf("%s", out.String())
		}
		for _, o := range a.Outcomes {
			for _, i := range o.Ifs {
				if i.Kind == explain.IfException && !a.Facts.Proof.Aligned {
					t.Errorf("an exception for everybody: %s", i.Text)
				}
			}
		}
	}
}

// TestHostileText: what a sender wrote moves no cursor and begins no line.
func TestHostileText(t *testing.T) {
	t.Parallel()
	set := builtIn(t, nil)
	h, body, err := mail.ReadFile(strings.NewReader("From: =?utf-8?q?a=1b[2Jb=0Ac?= <a@b.test>\nSubject: =?utf-8?q?x=E2=80=AEy=0Averdict_accept?=\n\nx\n"))
	if err != nil {
		t.Fatal(err)
	}
	rec := decided(t, set, true, cases.Case{Header: h, Body: body, Zone: "b.test. TXT \"v=spf1 -all\"\n"})[0]
	var out bytes.Buffer
	if err := account(t, set, rec).Write(&out, explain.English); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") || strings.Contains(out.String(), "\nverdict accept") {
		t.Errorf("%q", out.String())
	}
}

// TestJSON: an account is one object that can be read again.
func TestJSON(t *testing.T) {
	t.Parallel()
	set := builtIn(t, nil)
	a := account(t, set, decided(t, set, true, cases.Load(t, "story-e-")[0])[0])
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back explain.Account
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Reply != act.Reject || back.Outcomes[0].Was != a.Outcomes[0].Was {
		t.Errorf("%s", text)
	}
}
