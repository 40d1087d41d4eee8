package quarantine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/stamp"
)

// tally is what came of the runs that died at one step.
type tally struct {
	runs     int
	answered int      // said to be done
	done     int      // before it was asked for again; else nothing of it was
	pending  int      // not done again, but by a person: it may have arrived
	again    int      // copies that came twice, since nobody knew whether they had come
	orphans  int      // messages that belong to nobody
	wrong    []string // lost, in part, or twice
}

// TestKilledAtEachStep kills a process at each step of each thing that a store does in
// several, and looks at what is left, and at what comes of it when it is asked for
// again: nothing is lost, nothing is there in part, nothing arrives twice.
// QUARANTINE_KILLS says how often at each step, on all back ends; without it a sixth of
// the steps is drawn.
func TestKilledAtEachStep(t *testing.T) {
	rounds, names := 0, []string{"sqlite and files", "postgres and files"}
	if n, err := strconv.Atoi(os.Getenv("QUARANTINE_KILLS")); err == nil {
		rounds, names = n, []string{"sqlite and files", "sqlite and sealed files", "postgres and files", "postgres and objects"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &killing{T: t, b: newBackend(t, name), sink: smtpsink.Start(t), key: filepath.Join(t.TempDir(), "key")}
			var err error
			if l.stamps, err = stamp.Open(l.key); err != nil {
				t.Fatal(err)
			}
			for _, do := range []string{"put", "put, equal", "release", "release by link", "copy", "erase", "expire", "digest", "report"} {
				l.table(do, rounds)
			}
		})
	}
}

