package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire/wiretest"
)

// Two sets that differ for both recipients of a message: what one delivers the
// other holds. Only half of each would deliver to both, or to neither.
const (
	letsPass = "findings: {no-reverse-dns: observe}\nthresholds: {quarantine: off}\n"
	holds    = "findings: {no-reverse-dns: {action: quarantine}}\n"
)

// flipping is a daemon whose policy directory changes again and again.
type flipping struct {
	*house
	names map[uint64]string // the set of each generation
	tries int
}

// startFlipping makes three sets below sets/, the first of which is live.
func startFlipping(t *testing.T) *flipping {
	t.Helper()
	f := &flipping{house: prepare(t), names: map[uint64]string{1: "kaisha"}}
	for name, files := range map[string][2]string{"kaisha": {letsPass, holds}, "gakko": {holds, letsPass}, "broken": {letsPass, "tagg: 1\n"}} {
		f.write("sets/"+name+"/kaisha.test.yaml", files[0])
		f.write("sets/"+name+"/gakko.test.yaml", files[1])
	}
	f.point("kaisha")
	f.set("policy: {dir: " + filepath.Join(f.dir, "live") + "}\n")
	f.start()
	return f
}

// point sets the live link in one step.
func (f *flipping) point(set string) {
	f.t.Helper()
	next := filepath.Join(f.dir, "next")
	if err := os.Symlink("sets/"+set, next); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(f.dir, "live")); err != nil {
		f.t.Fatal(err)
	}
}

// flip goes on to the next set, each third time to the broken one.
func (f *flipping) flip() {
	f.t.Helper()
	set := [...]string{"gakko", "kaisha", "broken", "gakko", "broken", "kaisha"}[f.tries%6]
	f.tries++
	f.point(set)
	answer, err := f.reload()
	if (err != nil) != (set == "broken") {
		f.t.Errorf("reload to %s: %v", set, err)
	}
	if err == nil {
		f.names[answer.Generation] = set
	}
}

var told = regexp.MustCompile(`generation=(\d+)$`)

// delivery is what an answer says: who got the message and by which generation.
func delivery(r wiretest.Reply) (to string, generation uint64, err error) {
	held, field := map[string]bool{}, ""
	for _, e := range r.Edits {
		switch {
		case e.Code == milter.ActDelRcpt:
			held[e.Name] = true
		case e.Name == "X-Sekisho-Verdict":
			field = e.Value
		}
	}
	if found := told.FindStringSubmatch(field); found != nil {
		generation, _ = strconv.ParseUint(found[1], 10, 64)
	}
	to = domainOf(held)
	if r.Code != milter.ActContinue || len(held) != 1 || generation == 0 || !strings.Contains(field, "policy="+to+".test ") {
		err = fmt.Errorf("%+v", r)
	}
	return to, generation, err
}

// domainOf is the one of the two recipients who is not held.
func domainOf(held map[string]bool) string {
	if held["<hanako@kaisha.test>"] {
		return "gakko"
	}
	return "kaisha"
}

// TestReloadUnderLoad: 1,000 messages for two domains each while the policy
// directory changes each 50 ms, sometimes to a broken one. No message fails, and
// both recipients of each meet the same set, the one that header and log name.
func TestReloadUnderLoad(t *testing.T) {
	const messages, flips = 1000, 12
	f := startFlipping(t)
	type answer struct {
		to         string
		generation uint64
	}
	var mu sync.Mutex
	answers := map[string]answer{} // by queue id
	var sent atomic.Int64
	flipped := make(chan bool)
	var clients sync.WaitGroup
	for client := range 4 {
		c := f.connect()
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-flipped:
					if sent.Load() >= messages {
						return
					}
				default:
				}
				m := friend("hanako@kaisha.test", "sensei@gakko.test")
				m.QueueID = fmt.Sprintf("%dQ%d", client, n)
				r, err := c.Send(m)
				if err != nil {
					t.Errorf("%s: %v", m.QueueID, err)
					return
				}
				to, generation, err := delivery(r)
				if err != nil {
					t.Errorf("%s: %v", m.QueueID, err)
					return
				}
				mu.Lock()
				answers[m.QueueID] = answer{to, generation}
				mu.Unlock()
				sent.Add(1)
			}
		})
	}
	for f.tries < flips || sent.Load() < messages {
		f.flip()
		time.Sleep(50 * time.Millisecond)
		if t.Failed() {
			break
		}
	}
	close(flipped)
	clients.Wait()

	lines := f.logs.FilterMessage("message").All()
	if len(lines) != len(answers) || len(answers) < messages && !t.Failed() {
		t.Errorf("%d answers, %d lines in the log", len(answers), len(lines))
	}
	used := map[uint64]int{}
	for _, line := range lines {
		fields := line.ContextMap()
		id, _ := fields["queue_id"].(string)
		got, generation := answers[id], fields["generation"]
		if got.generation != generation || got.to != f.names[got.generation] {
			t.Errorf("%s: delivered to %s by generation %d, which is %s's; the log says %v", id, got.to, got.generation, f.names[got.generation], generation)
		}
		used[got.generation]++
	}
	if len(used) < 3 {
		t.Errorf("messages by generation: %v", used)
	}
	t.Logf("%d messages, %d flips, %d of %d generations judged", len(answers), f.tries, len(used), len(f.names))
}

// TestReloadKeepsRunning: a message that is being judged keeps its set, and the
// next one has the new one.
func TestReloadKeepsRunning(t *testing.T) {
	f := startFlipping(t)
	busy := f.connect()
	answer := make(chan wiretest.Reply, 1)
	slow := message("a@slow.test", "From: a@slow.test\n\nHello.\n", "hanako@kaisha.test", "sensei@gakko.test")
	go func() {
		r, err := busy.Send(slow)
		if err != nil {
			t.Error(err)
		}
		answer <- r
	}()
	f.eventually("judging", func() bool { return f.metric("sekisho_messages_in_flight", 1) })
	f.flip()
	if to, generation, err := delivery(<-answer); to != "kaisha" || generation != 1 || err != nil {
		t.Errorf("to %s by %d, %v", to, generation, err)
	}
	if to, generation, err := delivery(f.deliver(slow)); to != "gakko" || generation != 2 || err != nil {
		t.Errorf("to %s by %d, %v", to, generation, err)
	}
}
