package quarantine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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
)

// The environment of a child process that stores messages until it is killed.
const (
	childDir     = "QUARANTINE_TEST_DIR"
	childOptions = "QUARANTINE_TEST_OPTIONS" // JSON of Options
	childStep    = "QUARANTINE_TEST_STEP"    // step at which it kills itself; 0 for none
)

func storeUntilKilled(dir, step string) {
	var o Options
	n, err1 := strconv.ParseInt(step, 10, 64)
	err := errors.Join(err1, json.Unmarshal([]byte(os.Getenv(childOptions)), &o))
	left := &atomic.Int64{}
	left.Store(1 << 40)
	if err == nil {
		var s *Store
		if s, err = open(dir, o, faulty{left: left, die: true}); err == nil {
			s.blobs.shelf = dyingShelf{s.blobs.shelf, left}
			s.index.kind = dyingDatabase{s.index.kind, left}
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

func die(left *atomic.Int64) {
	if left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

// dyingShelf kills the process before or after a message is put or removed.
type dyingShelf struct {
	shelf
	left *atomic.Int64
}

func (d dyingShelf) put(ctx context.Context, name string, fill func(io.Writer) error) error {
	die(d.left)
	err := d.shelf.put(ctx, name, fill)
	die(d.left)
	return err
}

func (d dyingShelf) remove(ctx context.Context, name string) error {
	die(d.left)
	err := d.shelf.remove(ctx, name)
	die(d.left)
	return err
}

// dyingDatabase kills the process before a query.
type dyingDatabase struct {
	database
	left *atomic.Int64
}

func (d dyingDatabase) words(query string) string {
	die(d.left)
	return d.database.words(query)
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

// TestKilled kills a process that stores and erases messages, at each step of its
// first messages and then at any time. All that it said was stored is there, and
// nothing is there in part.
func TestKilled(t *testing.T) { onEach(t, testKilled) }

func testKilled(t *testing.T, b *backend) {
	rounds := 12
	if testing.Short() {
		rounds = 8
	}
	if n, err := strconv.Atoi(os.Getenv("QUARANTINE_KILLS")); err == nil {
		rounds = n
	}
	all := map[string]string{}
	for round := range rounds {
		step := 0
		if round < rounds/2 {
			step = round + 1
		}
		acknowledged := map[string]string{}
		runAndKill(t, b, step, acknowledged)
		verify(t, b, acknowledged)
		maps.Copy(all, acknowledged)
	}
	verify(t, b, all)
	if len(all) == 0 {
		t.Error("no message was stored in any round")
	}
	t.Logf("%d rounds, %d entries acknowledged, all whole", rounds, len(all))
}

func runAndKill(t *testing.T, b *backend, step int, acknowledged map[string]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	options, err := json.Marshal(b.options)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), childDir+"="+b.dir, childOptions+"="+string(options), childStep+"="+strconv.Itoa(step))
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

func verify(t *testing.T, b *backend, acknowledged map[string]string) {
	t.Helper()
	s, err := Open(b.dir, b.with(Options{Existing: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if f, ok := s.blobs.shelf.(*folder); ok {
		if names, err := os.ReadDir(f.tmp); err != nil || len(names) > 0 {
			t.Errorf("left behind: %v, %v", names, err)
		}
	}
	for id, body := range acknowledged {
		message, err := s.Message(t.Context(), id)
		if err != nil || string(message) != header+body {
			t.Fatalf("%s was acknowledged: %q, %v", id, message, err)
		}
		if items, err := s.Show(t.Context(), id); err != nil || len(items) != 2 {
			t.Fatalf("acknowledged entry %s has %d items, %v", id, len(items), err)
		}
	}
	if _, err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	var unfreed int
	if err := s.index.read.QueryRow("SELECT count(*) FROM entry WHERE erased > 0 AND sha256 <> ''").Scan(&unfreed); err != nil || unfreed > 0 {
		t.Errorf("%d erased messages are still there, %v", unfreed, err)
	}
	items, err := s.List(t.Context(), Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	perEntry := map[string]int{}
	for _, it := range items {
		if it.Recipient != "x@gone" {
			perEntry[it.Entry]++
		}
		if err := whole(t.Context(), s, it); err != nil {
			t.Fatalf("item without its message: %v", err)
		}
	}
	for id, n := range perEntry {
		if n != 2 && len(items) < 1000 {
			t.Fatalf("entry %s has %d of 2 items", id, n)
		}
	}
}