// table kills at each step of one thing, and prints what came of it.
func (l *killing) table(do string, rounds int) {
	l.Helper()
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n%s, KILLED AT\tRUNS\tANSWERED\tDONE\tPENDING\tAGAIN\tORPHANS\tLOST, IN PART, TWICE\n", strings.ToUpper(do))
	for _, s := range l.steps(do) {
		if rounds == 0 && rand.IntN(6) > 0 {
			continue
		}
		sum := &tally{}
		for range max(1, rounds) {
			l.run(do, s, sum)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", s.name, sum.runs, sum.answered, sum.done, sum.pending, sum.again, sum.orphans, len(sum.wrong))
		for _, wrong := range sum.wrong {
			l.Errorf("%s, killed at %s: %s", do, s.name, wrong)
		}
	}
	_ = w.Flush()
	l.Log(table.String())
}

// killing is where children are killed.
type killing struct {
	*testing.T
	b      *backend
	sink   *smtpsink.Sink
	key    string
	stamps *stamp.Key
	number int
}

// step is one at which a child dies: its own n-th, or one of the conversation with the
// server that takes messages.
type step struct {
	name string
	n    int64
	verb string
}

// steps runs a child to its end and returns what it went through.
func (l *killing) steps(do string) []step {
	l.Helper()
	sum := &tally{}
	lines := l.run(do, step{}, sum)
	if len(sum.wrong) > 0 || sum.answered == 0 {
		l.Fatalf("%s, not killed: %+v\n%s", do, sum, strings.Join(lines, "\n"))
	}
	var all []step
	for _, line := range lines {
		if name, ok := strings.CutPrefix(line, "step "); ok {
			n := int64(len(all) + 1)
			all = append(all, step{name: fmt.Sprintf("%d %s", n, name), n: n})
		}
	}
	switch do {
	case "release", "release by link", "copy", "digest", "report":
		for _, verb := range []string{"EHLO", "MAIL", "RCPT", "DATA", ".", "TAKEN"} {
			all = append(all, step{name: "SMTP " + verb, verb: verb})
		}
	}
	return all
}

// run has a child do something, kills it at a step, and adds what came of it.
func (l *killing) run(do string, at step, sum *tally) (lines []string) {
	l.Helper()
	l.number++
	token := fmt.Sprintf("t%d-%d", os.Getpid(), l.number)
	s, err := Open(l.b.dir, l.b.with(Options{}))
	if err != nil {
		l.Fatal(err)
	}
	w := work{Dir: l.b.dir, Options: l.b.with(Options{}), Do: do, Token: token, Sink: l.sink.Addr, Key: l.key, Step: at.n}
	if at.verb != "" {
		w.Step = -1
	}
	there := tokened(token, token+" there")
	if do == "expire" {
		for i := range there.Recipients {
			there.Recipients[i].Keep = time.Microsecond
		}
	}
	if do == "copy" {
		there.Recipients = there.Recipients[:1]
		there.Recipients[0].Verdict = "tag"
	}
	if do != "put" {
		w.Entry = stored(l.T, s, there)
	}
	if do == "report" {
		items, err := s.Show(l.Context(), w.Entry)
		if err != nil {
			l.Fatal(err)
		}
		r, _, err := s.Report(l.Context(), ReportDraft{Item: items[0], Kind: ToAbuse, Target: "abuse@" + token + ".test", About: token})
		if err == nil {
			_, err = s.ApproveReport(l.Context(), r.ID, "s", "", "taro")
		}
		if err != nil {
			l.Fatal(err)
		}
		w.Report = r.ID
	}
	before := len(l.sink.Messages())
	lines, answered := l.child(w, s, at.verb)
	if err := s.Close(); err != nil {
		l.Error(err)
	}
	sum.runs++
	if answered {
		sum.answered++
	}
	l.look(w, sum, answered, before)
	return lines
}

// child runs one, with s to redeem stamps, and kills it when the server hears verb.
func (l *killing) child(w work, s *Store, verb string) (lines []string, answered bool) {
	l.Helper()
	text, err := json.Marshal(w)
	if err != nil {
		l.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), childWork+"="+string(text)), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		l.Fatal(err)
	}
	var kill sync.Once
	var dead atomic.Bool
	begun, gone, taken := make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
	l.sink.Answer(func(heard, arg string) string {
		if heard == "." && !l.redeem(s, []byte(arg)) {
			return "550 5.7.1 judged"
		}
		if heard == verb {
			kill.Do(func() {
				<-begun
				dead.Store(true)
				_ = cmd.Process.Kill()
				<-gone // it hears nothing more
			})
		}
		if heard == "TAKEN" {
			taken <- struct{}{}
		}
		return ""
	})
	if err := cmd.Start(); err != nil {
		l.Fatal(err)
	}
	close(begun)
	for scan := bufio.NewScanner(out); scan.Scan(); {
		lines = append(lines, scan.Text())
		answered = answered || scan.Text() == "done"
	}
	err = cmd.Wait()
	close(gone)
	if verb == "." && dead.Load() {
		select { // the server has all of it, and takes it though nobody listens
		case <-taken:
		case <-time.After(time.Minute):
			l.Errorf("%s: killed at the end of the message, and the server has not taken it", w.Do)
		}
	}
	killed := err != nil && cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
	if want := w.Step > 0 || dead.Load(); killed != want {
		l.Errorf("%s: killed %v, want %v: %q", w.Do, killed, want, lines)
	}
	return lines, answered
}

// redeem is our own filter in front of the server.
func (l *killing) redeem(s *Store, message []byte) bool {
	h, body, err := mail.ReadFile(bytes.NewReader(message))
	if err != nil {
		return false
	}
	for _, f := range h {
		if f.Name == stamp.Field {
			mark, err := l.stamps.Check([]string{l.recipient(s, message)}, h, body, time.Now())
			if err != nil {
				return false
			}
			ok, err := s.Redeem(context.Background(), mark)
			return ok && err == nil
		}
	}
	return false
}

// recipient is whom a message of a run goes to, by its token.
func (l *killing) recipient(_ *Store, message []byte) string {
	text := string(message)
	at := strings.LastIndex(text, "\r\n\r\nt")
	token, _, _ := strings.Cut(text[at+4:], " ")
	token = strings.TrimSpace(token)
	if strings.Contains(text, "k=report;") {
		return "abuse@" + token + ".test"
	}
	return token + "@one.test"
}

