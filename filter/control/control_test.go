package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"sekisho/policy/strictyaml"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type question struct {
	Text string `json:"text"`
}

type echo struct {
	Text string `json:"text"`
}

const repeat Request[question, echo] = "/test/repeat"

// serve runs a server until the test ends.
func serve(t *testing.T, handle func(*Server)) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(zap.NewNop())
	handle(s)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close(context.Background())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return socket
}

func TestAsk(t *testing.T) {
	socket := serve(t, func(s *Server) {
		Handle(s, repeat, func(_ context.Context, q question) (echo, error) { return echo{q.Text + q.Text}, nil })
		Handle(s, Status, func(context.Context, None) (Running, error) {
			return Running{Set: Set{Generation: 3, Domains: 2, Brands: 1}, Milter: []string{"tcp:127.0.0.1:8895"}}, nil
		})
	})
	if got, err := Ask(t.Context(), socket, repeat, question{"関所"}); err != nil || got.Text != "関所関所" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := Ask(t.Context(), socket, Status, None{}); err != nil || got.Set != (Set{3, 2, 1}) || len(got.Milter) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRefusal: problems arrive as they were sent, and print as the loader prints
// them.
func TestRefusal(t *testing.T) {
	policies := &strictyaml.Problems{List: []*strictyaml.Problem{
		{Pos: strictyaml.Pos{File: "p/例え.jp.yaml", Line: 2, Column: 7}, Message: "unknown key \"tga\"", Source: "  例え: tga"},
		{Pos: strictyaml.Pos{File: "p/a.yml"}, Message: "is not read"},
	}, More: 4}
	cause := errors.Join(policies, fmt.Errorf("read brands: %w", os.ErrNotExist))
	sent := Refusal(cause, "generation 3 goes on")
	socket := serve(t, func(s *Server) {
		Handle(s, Reload, func(context.Context, None) (Set, error) { return Set{}, fmt.Errorf("reload: %w", sent) })
	})
	_, err := Ask(t.Context(), socket, Reload, None{})
	var got *Failure
	if !errors.As(err, &got) || !got.Refused() {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Errorf("-sent +got\n%s", diff)
	}
	const want = `p/例え.jp.yaml:2:7: unknown key "tga"
      例え: tga
            ^
p/a.yml: is not read
read brands: file does not exist
and 4 more
generation 3 goes on`
	if diff := cmp.Diff(want, got.Detail()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if lines := strings.Split(got.Error(), "\n"); len(lines) != 5 || lines[0] != `p/例え.jp.yaml:2:7: unknown key "tga"` {
		t.Errorf("Error: %q", lines)
	}
}

// TestFailures: what else can come back, and what it is.
func TestFailures(t *testing.T) {
	socket := serve(t, func(s *Server) {
		Handle(s, Reload, func(context.Context, None) (Set, error) { return Set{}, errors.New("out of luck") })
		s.mux.HandleFunc("POST "+string(Status), func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "not JSON") })
		Handle(s, "/strict", func(context.Context, None) (Set, error) { return Set{}, nil })
		s.mux.HandleFunc("POST /huge", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxAnswer+1)) })
		s.mux.HandleFunc("POST /gone", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	})
	for name, tt := range map[string]struct {
		ask    func() error
		status int // of a Failure; 0 for an error of another kind
		want   string
	}{
		"the daemon's own": {ask(t, socket, Reload), 500, "out of luck"},
		"unknown request":  {ask(t, socket, Request[None, Set]("/nonsense")), 404, "does not know this request"},
		"unknown detail": {func() error {
			_, err := Ask(t.Context(), socket, Request[question, Set]("/strict"), question{"?"})
			return err
		}, 400, `unknown field "text"`},
		"not an answer": {ask(t, socket, Status), 0, "answer on " + socket + ": invalid character"},
		"too much":      {ask(t, socket, Request[None, Set]("/huge")), 0, "more than"},
		"hung up":       {ask(t, socket, Request[None, Set]("/gone")), 0, "no answer on " + socket},
	} {
		err := tt.ask()
		var f *Failure
		if errors.As(err, &f) != (tt.status != 0) || f != nil && f.Status != tt.status || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v (%+v)", name, err, f)
		}
		if f != nil && f.Refused() || errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %+v counts as refused or unreachable", name, err)
		}
	}
}

func ask[A any](t *testing.T, socket string, r Request[None, A]) func() error {
	return func() error { _, err := Ask(t.Context(), socket, r, None{}); return err }
}

// TestUnreachable: that nothing was asked can be told from all other errors.
func TestUnreachable(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	err := ask(t, socket, Status)()
	if want := "the daemon cannot be reached on " + socket + ": connect: no such file or directory"; !errors.Is(err, ErrUnreachable) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ask(ctx, socket, Status, None{}); err == nil {
		t.Error("asked though the caller has given up")
	}
}

// TestQuestionLimit: a question of the largest size is read, one byte more is not.
func TestQuestionLimit(t *testing.T) {
	socket := serve(t, func(s *Server) {
		Handle(s, repeat, func(_ context.Context, q question) (echo, error) { return echo{}, nil })
	})
	frame := len(`{"text":""}`)
	if _, err := Ask(t.Context(), socket, repeat, question{strings.Repeat("x", maxQuestion-frame)}); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := Ask(t.Context(), socket, repeat, question{strings.Repeat("x", maxQuestion-frame+1)}); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("one past the limit: %v", err)
	}
}
