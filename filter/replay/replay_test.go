package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"sekisho/filter/proof"
	"sekisho/filter/replay"
	"sekisho/filter/replay/letters"
	"sekisho/policy"
	"sekisho/policy/brand"
)

// maker is made once: the catalogue takes its time.
var maker = sync.OnceValues(func() (*letters.Maker, error) {
	c, err := brand.Embedded()
	if err != nil {
		return nil, err
	}
	return letters.New(c, 7)
})

// archive writes n phishing, n genuine and n honest letters, and a file that is
// no message, and returns its folder and labels.
func archive(t *testing.T, n int) (string, replay.Labels) {
	t.Helper()
	m, err := maker()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	labels := replay.Labels{}
	for i := range n {
		for _, l := range []letters.Letter{m.Phish(i), m.Genuine(i), m.Honest(i)} {
			if err := os.WriteFile(filepath.Join(dir, l.Name+".eml"), l.Raw, 0o644); err != nil {
				t.Fatal(err)
			}
			labels[l.Name+".eml"] = replay.Label{Kind: string(l.Kind), Brand: l.Brand, Group: l.Group()}
		}
	}
	return dir, labels
}

func run(t *testing.T, opt replay.Options, dir string) (*replay.Summary, string) {
	t.Helper()
	var out bytes.Buffer
	opt.Source, opt.JSON = proof.FromHeader, &out
	s, err := replay.Run(t.Context(), opt, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return s, out.String()
}

func TestRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir, labels := archive(t, 50)
	var told bytes.Buffer
	s, out := run(t, replay.Options{Labels: labels, Progress: &replay.Progress{Out: &told}}, dir)
	if s.Judged != 150 || s.Labelled != 150 || s.Recall.Of != 50 || s.FalseAlarm.Of != 100 || s.Unread != 0 {
		t.Errorf("summary %+v", s)
	}
	if s.Recall.Share() < 0.8 || s.FalseAlarm.Hits > 0 {
		t.Errorf("recall %s, false alarms %s", s.Recall, s.FalseAlarm)
	}
	if s.Recall.Hits+s.Misses.All != 50 || s.Verdicts[policy.Accept]+s.Verdicts[policy.Tag]+s.Verdicts.Held() != 150 {
		t.Errorf("the numbers do not add up: %+v", s.Verdicts)
	}
	last := ""
	for line := range strings.Lines(out) {
		var o replay.Outcome
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.Label == nil || o.File <= last {
			t.Fatalf("after %s: %v: %s", last, err, line)
		}
		last = o.File
	}
	var table bytes.Buffer
	if err := s.WriteTable(&table); err != nil || !strings.Contains(table.String(), "(recall)") {
		t.Errorf("%v:\n%s", err, table.String())
	}
}

// TestOrderIsOneAndTheSame whatever the number of workers.
func TestOrderIsOneAndTheSame(t *testing.T) {
	dir, labels := archive(t, 40)
	_, one := run(t, replay.Options{Labels: labels, Workers: 1}, dir)
	_, many := run(t, replay.Options{Labels: labels, Workers: 13}, dir)
	if diff := cmp.Diff(one, many); diff != "" {
		t.Error(diff)
	}
}

// quitter ends a run after some lines.
type quitter struct {
	lines int
	quit  context.CancelFunc
}

func (q *quitter) Write(p []byte) (int, error) {
	if q.lines--; q.lines == 0 {
		q.quit()
	}
	return len(p), nil
}

// TestResume: a run that is interrupted, and whose last line was cut by a crash,
// ends with the same output as one that was not.
func TestResume(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir, labels := archive(t, 30)
	_, want := run(t, replay.Options{Labels: labels}, dir)
	state := filepath.Join(t.TempDir(), "state")
	ctx, quit := context.WithCancel(t.Context())
	opt := replay.Options{Source: proof.FromHeader, State: state, JSON: &quitter{lines: 20, quit: quit}}
	part, err := replay.Run(ctx, opt, []string{dir})
	if !errors.Is(err, context.Canceled) || part.Judged < 20 || part.Judged == 90 {
		t.Fatalf("%d judged: %v", part.Judged, err)
	}
	f, err := os.OpenFile(state, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, `{"file":"half`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s, got := run(t, replay.Options{Labels: labels, State: state}, dir)
	if s.Resumed != part.Judged || s.Judged != 90 {
		t.Errorf("%d resumed of %d, %d judged", s.Resumed, part.Judged, s.Judged)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again, _ := run(t, replay.Options{Labels: labels, State: state}, dir); again.Resumed != 90 {
		t.Errorf("%d resumed", again.Resumed)
	}
}

func TestStateOfOtherSettingsIsRefused(t *testing.T) {
	dir, _ := archive(t, 1)
	state := filepath.Join(t.TempDir(), "state")
	run(t, replay.Options{State: state}, dir)
	_, err := replay.Run(t.Context(), replay.Options{Source: proof.FromNobody, State: state}, []string{dir})
	if !errors.Is(err, replay.ErrOtherSettings) {
		t.Error(err)
	}
}

func TestAgainst(t *testing.T) {
	dir, _ := archive(t, 20)
	mild := t.TempDir()
	if err := os.WriteFile(filepath.Join(mild, "default.yaml"), []byte("thresholds:\n  quarantine: off\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, out := run(t, replay.Options{Policies: mild, Against: replay.BuiltIn}, dir)
	if s.Changes.All < 10 || s.Changes.All != len(s.Changes.Outcomes) {
		t.Errorf("%d changes", s.Changes.All)
	}
	for _, o := range s.Changes.Outcomes {
		if !o.Against.Verdict.Worse(o.Verdict) {
			t.Errorf("%s was %s, is %s", o.File, o.Against.Verdict, o.Verdict)
		}
	}
	if !strings.Contains(out, `"against":{"verdict":"quarantine"`) {
		t.Error("the lines do not tell")
	}
	if same, _ := run(t, replay.Options{Against: replay.BuiltIn}, dir); same.Changes.All != 0 {
		t.Errorf("%d changes against itself", same.Changes.All)
	}
}

func TestUnreadIsTold(t *testing.T) {
	dir, _ := archive(t, 1)
	s, err := replay.Run(t.Context(), replay.Options{Source: proof.FromHeader}, []string{dir, filepath.Join(dir, "absent")})
	if !errors.Is(err, replay.ErrUnread) || s.Judged != 3 || s.Unread != 1 || s.Errors.All != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestBadOptions(t *testing.T) {
	dir := t.TempDir()
	for name, opt := range map[string]replay.Options{
		"source":  {Source: "guess"},
		"policy":  {Source: proof.FromNobody, Policies: filepath.Join(dir, "absent")},
		"against": {Source: proof.FromNobody, Against: filepath.Join(dir, "absent")},
		"brands":  {Source: proof.FromNobody, Brands: []string{filepath.Join(dir, "absent")}},
		"state":   {Source: proof.FromNobody, State: filepath.Join(dir, "absent", "state")},
	} {
		if s, err := replay.Run(t.Context(), opt, []string{dir}); err == nil || s != nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	m, err := maker()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for i := range 500 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.eml", i)), m.Phish(i).Raw, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	var judged int
	for b.Loop() {
		s, err := replay.Run(b.Context(), replay.Options{Source: proof.FromHeader}, []string{dir})
		if err != nil {
			b.Fatal(err)
		}
		judged += s.Judged
	}
	b.ReportMetric(float64(judged)/b.Elapsed().Seconds(), "messages/s")
}
