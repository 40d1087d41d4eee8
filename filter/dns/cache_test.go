package dns

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sekisho/filter/dns/dnstest"
)

func TestCacheTimes(t *testing.T) {
	tests := []struct {
		name string
		host string
		kept time.Duration // remembered until just before, asked again just after
	}{
		{"records", "v4.example.jp", 300 * time.Second},
		{"no such name: the SOA's minimum", "nobody.example.jp", 60 * time.Second},
		{"no such type: the SOA's minimum", "_dmarc.example.jp", 60 * time.Second},
		{"negative without SOA", "bare.example.jp", bareTTL},
		{"failure", "fail.example.jp", failureTTL},
		{"TTL 0", "once.example.jp", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := dnstest.New(t, testZone)
			clock := &fakeClock{now: 1}
			r, err := newResolver(Options{Servers: []string{s.Addr()}}, clock)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			look := func() { _, _ = r.LookupNetIP(t.Context(), "ip4", tt.host) }
			look()
			if tt.kept > 0 {
				clock.add(tt.kept - time.Millisecond)
				look()
				if n := s.Count(tt.host, "A"); n != 1 {
					t.Errorf("asked %d times within %v", n, tt.kept)
				}
			}
			clock.add(2 * time.Millisecond)
			look()
			if n := s.Count(tt.host, "A"); n != 2 {
				t.Errorf("asked %d times, want again after %v", n, tt.kept)
			}
		})
	}
}

type fakeClock struct {
	mu  sync.Mutex
	now int64
}

func (c *fakeClock) NowNano() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += int64(d)
}

func (c *fakeClock) Tick(time.Duration) <-chan time.Time { return nil }

func TestCacheIsBounded(t *testing.T) {
	r, _ := serve(t, `*.jp. IN TXT "`+strings.Repeat("x", 200)+`"`, Options{CacheBytes: 64 << 10})
	for i := range 1000 {
		if _, err := r.LookupTXT(t.Context(), fmt.Sprintf("n%d.jp", i)); err != nil {
			t.Fatal(err)
		}
	}
	r.cache.CleanUp()
	if n := r.cache.WeightedSize(); n > 64<<10 {
		t.Errorf("cache holds %d bytes", n)
	}
}

func BenchmarkCached(b *testing.B) {
	r, _ := serve(b, testZone, Options{})
	b.Run("txt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.LookupTXT(b.Context(), "example.jp"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ip", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.LookupIPAddr(b.Context(), "example.jp"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("nxdomain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.LookupTXT(b.Context(), "nobody.example.jp"); err == nil {
				b.Fatal("found")
			}
		}
	})
}

// BenchmarkAsked includes the server's work, which runs in the same process.
func BenchmarkAsked(b *testing.B) {
	r, _ := serve(b, `*.jp. 0 IN TXT "v=spf1 -all"`, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.LookupTXT(b.Context(), "a.jp"); err != nil {
			b.Fatal(err)
		}
	}
}
