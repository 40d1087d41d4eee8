package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two sets under which one of two recipients gets the message and the other's copy
// is held: half of each would deliver to both, or to neither.
const (
	letsPass = "thresholds: {quarantine: off}\n"
	holds    = "findings: {no-reverse-dns: {action: quarantine}}\n"
)

var (
	generationPrinted = regexp.MustCompile(`^generation (\d+)\n$`)
	generationField   = regexp.MustCompile(`\bpolicy=(\w+)\.test\s+generation=(\d+)\r\n`)
)

// TestE2EReloadUnderLoad: messages for two domains with different policies while
// the live directory is exchanged each second, sometimes for a broken one. Every
// message is answered 250; its one delivered copy was judged by one generation,
// whose policies both recipients met. It takes five seconds; SEKISHO_LONG=1 makes it
// a thousand messages.
func TestE2EReloadUnderLoad(t *testing.T) {
	t.Parallel()
	atLeast := int64(1)
	if os.Getenv("SEKISHO_LONG") != "" {
		atLeast = 1000
	}
	lab := newLab(t, labOptions{
		policies:  map[string]string{"kaisha.test.yaml": letsPass, "gakko.test.yaml": holds},
		candidate: map[string]string{"kaisha.test.yaml": holds, "gakko.test.yaml": letsPass},
	})
	f := &flips{lab: lab, sets: map[string]string{"1": "kaisha"}}

	var sent atomic.Int64
	done := make(chan bool)
	var clients sync.WaitGroup
	for client := range 3 {
		env := friend(worker, teacher)
		env.Client = netip.MustParseAddr("203.0.113.99") // has no name: no-reverse-dns is found
		c := dial(t, lab.Postfix.Addr, env)
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				raw := letter(fmt.Sprintf("flip-%d-%d", client, n), "hello")
				if answer, err := c.try(env.Sender, env.Recipients, raw); err != nil || !strings.HasPrefix(answer, "250 ") {
					t.Errorf("message %d of client %d: %q, %v", n, client, answer, err)
					return
				}
				sent.Add(1)
			}
		})
	}
	for n := 0; n < 5 || sent.Load() < atLeast && !t.Failed(); n++ {
		time.Sleep(time.Second)
		f.flip(n)
	}
	close(done)
	clients.Wait()
	lab.nothingElse(t, int(sent.Load()))

	used := map[string]int{}
	for _, m := range lab.Sink.Messages() {
		found := generationField.FindSubmatch(m.Data)
		if found == nil || len(m.Recipients) != 1 || bytes.Count(m.Data, []byte("generation=")) != 1 {
			t.Fatalf("delivered to %v:\n%s", m.Recipients, m.Data)
		}
		policy, generation := string(found[1]), string(found[2])
		if f.sets[generation] != policy || !strings.HasSuffix(m.Recipients[0], "@"+policy+".test") {
			t.Errorf("to %v by the policy of %s of generation %s, which is %s's", m.Recipients, policy, generation, f.sets[generation])
		}
		used[generation]++
	}
	if len(used) < 3 {
		t.Errorf("messages by generation: %v", used)
	}
	held := lab.Sekisho.metric(`sekisho_quarantine_stored_total`)
	if int64(held) != sent.Load() {
		t.Errorf("%d messages, %v held", sent.Load(), held)
	}
	t.Logf("%d messages, by generation %v, %d reloads refused", sent.Load(), used, f.refused)
}

// flips changes the policies of a lab, and knows which set each generation is: by
// the domain that it delivers to.
type flips struct {
	lab     *Lab
	sets    map[string]string
	last    string
	refused int
}

// flip promotes the candidate; each third time it breaks the live set instead, and
// mends it.
func (f *flips) flip(n int) {
	d, t := f.lab.Sekisho, f.lab.TB
	if n%3 == 2 {
		d.write("policies/broken.test.yaml", "tagg: 4\n")
		out, err := d.command("reload")
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(out, "broken.test.yaml:1:1: unknown key") || !strings.Contains(out, "goes on") {
			t.Errorf("reload of a broken set: %v\n%s", err, out)
		}
		f.refused++
		if err := os.Remove(filepath.Join(d.dir, "policies/broken.test.yaml")); err != nil {
			t.Error(err)
		}
		out, err = d.command("reload")
		f.now(out, err, generationPrinted, f.current())
		return
	}
	out, err := d.command("policy", "promote")
	f.now(out, err, promoted, map[string]string{"kaisha": "gakko", "gakko": "kaisha"}[f.current()])
}

var promoted = regexp.MustCompile(`: generation (\d+)\n`)

func (f *flips) current() string {
	if f.last == "" {
		return "kaisha"
	}
	return f.sets[f.last]
}

// now notes which set the generation is that a command printed.
func (f *flips) now(out string, err error, printed *regexp.Regexp, set string) {
	found := printed.FindStringSubmatch(out)
	if err != nil || found == nil {
		f.lab.TB.Errorf("%v\n%s", err, out)
		return
	}
	f.last = found[1]
	f.sets[f.last] = set
}
