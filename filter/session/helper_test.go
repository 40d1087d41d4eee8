package session

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"sekisho/filter/act"
	"sekisho/filter/mail"
	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asked is what a judge was given.
type asked struct {
	env    mail.Envelope
	header mail.Header
	body   []byte
}

// bench is a judge that gives a set plan and remembers.
type bench struct {
	mu   sync.Mutex
	plan act.Plan
	all  []asked
}

func (b *bench) Judge(_ context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, asked{env, h, body})
	return b.plan
}

func (b *bench) last(t *testing.T) asked {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.all) == 0 {
		t.Fatal("judge was not asked")
	}
	return b.all[len(b.all)-1]
}

func (b *bench) times() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.all)
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// serve runs a filter with the given options on a unix socket and returns its
// address and metrics.
func serve(tb testing.TB, opt Options) (string, *prometheus.Registry) {
	tb.Helper()
	reg := prometheus.NewRegistry()
	opt.Registerer = reg
	opt.Now = func() time.Time { return noon }
	f, err := New(opt)
	if err != nil {
		tb.Fatal(err)
	}
	server, err := wire.New(wire.Options{NewSession: f.Session, Registerer: reg})
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "m")
	ln, err := net.Listen("unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ln)
	}()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
		<-done
	})
	return path, reg
}

// dial connects and negotiates.
func dial(tb testing.TB, path string, o wiretest.Offer) *wiretest.Client {
	tb.Helper()
	c, err := wiretest.Dial("unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	if _, err := c.Negotiate(o); err != nil {
		tb.Fatal(err)
	}
	return c
}

// open is dial, CONNECT and HELO, as Postfix does them.
func open(tb testing.TB, path string) *wiretest.Client {
	tb.Helper()
	c := dial(tb, path, wiretest.Postfix())
	if err := c.Open(wiretest.Message{}); err != nil {
		tb.Fatal(err)
	}
	return c
}

// value is that of a counter with one label.
func value(tb testing.TB, reg *prometheus.Registry, name, label string) float64 {
	tb.Helper()
	families, err := reg.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue()
			}
		}
	}
	tb.Fatalf("no metric %s{%s}", name, label)
	return 0
}
