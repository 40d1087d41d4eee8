package quarantine

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The environment of a child process that stores messages until it is killed.
const (
	childDir  = "QUARANTINE_TEST_DIR"
	childStep = "QUARANTINE_TEST_STEP" // file operation at which it kills itself; 0 for none
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		storeUntilKilled(dir, os.Getenv(childStep))
	}
	goleak.VerifyTestMain(m)
}

func storeUntilKilled(dir, step string) {
	n, err := strconv.ParseInt(step, 10, 64)
	left := &atomic.Int64{}
	left.Store(1 << 40)
	if err == nil {
		var s *Store
		if s, err = open(dir, Options{}, faulty{left: left, die: true}); err == nil {
			err = storeFor(s, func() {
				if n > 0 {
					left.Store(n)
				}
			})
		}
	}
	fmt.Println("error", err)
	os.Exit(1)
}

// storeFor stores messages from several goroutines and prints the id and text of
// each that was acknowledged. Another one erases what is stored beside them.
func storeFor(s *Store, begin func()) error {
	var wg sync.WaitGroup
	errs := make(chan error, 5)
	begin()
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				id, err := s.Put(context.Background(), entry(body, "a@b", "c@d"))
				if err != nil {
					errs <- err
					return
				}
				fmt.Println("stored", id, body)
				if _, err := s.Put(context.Background(), entry(fmt.Sprint("gone", i%3), "x@gone")); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Go(func() {
		for {
			if _, err := s.EraseDomain(context.Background(), "gone"); err != nil {
				errs <- err
				return
			}
		}
	})
	wg.Wait()
	return <-errs
}

// TestKilled kills a process that stores and erases messages, at each file operation of its
// first messages and then at any time. All that it said was stored is there, and
// nothing is there in part.
func TestKilled(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	dir := t.TempDir()
	acknowledged := map[string]string{}
	for round := range rounds {
		step := 0
		if round < rounds/2 {
			step = round + 1
		}
		runAndKill(t, dir, step, acknowledged)
		verify(t, dir, acknowledged)
	}
	if len(acknowledged) == 0 {
		t.Error("no message was stored in any round")
	}
	t.Logf("%d entries acknowledged", len(acknowledged))
}

func runAndKill(t *testing.T, dir string, step int, acknowledged map[string]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childStep+"="+strconv.Itoa(step))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The pipe keeps what the child wrote before it died.
	first := true
	for lines := bufio.NewScanner(out); lines.Scan(); first = false {
		if first && step == 0 {
			timer := time.AfterFunc(rand.N(150*time.Millisecond), func() { cmd.Process.Kill() })
			defer timer.Stop()
		}
		words := strings.Fields(lines.Text())
		if len(words) != 3 || words[0] != "stored" {
			t.Errorf("child: %s", lines.Text())
			continue
		}
		acknowledged[words[1]] = words[2]
	}
	if err := cmd.Wait(); err == nil || !cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("the child was not killed: %v", err)
	}
}

func verify(t *testing.T, dir string, acknowledged map[string]string) {
	t.Helper()
	s, err := Open(dir, Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if names, err := os.ReadDir(s.blobs.tmp); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	for id, body := range acknowledged {
		message, err := s.Message(t.Context(), id)
		if err != nil || string(message) != header+body {
			t.Fatalf("%s was acknowledged: %q, %v", id, message, err)
		}
	}
	if _, err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	var unfreed int
	if err := s.index.read.QueryRow("SELECT count(*) FROM entry WHERE erased > 0 AND sha256 <> ''").Scan(&unfreed); err != nil || unfreed > 0 {
		t.Errorf("%d erased messages are still there, %v", unfreed, err)
	}
	items, err := s.List(t.Context(), Filter{Limit: MaxList})
	if err != nil {
		t.Fatal(err)
	}
	perEntry := map[string]int{}
	for _, it := range items {
		if it.Recipient != "x@gone" {
			perEntry[it.Entry]++
		}
		if err := s.blobs.check(it.SHA256, it.Size); err != nil {
			t.Fatalf("item without its message: %v", err)
		}
	}
	for id, n := range perEntry {
		if n != 2 && len(items) < MaxList {
			t.Fatalf("entry %s has %d of 2 items", id, n)
		}
	}
	for id := range acknowledged {
		if perEntry[id] != 2 && len(items) < MaxList {
			t.Fatalf("acknowledged entry %s has %d items", id, perEntry[id])
		}
	}
}
