package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sekisho/filter/cases"
)

// casesEnv says how many random messages TestE2EFates sends.
const (
	casesEnv     = "SEKISHO_E2E_CASES"
	defaultCases = 200
)

// fates are what becomes of a phish, by the first word of the recipient's name.
var fates = map[string]string{
	"accept": "thresholds: {tag: off, quarantine: off}",
	"one":    "thresholds: {tag: 4, quarantine: off}, tag: {subject_prefix: \"[one]\"}",
	"two":    "thresholds: {tag: 4, quarantine: off}, tag: {subject_prefix: \"[two]\"}",
	"plain":  "thresholds: {tag: 4, quarantine: off}",
	"store":  "thresholds: {tag: 4, quarantine: 4}",
	"hold":   "thresholds: {tag: 4, quarantine: 4}, quarantine: {mode: hold}",
	"reject": "thresholds: {tag: 4, quarantine: 4, reject: 4}",
}

// sent is one random message.
type sent struct {
	phish bool
	to    []string
	again bool // sekisho was killed under it, and it was sent again
	reply string
}

// want is what is to become of the message for a recipient.
func (s *sent) want(to string) string {
	kind, _, _ := strings.Cut(to, "-")
	all := func(k string) bool {
		return !slices.ContainsFunc(s.to, func(r string) bool { return !strings.HasPrefix(r, k+"-") })
	}
	switch {
	case !s.phish || !slices.Contains([]string{"store", "hold", "reject"}, kind):
		return "delivered"
	case kind == "reject" && all("reject"):
		return "refused"
	case kind == "hold" && all("hold"):
		return "on hold"
	}
	return "held"
}

// TestE2EFates sends random messages to random recipients, kills sekisho under some
// of them, and then holds Postfix's queues, the sink and the store against what the
// policies say: each recipient has one fate, sees their own tags and nobody else's,
// and gets what was held once it is released.
func TestE2EFates(t *testing.T) {
	t.Parallel()
	var boxes strings.Builder
	boxes.WriteString("mailboxes:\n")
	for kind, text := range fates {
		fmt.Fprintf(&boxes, "  - {match: [\"%s-*\"], %s}\n", kind, text)
	}
	lab := newLab(t, labOptions{split: true, zone: friendZone, policies: map[string]string{
		"kaisha.test.yaml": boxes.String(), "gakko.test.yaml": boxes.String(),
	}})
	n := defaultCases
	if text := os.Getenv(casesEnv); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", casesEnv, err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d messages", seed, n)
	l := &fateLab{Lab: lab, random: rand.New(rand.NewPCG(seed, 0)), phish: find(t, "story-a-")}
	begin := time.Now()
	for i := range n {
		l.all = append(l.all, l.one(t, i))
	}
	waitFor(t, "copies to go out", func() bool {
		return !slices.ContainsFunc(l.items(t), func(it item) bool { return it.isCopy() && it.State == "held" })
	})
	l.settle(t)
	l.reconcile(t)
	l.release(t)
	t.Logf("%v in %v", l.counts, time.Since(begin).Round(time.Second))
}

type fateLab struct {
	*Lab
	random *rand.Rand
	phish  cases.Case
	all    []*sent
	counts map[string]int
}

// one sends a message until there is an answer for good.
func (l *fateLab) one(t *testing.T, number int) *sent {
	t.Helper()
	s := &sent{phish: l.random.IntN(5) > 0}
	kinds := []string{"accept", "one", "two", "plain", "store", "hold", "reject"}
	if l.random.IntN(6) == 0 {
		kinds = kinds[4+l.random.IntN(3):][:1] // all alike: the answer is for all
	}
	for i := range 1 + l.random.IntN(6) {
		domain := []string{"kaisha.test", "gakko.test"}[l.random.IntN(2)]
		s.to = append(s.to, fmt.Sprintf("%s-%d-%d@%s", kinds[l.random.IntN(len(kinds))], number, i, domain))
	}
	env, raw := l.phish.Envelope, l.phish.Raw
	if !s.phish {
		env, raw = friend(), letter(fmt.Sprint("n", number), "hello")
	}
	kill := number%20 == 10
	for try := 0; ; try++ {
		killed := make(chan struct{})
		after := time.Duration(l.random.IntN(12)) * time.Millisecond
		go func() {
			defer close(killed)
			if kill {
				time.Sleep(after)
				_ = l.Sekisho.cmd.Process.Signal(syscall.SIGKILL)
			}
		}()
		c := dial(t, l.Postfix.Addr, env)
		answer, err := c.try(env.Sender, s.to, raw)
		c.conn.Close() // Postfix has a process for each that is open, and not many
		<-killed
		if kill {
			_ = l.Sekisho.wait()
			l.Sekisho.start()
			kill = false
		}
		if err == nil && !strings.HasPrefix(answer, "4") {
			s.reply = answer
			return s
		}
		s.again = true
		if try > 5 {
			t.Fatalf("message %d: %q, %v", number, answer, err)
		}
	}
}

// settle waits until Postfix has delivered what it has.
func (l *fateLab) settle(t *testing.T) {
	t.Helper()
	waitFor(t, "an empty queue", func() bool {
		return l.Postfix.Queued("incoming")+l.Postfix.Queued("active")+l.Postfix.Queued("deferred") == 0
	})
	time.Sleep(100 * time.Millisecond)
}

