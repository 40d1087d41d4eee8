package session

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// serveAsking is serve with a filter that answers recipients.
func serveAsking(t *testing.T, opt Options) (string, *Factory) {
	t.Helper()
	opt.Registerer = prometheus.NewRegistry()
	f, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	server, err := wire.New(wire.Options{NewSession: f.Session, AskRcpt: true})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ln)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		<-done
	})
	return path, f
}

// TestOneGroupForEachMessage: who is not of the first one's group is asked to be
// sent to separately, and is not among those that are judged; the next message
// begins anew.
func TestOneGroupForEachMessage(t *testing.T) {
	judge := &bench{plan: deliver}
	sameDomain := func(a, b string) bool { return a[strings.IndexByte(a, '@'):] == b[strings.IndexByte(b, '@'):] }
	path, f := serveAsking(t, Options{Judge: judge, SameGroup: sameDomain})
	c := open(t, path)
	if c.Agreed.Steps&milter.OptNoRcptReply != 0 {
		t.Fatal("the MTA will not wait for an answer")
	}
	send := func(to ...string) (taken []string) {
		t.Helper()
		if err := c.Mail("<a@example.com>"); err != nil {
			t.Fatal(err)
		}
		for _, rcpt := range to {
			if err := c.Frame(byte(milter.CodeRcpt), []byte("<"+rcpt+">\x00")); err != nil {
				t.Fatal(err)
			}
			switch code, text, err := c.ReadFrame(); {
			case err != nil:
				t.Fatal(err)
			case milter.ActionCode(code) == milter.ActContinue:
				taken = append(taken, rcpt)
			case milter.ActionCode(code) != milter.ActReplyCode || !strings.HasPrefix(string(text), "452 4.5.3 "):
				t.Errorf("%s: %c %q", rcpt, code, text)
			}
		}
		if err := c.EndOfHeader(); err != nil {
			t.Fatal(err)
		}
		if r, err := c.End(); err != nil || r.Code != milter.ActContinue {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := c.Abort(); err != nil {
			t.Fatal(err)
		}
		return taken
	}
	for _, to := range [][]string{
		{"1@x.test", "2@y.test", "3@x.test", "4@z.test"}, {"2@y.test", "4@z.test"}, {"4@z.test"},
	} {
		taken := send(to...)
		if want := slices.DeleteFunc(slices.Clone(to), func(r string) bool { return !sameDomain(to[0], r) }); !slices.Equal(taken, want) {
			t.Errorf("of %v %v were taken", to, taken)
		}
		if got := judge.last(t).env.Recipients; !slices.Equal(got, taken) {
			t.Errorf("judged for %v, taken %v", got, taken)
		}
	}
	if n := testutil.ToFloat64(f.met.separated); n != 3 {
		t.Errorf("%v counted", n)
	}
}

// TestGroupsWithoutAnswers: where the MTA does not wait for an answer nobody is left
// out, since nobody would hear of it.
func TestGroupsWithoutAnswers(t *testing.T) {
	judge := &bench{plan: deliver}
	path, _ := serve(t, Options{Judge: judge, SameGroup: func(string, string) bool { return false }})
	c := open(t, path)
	if c.Agreed.Steps&milter.OptNoRcptReply == 0 {
		t.Fatal("the MTA waits for answers")
	}
	if _, err := c.Send(wiretest.Message{To: []string{"1@x.test", "2@y.test"}, Data: []byte("A: b\r\n\r\n")}); err != nil {
		t.Fatal(err)
	}
	if got := judge.last(t).env.Recipients; len(got) != 2 {
		t.Errorf("judged for %v", got)
	}
}
