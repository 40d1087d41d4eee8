package gate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"sekisho/filter/act"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/load"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/record"
	"sekisho/policy"
)

// TestShed: under load the checks that all recipients' policies name are left out,
// which header, log, metrics and findings say; what lacks little to a verdict is put
// off; and once the load is over all is looked at again.
func TestShed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for domain, text := range map[string]string{
		"go.test":   "fail: {shed: [pictures, documents], shed_margin: off}\n",
		"near.test": "fail: {shed: [pictures, documents], shed_margin: 4}\n",
		"all.test":  "fail: {shed: []}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, domain+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := gate.LoadSet(3, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Each look at this clock is so much later: each message waits as long.
	const step = 400 * time.Millisecond
	slow, now := true, time.Unix(1e9, 0)
	meter := load.New(load.Options{Wait: step, Now: func() time.Time {
		if slow {
			now = now.Add(step)
		}
		return now
	}})
	core, logs := observer.New(zap.InfoLevel)
	reg := prometheus.NewPedanticRegistry()
	g := gate.New(set, gate.Options{
		AuthservID: "mx.kaisha.test", Load: meter, Metrics: record.NewMetrics(reg), Logger: record.NewLogger(zap.New(core), false),
		Prover: func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(m) },
	})
	h, body := pictured(t)
	judge := func(to ...string) (act.Plan, map[string]any) {
		plan := g.Judge(t.Context(), mail.Envelope{Sender: "a@b.test", Recipients: to}, h, body)
		return plan, logs.TakeAll()[0].ContextMap()
	}
	for range 10 {
		judge("a@all.test")
	}
	for _, tc := range []struct {
		name  string
		to    []string
		slow  bool
		reply act.Reply
		shed  string // in header and log
	}{
		{"it may be left out", []string{"a@go.test"}, true, act.Continue, "pictures"},
		{"for none of several", []string{"a@all.test"}, true, act.Continue, ""},
		{"for one of two only", []string{"a@go.test", "a@all.test"}, true, act.Continue, ""},
		{"near to a tag", []string{"a@near.test"}, true, act.Tempfail, "pictures"},
		{"when the load is over", []string{"a@near.test"}, false, act.Continue, ""},
	} {
		if slow = tc.slow; !slow {
			now = now.Add(time.Minute)
		}
		plan, line := judge(tc.to...)
		field := ""
		for _, e := range plan.Edits {
			if e.Name == act.VerdictField && e.Op == act.Insert {
				field = e.Value
			}
		}
		if plan.Reply != tc.reply {
			t.Errorf("%s: %+v", tc.name, plan)
		}
		if tc.reply == act.Tempfail && plan.Status.Enhanced != "4.4.5" {
			t.Errorf("%s: %+v", tc.name, plan.Status)
		}
		if tc.reply == act.Continue && (strings.Contains(field, " shed="+tc.shed) != (tc.shed != "") || tc.shed == "" && strings.Contains(field, "shed")) {
			t.Errorf("%s: field %q", tc.name, field)
		}
		said, _ := line["shed"].([]any)
		if tc.shed == "" && said != nil || tc.shed != "" && !slices.Equal(said, []any{tc.shed}) {
			t.Errorf("%s: log %v", tc.name, line)
		}
		if found, _ := line["findings"].([]any); slices.ContainsFunc(found, func(f any) bool {
			return strings.HasPrefix(f.(string), string(finding.ChecksShed))
		}) != (tc.shed != "") {
			t.Errorf("%s: findings %v", tc.name, found)
		}
	}
	want := `
# HELP sekisho_checks_shed_total Messages of which a check was left out because there was too much to do, by check.
# TYPE sekisho_checks_shed_total counter
sekisho_checks_shed_total{check="documents"} 0
sekisho_checks_shed_total{check="pictures"} 2
sekisho_checks_shed_total{check="shadow"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_checks_shed_total"); err != nil {
		t.Error(err)
	}
}

// TestShedShadow: what the candidate says is left out first where the policy says so.
func TestShedShadow(t *testing.T) {
	t.Parallel()
	c, now := phish(t), time.Unix(1e9, 0)
	const step = 400 * time.Millisecond
	meter := load.New(load.Options{Wait: step, Now: func() time.Time { now = now.Add(step); return now }})
	core, logs := observer.New(zap.InfoLevel)
	g := gate.New(embedded(t), gate.Options{
		Load: meter, Logger: record.NewLogger(zap.New(core), false), Shadow: candidate(t, "thresholds: {quarantine: off, reject: 10}\n"),
		Prover: func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(m) },
	})
	var levels []bool
	for range 4 {
		g.Judge(t.Context(), c.Envelope, c.Header, c.Body)
		line := logs.TakeAll()[0].ContextMap()
		said, _ := line["shed"].([]any)
		levels = append(levels, slices.Equal(said, []any{string(policy.Shadow)}))
		if _, heard := line["shadow"]; heard == levels[len(levels)-1] && said != nil {
			t.Errorf("left out, and told: %v", line)
		}
	}
	if levels[0] || !levels[3] {
		t.Errorf("left out at the messages %v", levels)
	}
}

// pictured is a message that asks to scan a picture.
func pictured(tb testing.TB) (mail.Header, []byte) {
	tb.Helper()
	img := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	text := "From: a@b.test\r\nSubject: hello\r\nContent-Type: multipart/related; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nplease scan\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(b.Bytes()) + "\r\n--b--\r\n"
	h, body, err := mail.ReadFile(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return h, body
}
