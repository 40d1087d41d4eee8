package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"sekisho/filter/dns/dnstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var testZone = `
example.jp.        300 IN SOA ns.example.jp. h.example.jp. 1 3600 600 86400 60
example.jp.        300 IN TXT "v=spf1 " "include:_spf.example.jp -all"
example.jp.            IN TXT "quote \" back \\ tab \009 end"
example.jp.            IN MX 20 mx2.example.jp.
example.jp.            IN MX 10 mx1.example.jp.
example.jp.            IN A 192.0.2.1
example.jp.            IN AAAA 2001:db8::1
v4.example.jp.         IN A 192.0.2.4
nullmx.example.jp.     IN MX 0 .
alias.example.jp.      IN CNAME alias2.example.jp.
alias2.example.jp.     IN CNAME v4.example.jp.
loop.example.jp.       IN CNAME loop2.example.jp.
loop2.example.jp.      IN CNAME loop.example.jp.
_dmarc.example.jp.     IN TXT "v=DMARC1; p=reject"
*.wild.example.jp.     IN TXT "wild"
deep.empty.example.jp. IN A 192.0.2.9
big.example.jp.        IN TXT "` + strings.Repeat(`abcdefgh" "`, 300) + `"
once.example.jp.     0 IN A 192.0.2.5
1.2.0.192.in-addr.arpa. IN PTR example.jp.
1.2.0.192.in-addr.arpa. IN PTR bad\032name.example.jp.
fail.example.jp.       IN A 192.0.2.6
; servfail fail.example.jp
; refused refused.example.jp
; silent silent.example.jp
; delay slow.example.jp 100ms
slow.example.jp.       IN A 192.0.2.7
; truncate cut.example.jp
cut.example.jp.        IN TXT "over tcp"
; nosoa bare.example.jp
`

func newTest(t testing.TB, o Options) *Resolver {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func serve(t testing.TB, zone string, o Options) (*Resolver, *dnstest.Server) {
	t.Helper()
	s := dnstest.New(t, zone)
	o.Servers = []string{s.Addr()}
	return newTest(t, o), s
}

// kindOf is what errors look like in tables: the kind, not the words.
func kindOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := err.(*net.DNSError) // bare, never wrapped
	if !ok {
		t.Fatalf("error is a %T, want a bare *net.DNSError", err)
	}
	switch {
	case errors.Is(err, ErrNoName) && e.IsNotFound && !e.IsTemporary:
		return "noname"
	case errors.Is(err, ErrNoData) && e.IsNotFound && !e.IsTemporary:
		return "nodata"
	case e.IsNotFound && !e.Temporary():
		return "notfound"
	case e.IsTimeout && e.IsTemporary:
		return "timeout"
	case e.IsTemporary:
		return "temporary"
	}
	return "permanent"
}

func TestLookups(t *testing.T) {
	r, _ := serve(t, testZone, Options{TryTimeout: 100 * time.Millisecond, Timeout: time.Second})
	txt := func(name string) func() (any, error) {
		return func() (any, error) { v, err := r.LookupTXT(t.Context(), name); return v, err }
	}
	ip := func(name string) func() (any, error) {
		return func() (any, error) {
			v, err := r.LookupIPAddr(t.Context(), name)
			var s []string
			for _, a := range v {
				s = append(s, a.String())
			}
			return s, err
		}
	}
	mx := func(name string) func() (any, error) {
		return func() (any, error) {
			v, err := r.LookupMX(t.Context(), name)
			var s []string
			for _, m := range v {
				s = append(s, fmt.Sprint(m.Pref, " ", m.Host))
			}
			return s, err
		}
	}
	ptr := func(addr string) func() (any, error) {
		return func() (any, error) { v, err := r.LookupAddr(t.Context(), addr); return v, err }
	}
	tests := []struct {
		name string
		look func() (any, error)
		want []string
		err  string
	}{
		{"strings are joined, escapes undone", txt("example.jp"), []string{"v=spf1 include:_spf.example.jp -all", "quote \" back \\ tab \t end"}, ""},
		{"letter case and final dot", txt("_DMARC.Example.JP."), []string{"v=DMARC1; p=reject"}, ""},
		{"wildcard", txt("a.b.wild.example.jp"), []string{"wild"}, ""},
		{"larger than a datagram", txt("big.example.jp"), []string{strings.Repeat("abcdefgh", 300)}, ""},
		{"truncated, then TCP", txt("cut.example.jp"), []string{"over tcp"}, ""},
		{"no such name", txt("nobody.example.jp"), nil, "noname"},
		{"no such type", txt("v4.example.jp"), nil, "nodata"},
		{"empty non-terminal exists", txt("empty.example.jp"), nil, "nodata"},
		{"SERVFAIL", txt("fail.example.jp"), nil, "temporary"},
		{"REFUSED", txt("refused.example.jp"), nil, "temporary"},
		{"no answer", txt("silent.example.jp"), nil, "timeout"},
		{"no final label", txt("example..jp"), nil, "notfound"},
		{"control byte", txt("exa\x00mple.jp"), nil, "notfound"},
		{"U-label", txt("例え.jp"), nil, "notfound"},
		{"both families", ip("example.jp"), []string{"192.0.2.1", "2001:db8::1"}, ""},
		{"one family", ip("v4.example.jp"), []string{"192.0.2.4"}, ""},
		{"neither family, name exists", ip("_dmarc.example.jp"), nil, "nodata"},
		{"address of nothing", ip("nobody.example.jp"), nil, "noname"},
		{"an address is no name", ip("192.0.2.1"), nil, "notfound"},
		{"aliases", ip("alias.example.jp"), []string{"192.0.2.4"}, ""},
		{"alias loop", ip("loop.example.jp"), nil, "notfound"},
		{"preference order", mx("example.jp"), []string{"10 mx1.example.jp.", "20 mx2.example.jp."}, ""},
		{"null MX", mx("nullmx.example.jp"), []string{"0 ."}, ""},
		{"PTR without odd names", ptr("192.0.2.1"), []string{"example.jp."}, ""},
		{"PTR of a mapped address", ptr("::ffff:192.0.2.1"), []string{"example.jp."}, ""},
		{"no PTR", ptr("2001:db8::1"), nil, "noname"},
		{"PTR of no address", ptr("example.jp"), nil, "notfound"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, pass := range []string{"asked", "from the cache"} {
				got, err := tt.look()
				if k := kindOf(t, err); k != tt.err {
					t.Fatalf("%s: error %v is %q, want %q", pass, err, k, tt.err)
				}
				if d := cmp.Diff(any(tt.want), got); d != "" {
					t.Errorf("%s: %s", pass, d)
				}
			}
		})
	}
}

func TestLookupNetIP(t *testing.T) {
	r, s := serve(t, testZone, Options{})
	for network, want := range map[string]string{
		"ip4": "[192.0.2.1]", "ip6": "[2001:db8::1]", "ip": "[192.0.2.1 2001:db8::1]",
	} {
		got, err := r.LookupNetIP(t.Context(), network, "example.jp")
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v; want %s", network, got, err, want)
		}
	}
	if _, err := r.LookupNetIP(t.Context(), "ip4", "v4.example.jp"); err != nil {
		t.Error(err)
	}
	if n := s.Count("v4.example.jp", "AAAA"); n != 0 {
		t.Errorf("asked %d times for the family nobody wanted", n)
	}
	if _, err := r.LookupNetIP(t.Context(), "tcp", "v4.example.jp"); err == nil {
		t.Error("unknown network accepted")
	}
}

func TestFailover(t *testing.T) {
	good := dnstest.New(t, testZone)
	tests := map[string]string{
		"dead":     "127.0.0.1:1",
		"silent":   dnstest.Serve(t, "; silent example.jp"),
		"servfail": dnstest.Serve(t, "; servfail example.jp"),
		"refused":  dnstest.Serve(t, "; refused example.jp"),
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			r := newTest(t, Options{Servers: []string{bad, good.Addr()}, TryTimeout: 100 * time.Millisecond, Registerer: reg})
			if _, err := r.LookupTXT(t.Context(), "example.jp"); err != nil {
				t.Fatal(err)
			}
			// The server that answered is asked first from then on.
			if _, err := r.LookupMX(t.Context(), "example.jp"); err != nil {
				t.Fatal(err)
			}
			failures := testutil.ToFloat64(r.metrics.failures.WithLabelValues(bad))
			if failures != 1 {
				t.Errorf("%v failures counted for the bad server, want 1", failures)
			}
		})
	}
}

func TestAllServersFail(t *testing.T) {
	bad := dnstest.New(t, "; servfail example.jp")
	r := newTest(t, Options{Servers: []string{bad.Addr(), "127.0.0.1:1"}, TryTimeout: 50 * time.Millisecond})
	_, err := r.LookupTXT(t.Context(), "example.jp")
	if k := kindOf(t, err); k != "temporary" {
		t.Errorf("%v is %q", err, k)
	}
	if n := bad.Count("example.jp", "TXT"); n != 1 {
		t.Errorf("a server that said SERVFAIL was asked %d times", n)
	}
}

func TestTimeouts(t *testing.T) {
	t.Run("one lost datagram", func(t *testing.T) {
		s := dnstest.New(t, "; delay slow.jp 150ms\nslow.jp. IN A 192.0.2.7")
		r := newTest(t, Options{Servers: []string{s.Addr()}, TryTimeout: 100 * time.Millisecond})
		start := time.Now()
		_, err := r.LookupTXT(t.Context(), "slow.jp")
		if k := kindOf(t, err); k != "timeout" || time.Since(start) > 10*time.Second {
			t.Errorf("%v is %q after %v", err, k, time.Since(start))
		}
	})
	t.Run("whole look-up", func(t *testing.T) {
		silent := dnstest.Serve(t, "; silent silent.jp")
		r := newTest(t, Options{Servers: []string{silent}, TryTimeout: time.Minute, Timeout: 50 * time.Millisecond})
		_, err := r.LookupTXT(t.Context(), "silent.jp")
		if k := kindOf(t, err); k != "timeout" {
			t.Errorf("%v is %q", err, k)
		}
	})
	t.Run("asker leaves, answer is kept", func(t *testing.T) {
		r, s := serve(t, testZone, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := r.LookupNetIP(ctx, "ip4", "slow.example.jp")
		if k := kindOf(t, err); k != "timeout" {
			t.Fatalf("%v is %q", err, k)
		}
		if _, err := r.LookupNetIP(t.Context(), "ip4", "slow.example.jp"); err != nil {
			t.Fatal(err)
		}
		if n := s.Count("slow.example.jp", "A"); n != 1 {
			t.Errorf("asked %d times", n)
		}
		_, err = r.LookupTXT(ctx, "example.jp")
		if k := kindOf(t, err); k != "timeout" {
			t.Errorf("with an ended context: %v is %q", err, k)
		}
	})
}

func TestSingleFlight(t *testing.T) {
	r, s := serve(t, testZone, Options{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := r.LookupNetIP(t.Context(), "ip4", "slow.example.jp"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.Count("slow.example.jp", ""); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestBudget(t *testing.T) {
	r, s := serve(t, testZone, Options{})
	ctx := WithBudget(t.Context(), 2)
	if _, err := r.LookupTXT(ctx, "example.jp"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.LookupTXT(ctx, "cut.example.jp"); err != nil {
		t.Fatal("at the limit:", err)
	}
	_, err := r.LookupTXT(ctx, "_dmarc.example.jp")
	if k := kindOf(t, err); k != "temporary" {
		t.Errorf("one past the limit: %v is %q", err, k)
	}
	if _, err := r.LookupTXT(ctx, "example.jp"); err != nil {
		t.Error("from the cache:", err)
	}
	if n := s.Count("_dmarc.example.jp", ""); n != 0 {
		t.Error("asked in spite of the budget")
	}
	if _, err := r.LookupTXT(t.Context(), "_dmarc.example.jp"); err != nil {
		t.Error("another message has its own budget:", err)
	}
}

func TestClosed(t *testing.T) {
	s := dnstest.New(t, testZone)
	r, err := New(Options{Servers: []string{s.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { _, err := r.LookupTXT(t.Context(), "silent.example.jp"); done <- err }()
	for s.Count("silent.example.jp", "") == 0 {
		time.Sleep(time.Millisecond)
	}
	r.Close()
	if k := kindOf(t, <-done); k != "timeout" {
		t.Errorf("look-up under way: %q", k)
	}
	_, err = r.LookupTXT(t.Context(), "example.jp")
	if k := kindOf(t, err); k != "timeout" {
		t.Errorf("look-up after Close: %v is %q", err, k)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		servers []string
		ok      bool
	}{
		{nil, true},
		{[]string{"192.0.2.1", "[2001:db8::1]:5353", "2001:db8::1"}, true},
		{make8("192.0.2.1"), true},
		{append(make8("192.0.2.1"), "192.0.2.9"), false},
		{[]string{"ns.example.jp"}, false},
		{[]string{"192.0.2.1:port"}, false},
		{[]string{""}, false},
	} {
		r, err := New(Options{Servers: tt.servers})
		if (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.servers, err)
		}
		if r != nil {
			r.Close()
		}
	}
}

func make8(s string) []string { return []string{s, s, s, s, s, s, s, s} }

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := dnstest.New(t, testZone)
	o := Options{Servers: []string{s.Addr()}, Registerer: reg}
	first := newTest(t, o)
	second := newTest(t, o) // as after a reload: the counters go on
	for _, r := range []*Resolver{first, first, second} {
		_, _ = r.LookupTXT(t.Context(), "nobody.example.jp")
	}
	if n := testutil.ToFloat64(second.metrics.lookups[kindTXT][noName]); n != 3 {
		t.Errorf("%v look-ups counted, want 3", n)
	}
	if n := testutil.ToFloat64(second.metrics.hits[kindTXT]); n != 1 {
		t.Errorf("%v cache hits counted, want 1", n)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

// The slots bound the sockets: with all of them taken a question waits, and is
// given up as busy when its time is over.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := New(Options{Servers: []string{"127.0.0.1:1"}, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for range maxInFlight {
			r.slots <- struct{}{}
		}
		_, err = r.LookupTXT(t.Context(), "example.jp")
		if k := kindOf(t, err); k != "temporary" || !strings.Contains(err.Error(), "too many") {
			t.Errorf("%v is %q", err, k)
		}
	})
}
