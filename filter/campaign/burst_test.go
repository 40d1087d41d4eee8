package campaign_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sekisho/filter/campaign"
	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/filter/replay/letters"
	"sekisho/filter/suite"
	"sekisho/policy"
	"sekisho/policy/brand"
)

var (
	load    = flag.Int("load", 1000, "genuine and honest letters, each, that are mixed into bursts and watched alone")
	noon    = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	account = "en-13201@st.mgu.ac.jp"
)

// town is a gate with a watch, at a time that a test sets.
type town struct {
	*gate.Gate
	*campaign.Watch
	t   testing.TB
	now time.Time
	got *record.Decision // of the last message
}

func (s *town) Record(d *record.Decision) { s.got = d }

type vault struct{}

func (vault) PutAll(_ context.Context, entries ...quarantine.Entry) ([]string, error) {
	return make([]string, len(entries)), nil
}

func newTown(t testing.TB, file string, prove gate.Prover) *town {
	t.Helper()
	set, err := gate.LoadSet(1, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &town{t: t, now: noon}
	if s.Watch, err = campaign.Open(campaign.Options{File: file}); err != nil {
		t.Fatal(err)
	}
	if prove == nil {
		prove = func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.FromResults(m) }
	}
	s.Gate = gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: prove, Store: vault{}, Recorder: s, Campaigns: s.Watch, Clock: func() time.Time { return s.now }})
	return s
}

