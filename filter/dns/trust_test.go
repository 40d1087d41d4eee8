package dns

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"sekisho/filter/dns/dnstest"
)

const secureZone = `
signed.jp.   IN TXT "x"
plain.jp.    IN TXT "x"
both.jp.     IN CNAME signed.jp.
half.jp.     IN CNAME plain.jp.
; secure signed.jp
; secure both.jp
; secure half.jp
; secure nobody.jp
; secure empty.jp
empty.jp.    IN A 192.0.2.1
`

// TestAuthentic holds whose AD bit counts for which answers, also from the cache.
func TestAuthentic(t *testing.T) {
	tests := []struct {
		name  string
		trust TrustAD
		want  bool
	}{
		{"signed.jp", "", true},
		{"signed.jp", TrustAuto, true}, // the test server is on a loopback address
		{"signed.jp", TrustAlways, true},
		{"signed.jp", TrustNever, false},
		{"plain.jp", TrustAlways, false},
		{"both.jp", TrustAuto, true},
		{"half.jp", TrustAuto, false},
		{"nobody.jp", TrustAuto, true},
		{"empty.jp", TrustAuto, true},
		{"empty.jp", TrustNever, false},
		{"not a\x00name", TrustAlways, false},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+string(tt.trust), func(t *testing.T) {
			r, s := serve(t, secureZone, Options{TrustAD: tt.trust})
			for _, pass := range []string{"asked", "from the cache"} {
				if _, got, _ := r.LookupTXTAuthentic(t.Context(), tt.name); got != tt.want {
					t.Errorf("%s: %t, want %t", pass, got, tt.want)
				}
			}
			if n := s.Count("", ""); n > 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestTrustAD(t *testing.T) {
	for addr, auto := range map[string]bool{
		"127.0.0.1:53": true, "127.0.0.53:53": true, "[::1]:53": true, "[::ffff:127.0.0.1]:53": true,
		"192.0.2.1:53": false, "[2001:db8::1]:53": false, "nonsense": false,
	} {
		if got := TrustAuto.of(addr); got != auto {
			t.Errorf("%s: %t", addr, got)
		}
		if !TrustAlways.of(addr) || TrustNever.of(addr) {
			t.Errorf("%s: always or never is not kept to", addr)
		}
	}
}

// One reply without the bit spoils an alias chain that took two questions.
func TestAuthenticOverReplies(t *testing.T) {
	for _, tt := range []struct{ first, second, want bool }{{true, true, true}, {true, false, false}, {false, true, false}} {
		c := newChain("a.jp", dns.TypeTXT)
		m := reply(0, "a.jp. IN CNAME b.jp.", "")
		m.AuthenticatedData = tt.first
		if a, next := c.read(m); a != nil || next != "b.jp." {
			t.Fatalf("%+v, %q", a, next)
		}
		m = reply(0, "b.jp. IN TXT x", "")
		m.Question[0].Name, m.AuthenticatedData = "b.jp.", tt.second
		if a, _ := c.read(m); a.secure != tt.want {
			t.Errorf("%t then %t: %t", tt.first, tt.second, a.secure)
		}
	}
}

// The AD bit is asked for without DO, and only where its answer counts.
func TestQueryBits(t *testing.T) {
	for _, ad := range []bool{true, false} {
		for _, edns := range []bool{true, false} {
			query, err := newQuery("a.jp.", dns.TypeTXT, ad, edns)
			if err != nil {
				t.Fatal(err)
			}
			var m dns.Msg
			if err := m.Unpack(query); err != nil {
				t.Fatal(err)
			}
			opt := m.IsEdns0()
			if m.AuthenticatedData != ad || (opt != nil) != edns || edns && (opt.Do() || opt.UDPSize() != udpSize) {
				t.Errorf("ad %t, edns %t: %v", ad, edns, &m)
			}
		}
	}
}

// A server that does not know EDNS is asked again without it.
func TestWithoutEDNS(t *testing.T) {
	r, s := serve(t, "; noedns old.jp\nold.jp. IN TXT x", Options{})
	got, err := r.LookupTXT(t.Context(), "old.jp")
	if err != nil || len(got) != 1 || s.Count("old.jp", "TXT") != 2 {
		t.Errorf("%q, %v after %d questions", got, err, s.Count("old.jp", "TXT"))
	}
	s = dnstest.New(t, "; silent old.jp")
	r = newTest(t, Options{Servers: []string{s.Addr()}, TryTimeout: 20 * time.Millisecond})
	if _, err := r.LookupTXT(t.Context(), "old.jp"); kindOf(t, err) != "timeout" {
		t.Error(err)
	}
}