type item struct{ ID, State, Recipient, Verdict string }

func (it item) isCopy() bool { return it.Verdict == "tag" || it.Verdict == "accept" }

func (l *fateLab) items(t *testing.T) []item {
	t.Helper()
	out, err := l.Sekisho.command("quarantine", "list", "--json", "--limit", "10000")
	if err != nil {
		t.Fatalf("list: %v\n%s", err, out)
	}
	var items []item
	for line := range strings.Lines(out) {
		var it item
		if err := json.Unmarshal([]byte(line), &it); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		items = append(items, it)
	}
	return items
}

// arrived is what the sink has for each recipient.
func (l *fateLab) arrived() map[string][][]byte {
	all := map[string][][]byte{}
	for _, m := range l.Sink.Messages() {
		for _, to := range m.Recipients {
			all[to] = append(all[to], m.Data)
		}
	}
	return all
}

func (l *fateLab) reconcile(t *testing.T) {
	t.Helper()
	arrived, held := l.arrived(), map[string]int{}
	l.counts = map[string]int{}
	pending := map[string]bool{} // copies that we were killed under: tried again in some minutes
	for _, it := range l.items(t) {
		if it.isCopy() {
			pending[it.Recipient] = true
			l.counts["pending"]++
			continue
		}
		held[it.Recipient]++
	}
	onHold, onHoldAgain, recipients, kills := 0, 0, 0, (len(l.all)+9)/20
	for _, s := range l.all {
		if s.again {
			l.counts["sent again"]++
		}
		if s.want(s.to[0]) == "on hold" {
			onHold++
			if s.again {
				onHoldAgain++
			}
		}
		recipients += len(s.to)
		for _, to := range s.to {
			want := s.want(to)
			l.counts[want]++
			// Sent again, it may be there twice; else once.
			ok := func(n int, is bool) bool { return is && (n == 1 || s.again && n > 1) || !is && n == 0 }
			if pending[to] && len(arrived[to]) == 0 {
				continue
			}
			if !ok(len(arrived[to]), want == "delivered") || !ok(held[to], want == "held") || strings.HasPrefix(s.reply, "550 ") != (want == "refused") {
				t.Errorf("%s (%s, again %v): %d arrived, %d held, answer %q", to, want, s.again, len(arrived[to]), held[to], s.reply)
			}
			kind, _, _ := strings.Cut(to, "-")
			for _, m := range arrived[to] {
				for _, tag := range []string{"one", "two"} {
					if shown := bytes.Contains(m, []byte("\r\nSubject: ["+tag+"]")); shown != (s.phish && kind == tag) {
						t.Errorf("%s: tag %s shown: %v", to, tag, shown)
					}
				}
				l.leaks(t, s, to, m)
			}
			delete(arrived, to)
			delete(held, to)
		}
	}
	if len(pending) > kills {
		t.Errorf("%d copies are pending after %d kills", len(pending), kills)
	}
	if len(arrived)+len(held) > 0 {
		t.Errorf("for nobody: %d arrived, %d held", len(arrived), len(held))
	}
	if got := l.Postfix.Queued("hold"); got < onHold || got > onHold+onHoldAgain {
		t.Errorf("%d messages in the hold queue, want %d", got, onHold)
	}
	l.counts["messages"], l.counts["recipients"] = len(l.all), recipients
}

// leaks looks for other recipients, and for fields that are nobody's business.
func (l *fateLab) leaks(t *testing.T, s *sent, to string, message []byte) {
	t.Helper()
	if bytes.Contains(message, []byte("X-Sekisho-Release")) || bytes.Count(message, []byte("X-Sekisho-Verdict:")) != 1 {
		t.Errorf("%s:\n%s", to, message)
	}
	for _, other := range s.to {
		if other != to && bytes.Contains(message, []byte(other)) {
			t.Errorf("%s reads of %s", to, other)
		}
	}
}

// release releases all that is held, twice, and checks that it comes once, as it was.
func (l *fateLab) release(t *testing.T) {
	t.Helper()
	before := l.arrived()
	args := []string{"quarantine", "release"}
	want := map[string]int{}
	for _, it := range l.items(t) {
		if it.isCopy() {
			continue
		}
		args = append(args, it.ID)
		want[it.Recipient]++
	}
	for range 2 {
		if out, err := l.Sekisho.command(args...); err != nil {
			t.Fatalf("release: %v\n%s", err, out)
		}
	}
	l.settle(t)
	l.counts["released"] = len(args) - 2
	after := l.arrived()
	checked := false
	for to, n := range want {
		got := after[to][len(before[to]):]
		if len(got) != n {
			t.Errorf("%s: %d of %d arrived", to, len(got), n)
			continue
		}
		if !bytes.HasSuffix(got[0], l.phish.Raw) || bytes.Contains(got[0], []byte("X-Sekisho")) {
			t.Errorf("%s:\n%s", to, got[0])
		}
		if !checked {
			checkSignature(t, l.phish.Zone, got[0])
			checked = true
		}
		delete(after, to)
	}
	for to := range after {
		if len(after[to]) != len(before[to]) {
			t.Errorf("%s got something of others", to)
		}
	}
}
