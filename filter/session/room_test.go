package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/act"
	"sekisho/filter/wire/wiretest"
)

func TestRoomAtAndPastItsLimit(t *testing.T) {
	r := room{limit: 100}
	if !r.take(60) || !r.take(40) {
		t.Error("what fits was refused")
	}
	if r.take(1) {
		t.Error("one byte past the limit was taken")
	}
	r.give(40)
	if !r.take(40) {
		t.Error("what was given back is gone")
	}
	if got := r.used.Load(); got != 100 {
		t.Errorf("used %d", got)
	}
}

// TestMessagesShareTheRoom: while one client holds the room, others are asked to
// come again; when it goes away, they are served. Nothing stays reserved.
func TestMessagesShareTheRoom(t *testing.T) {
	judge := &bench{plan: deliver}
	path, reg := serve(t, Options{Judge: judge, Limits: Limits{MemoryBytes: 1 << 20}})
	slow := dial(t, path, wiretest.Postfix())
	big := wiretest.Message{From: "a@example.com", To: []string{"b@example.org"}}
	must(t, slow.Open(big))
	must(t, slow.Envelope(big))
	must(t, slow.Header("Subject", " x"))
	must(t, slow.EndOfHeader())
	for range 8 { // half a megabyte of the one that there is
		must(t, slow.Body(bytes.Repeat([]byte("x"), 64_000)))
	}
	must(t, slow.Flush())

	other := wiretest.Message{From: "a@example.com", To: []string{"b@example.org"},
		Data: []byte(letter + "\r\n" + strings.Repeat("y", 600_000))}
	eventually(t, "452 while the room is full", func() bool {
		reply, err := open(t, path).Send(other)
		return err == nil && strings.HasPrefix(reply.Text, "452 4.3.1")
	})
	if value(t, reg, "sekisho_session_limits_total", "memory_bytes") == 0 {
		t.Error("not counted")
	}

	slow.Conn.Close()
	eventually(t, "service when there is room again", func() bool {
		reply, err := open(t, path).Send(other)
		return err == nil && !strings.HasPrefix(reply.Text, "4")
	})
}

// TestOverload: who is asked what becomes of a message that there is no room for
// hears for whom it is; what he says is carried out.
func TestOverload(t *testing.T) {
	asked := make(chan []string, 1)
	path, reg := serve(t, Options{Judge: &bench{plan: deliver}, Limits: Limits{MemoryBytes: 1 << 20}, Overload: func(rcpts []string) act.Plan {
		asked <- rcpts
		return act.Unjudged(true, 7)
	}})
	big := wiretest.Message{From: "a@example.com", To: []string{"b@example.org", "c@example.org"},
		Data: []byte(letter + "\r\n" + strings.Repeat("y", 1<<20))}
	reply, err := open(t, path).Send(big)
	must(t, err)
	if got := <-asked; len(got) != 2 || got[1] != "c@example.org" {
		t.Errorf("%v", got)
	}
	if reply.Code != milter.ActContinue || len(reply.Edits) != 1 || !strings.Contains(fmt.Sprint(reply.Edits), "verdict=unjudged") {
		t.Errorf("%+v", reply)
	}
	if value(t, reg, "sekisho_session_limits_total", "memory_bytes") != 1 {
		t.Error("not counted")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never saw %s", what)
}