// look adds what is left of a run, and what comes of it when it is asked for again, two
// hours later.
func (l *killing) look(w work, sum *tally, answered bool, before int) {
	l.Helper()
	ahead := 2 * time.Hour
	later := func() time.Time { return time.Now().Add(ahead) }
	s, err := Open(l.b.dir, l.b.with(Options{Existing: true, Now: later}))
	if err != nil {
		l.Fatal(err)
	}
	defer func() {
		l.sink.Answer(nil)
		if err := s.Close(); err != nil {
			l.Error(err)
		}
	}()
	wrong := func(format string, args ...any) { sum.wrong = append(sum.wrong, fmt.Sprintf(format, args...)) }
	o := ReleaseOptions{Addr: l.sink.Addr, Timeout: time.Minute, By: "parent"} // known to be after it: no stamp
	arrived := func() int { return len(l.sink.Messages()) - before }
	l.sink.Answer(nil)
	items, err := s.List(l.Context(), Filter{Brand: w.Token})
	if err != nil {
		l.Fatal(err)
	}
	for _, it := range items {
		if err := whole(l.Context(), s, it); err != nil {
			wrong("item without its message: %v", err)
		}
	}
	done := arrived() > 0
	switch w.Do {
	case "put", "put, equal":
		want := map[string]int{"put": 0, "put, equal": 2}[w.Do]
		if done = len(items) == want+2; !done && (answered || len(items) != want) {
			wrong("%d items, answered %v", len(items), answered)
		}
	case "release", "release by link":
		_, err := s.Release(l.Context(), w.Entry+"-1", o)
		now, err2 := s.Show(l.Context(), w.Entry+"-1")
		switch {
		case err2 != nil || arrived() > 1:
			wrong("it came %d times, %v", arrived(), err2)
		case errors.Is(err, ErrPending):
			sum.pending++
		case err != nil || arrived() != 1 || now[0].State != Released:
			wrong("it came %d times, %s, %v", arrived(), now[0].State, err)
		}
		if use, err := s.Spend(l.Context(), w.Token, "erase", later()); w.Do == "release by link" && answered && (use != UseOver || err != nil) {
			wrong("the link is good for something else: %s %v", use, err)
		}
	case "copy":
		was, err1 := s.Show(l.Context(), w.Entry)
		_, err2 := s.Deliver(l.Context(), o)
		_, err3 := s.Expire(l.Context()) // what an erasure had to leave
		_, gone := s.Message(l.Context(), w.Entry)
		if err := errors.Join(err1, err2, err3); err != nil || !errors.Is(gone, ErrErased) {
			wrong("%v, %v", err, gone)
		}
		if n := arrived(); n == 2 && was[0].State == Releasing {
			sum.again++
		} else if n != 1 {
			wrong("it came %d times", n)
		}
	case "erase", "expire":
		done = len(items) == 0
		if answered && !done {
			wrong("said to be erased, and %d items are there", len(items))
		}
		_, err1 := s.Expire(l.Context()) // what an erasure had to leave
		_, err2 := s.Erase(l.Context(), w.Entry)
		left, err3 := s.List(l.Context(), Filter{Brand: w.Token})
		_, gone := s.Message(l.Context(), w.Entry)
		if err := errors.Join(err1, err2, err3); err != nil || len(left) > 0 || !errors.Is(gone, ErrErased) {
			wrong("not erased at last: %v, %d items, %v", err, len(left), gone)
		}
	case "digest":
		if _, err := s.Untold(l.Context(), "one.test", later()); err != nil {
			wrong("%v", err)
		}
		_, err := s.Tell(l.Context(), w.Token+"@one.test", later(), 9, o, telling(w.Token))
		if err != nil || arrived() != 1 {
			wrong("told %d times, %v", arrived(), err)
		}
	case "report":
		var err error
		for range 2 { // the first one finds what became of it, and has it wait
			_, _, err = s.SendReport(l.Context(), ReportLimits{Target: 1e6, All: 1e6}, "gate@kaisha.test", o, &tokenClerk{w.Token})
			ahead += time.Hour
		}
		if now, err2 := s.ReportOf(l.Context(), w.Report); err != nil || err2 != nil || arrived() != 1 || now.State != Sent {
			wrong("sent %d times, %s, %v", arrived(), now.State, errors.Join(err, err2))
		}
	}
	if done {
		sum.done++
	}
	v, err := s.Verify(l.Context(), VerifyOptions{Orphan: func(string, []byte) error { return nil }, Told: func(f Fault) error {
		if f.Kind != FaultOrphan {
			wrong("%s %s", f.Kind, f.Detail)
		}
		return nil
	}})
	if err != nil {
		wrong("%v", err)
	}
	sum.orphans += v.Faults
}