// deliver judges one message to so many recipients.
func (s *town) deliver(raw []byte, recipients int) *record.Decision {
	s.t.Helper()
	h, body, err := mail.ReadFile(bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	env := mail.Envelope{Sender: "a@b.test"}
	for i := range recipients {
		env.Recipients = append(env.Recipients, fmt.Sprintf("user%d@kaisha.test", i))
	}
	s.Judge(s.t.Context(), env, h, body)
	return s.got
}

// fake is a phishing message in a brand's name that was sent through an account.
func fake(from, site string, n int) []byte {
	domain := from[bytes.LastIndexByte([]byte(from), '@')+1:]
	return fmt.Appendf(nil, `Authentication-Results: mx.kaisha.test; spf=pass smtp.mailfrom=%[2]s; dkim=pass header.d=%[2]s; dmarc=pass header.from=%[2]s
From: "楽天" <%[1]s>
Subject: 【楽天】アカウントは停止されています %[4]d
Message-ID: <%[4]d@%[2]s>
Content-Type: text/plain; charset=utf-8

楽天会員様 (お客様番号 %[4]d)

お客様のアカウントは、第三者による不正なログインが確認されたため停止されています。
24時間以内に下記より情報を確認してください。確認がない場合、アカウントは完全に停止されます。
https://login%[4]d.%[3]s/confirm

楽天株式会社 カスタマーセンター
`, from, domain, site, n)
}

func has(d *record.Decision) bool { return finding.Has(d.Findings, finding.Campaign) }

func newLetters(t testing.TB) *letters.Maker {
	t.Helper()
	c, err := brand.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	m, err := letters.New(c, 20261128)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBurst: a broken-into account of a university writes to 60,000 people, 38 at a
// time, in the midst of other mail. The alarm comes within 20 of its messages, and
// nothing else raises one.
func TestBurst(t *testing.T) {
	t.Parallel()
	const people, each = 60_000, 38
	s, m := newTown(t, "", nil), newLetters(t)
	burst, other, alarm, later := 0, 0, 0, 0
	for burst*each < people {
		s.now = s.now.Add(2 * time.Second)
		d := s.deliver(fake(account, fmt.Sprintf("site%d.example", burst%200), burst), min(each, people-burst*each))
		burst++
		if has(d) {
			later++
			if alarm == 0 {
				alarm = burst
			}
			if d.Verdict != policy.Quarantine {
				t.Fatalf("message %d is a copy: %s", burst, d.Verdict)
			}
		}
		for range 2**load/1579 + 1 {
			raw := m.Genuine(other).Raw
			if other%2 == 1 {
				raw = m.Honest(other).Raw
			}
			if d := s.deliver(raw, 1); has(d) {
				t.Errorf("other message %d: %v", other, d.Findings)
			}
			other++
		}
	}
	all := s.Incidents()
	t.Logf("alarm at message %d of %d, amid %d others; %d incidents", alarm, burst, other, len(all))
	if alarm == 0 || alarm > 20 {
		t.Errorf("the alarm came at message %d", alarm)
	}
	if len(all) != 1 || all[0].Kind != campaign.Account || all[0].Orgs[0] != "mgu.ac.jp" || all[0].Messages != burst || all[0].Recipients != people ||
		later != burst-alarm+1 || len(all[0].Traces) != 100 || all[0].Before != alarm {
		t.Errorf("%d later copies, %+v", later, all)
	}
}

// TestSlowBurst: the same account, one recipient at a time.
func TestSlowBurst(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	for n := 1; n <= 21; n++ {
		s.now = s.now.Add(time.Minute)
		if d := s.deliver(fake(account, "site.example", n), 1); has(d) != (n >= 20) {
			t.Errorf("message %d: %v", n, has(d))
		}
	}
}

// TestFalseIncidents: honest mail raises nothing, though all of it came within one
// hour and every author were authenticated.
func TestFalseIncidents(t *testing.T) {
	t.Parallel()
	authors := func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof {
		p := proof.Unproved(m)
		p.Source = proof.FromHeader
		if p.FromDomain != "" {
			p.Identities = []proof.Identity{{Domain: p.FromDomain, OrgDomain: p.FromOrg, Method: proof.ByDKIM, Strength: proof.StrongKey, Aligned: true}}
		}
		return p
	}
	t.Run("generated", func(t *testing.T) {
		t.Parallel()
		s, m := newTown(t, "", nil), newLetters(t)
		for i := range *load {
			for _, l := range []letters.Letter{m.Genuine(i), m.Honest(i)} {
				if d := s.deliver(l.Raw, 1); has(d) {
					t.Errorf("%s: %v", l.Name, d.Findings)
				}
			}
		}
		if all := s.Incidents(); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
	t.Run("ham", func(t *testing.T) {
		t.Parallel()
		files, err := filepath.Glob(filepath.Join(suite.Path(t, "corpus/ham-dev"), "*.eml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files: %v", len(files), err)
		}
		s, claimed := newTown(t, "", authors), 0
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := s.deliver(raw, 40)
			if finding.Has(d.Findings, finding.Impersonation) {
				claimed++
			}
			if has(d) {
				t.Errorf("%s: %v", file, d.Findings)
			}
		}
		t.Logf("%d messages, of which %d seem to claim a brand", len(files), claimed)
		if all := s.Incidents(); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

// TestAtOnce: messages come from all sides while incidents are saved and read.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), campaign.FileName)
	w, err := campaign.Open(campaign.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	in, found := seenInput(t)
	ctx, cancel := context.WithCancel(t.Context())
	var saver, all sync.WaitGroup
	saver.Go(func() { w.Run(ctx) })
	var copies atomic.Int64
	for g := range 4 {
		all.Go(func() {
			for n := range 50 {
				if _, is := w.See(in, found, fmt.Sprint(g, " ", n), time.Now()); is {
					copies.Add(1)
				}
				_ = w.Incidents()
			}
		})
	}
	all.Wait()
	cancel()
	saver.Wait()
	read, err := campaign.Read(file)
	if err != nil || len(read) != 1 || read[0].Messages != 200 || copies.Load() != 200-19 {
		t.Errorf("%d copies, %+v, %v", copies.Load(), read, err)
	}
}

// seenInput is a fake message as the watch gets it.
func seenInput(t testing.TB) (finding.Input, []finding.Finding) {
	t.Helper()
	c, err := brand.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	h, body, err := mail.ReadFile(bytes.NewReader(fake(account, "site.example", 1)))
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Parse(h, body)
	in := finding.Input{Message: m, Proof: proof.FromResults(m), Claims: claim.NewReader(c).Read(m), Catalogue: c}
	return in, finding.Relate(in)
}

// BenchmarkSee: what the watch takes of a message that claims nothing, and of one
// that does.
func BenchmarkSee(b *testing.B) {
	in, found := seenInput(b)
	for name, found := range map[string][]finding.Finding{"honest": nil, "fake": found} {
		b.Run(name, func(b *testing.B) {
			w, err := campaign.Open(campaign.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				w.See(in, found, "trace", noon)
			}
		})
	}
}
