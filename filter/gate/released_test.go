package gate_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/record"
	"sekisho/filter/stamp"
)

// till redeems each nonce once, or fails.
type till struct {
	used map[string]bool
	err  error
}

func (b *till) Redeem(_ context.Context, s stamp.Stamp) (bool, error) {
	if b.err != nil {
		return false, b.err
	}
	was := b.used[s.Nonce]
	b.used[s.Nonce] = true
	return !was, nil
}

// TestReleasedPasses: a phish that we send ourselves is let through, once, without
// what only we may write; without a good stamp it is judged as ever.
func TestReleasedPasses(t *testing.T) {
	key, err := stamp.Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := stamp.Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	c := phish(t)
	raw := append([]byte("X-Sekisho-Verdict: verdict=accept\r\nAuthentication-Results: mx.kaisha.test; dmarc=pass\r\n"), c.Raw...)
	soon := time.Now().Add(time.Minute)
	sealed := func(k *stamp.Key, s stamp.Stamp, to string) []byte { return append(k.Seal(s, to, raw), raw...) }
	good := stamp.Stamp{Kind: stamp.Release, Item: "i-1", Nonce: "1", Expires: soon}
	marked := stamp.Stamp{Kind: stamp.Copy, Item: "i-1", Nonce: "2", Expires: soon}
	to := c.Envelope.Recipients[0]

	books, v, reg := &till{used: map[string]bool{}}, &vault{}, prometheus.NewRegistry()
	g := gate.New(embedded(t), gate.Options{
		AuthservID: "mx.kaisha.test", Prover: unproved, Store: v, Key: key, Redeemer: books, Metrics: record.NewMetrics(reg),
	})
	for _, tc := range []struct {
		name    string
		message []byte
		err     error
		reply   act.Reply
		edits   int // when it passes
		result  record.StampResult
	}{
		{name: "good", message: sealed(key, good, to), reply: act.Continue, edits: 3, result: record.StampPassed},
		{name: "again", message: sealed(key, good, to), reply: act.Discard, result: record.StampUsed},
		{name: "a copy", message: sealed(key, marked, to), reply: act.Continue, edits: 1, result: record.StampPassed},
		{name: "forged", message: sealed(other, good, to), reply: act.Discard, result: record.StampForged},
		{name: "for another", message: sealed(key, good, "you@kaisha.test"), reply: act.Discard, result: record.StampForged},
		{name: "expired", message: sealed(key, stamp.Stamp{Kind: stamp.Release, Nonce: "3", Expires: time.Now().Add(-time.Second)}, to), reply: act.Discard, result: record.StampExpired},
		{name: "altered", message: append(sealed(key, good, to), "more\r\n"...), reply: act.Discard, result: record.StampAltered},
		{name: "no stamp", message: raw, reply: act.Discard},
		{name: "store down", message: sealed(key, good, to), err: errors.New("disk"), reply: act.Tempfail, result: record.StampFailed},
	} {
		held := len(v.entries)
		books.err = tc.err
		before := stampCount(t, reg, tc.result)
		h, body, err := mail.ReadFile(bytes.NewReader(tc.message))
		if err != nil {
			t.Fatal(err)
		}
		plan := g.Judge(t.Context(), c.Envelope, h, body)
		if plan.Reply != tc.reply || tc.edits > 0 && len(plan.Edits) != tc.edits {
			t.Errorf("%s: %s, %d edits", tc.name, plan.Reply, len(plan.Edits))
		}
		if judged := len(v.entries) > held; judged != (tc.reply == act.Discard) {
			t.Errorf("%s: held %v", tc.name, judged)
		}
		if tc.result != "" && stampCount(t, reg, tc.result) != before+1 {
			t.Errorf("%s: not counted as %s", tc.name, tc.result)
		}
	}
}

// TestForgedStampIsRemoved: also from a message that is delivered.
func TestForgedStampIsRemoved(t *testing.T) {
	key, err := stamp.Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	c := cases.Load(t, "story-g-")[0]
	h := append(mail.Header{{Name: "x-sekisho-RELEASE", Raw: []byte("x-sekisho-RELEASE: v=1\r\n")}}, c.Header...)
	for name, opt := range map[string]gate.Options{"with a key": {Key: key, Redeemer: &till{}}, "without": {}} {
		opt.AuthservID, opt.Prover = "mx.kaisha.test", unproved
		plan := gate.New(embedded(t), opt).Judge(t.Context(), c.Envelope, h, c.Body)
		if plan.Reply != act.Continue || plan.Edits[0].Op != act.Delete || !strings.EqualFold(plan.Edits[0].Name, stamp.Field) {
			t.Errorf("%s: %+v", name, plan)
		}
	}
}

func stampCount(t *testing.T, reg *prometheus.Registry, r record.StampResult) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "sekisho_release_stamps_total" && m.GetLabel()[0].GetValue() == string(r) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return -1
}
