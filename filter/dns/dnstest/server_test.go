package dnstest

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testZone = `
$TTL 60
example.jp.      IN A 192.0.2.1
alias.example.jp. IN CNAME example.jp.
away.example.jp. IN CNAME fail.example.jp.
*.wild.jp.       IN TXT "any"
own.wild.jp.     IN A 192.0.2.2
long.jp.         IN TXT "` + "0123456789012345678901234567890123456789012345678901234567890123456789" + `"
long.jp.         IN TXT "1123456789012345678901234567890123456789012345678901234567890123456789"
long.jp.         IN TXT "2123456789012345678901234567890123456789012345678901234567890123456789"
long.jp.         IN TXT "3123456789012345678901234567890123456789012345678901234567890123456789"
long.jp.         IN TXT "4123456789012345678901234567890123456789012345678901234567890123456789"
long.jp.         IN TXT "5123456789012345678901234567890123456789012345678901234567890123456789"
; servfail fail.example.jp
; refused no.example.jp
; delay late.example.jp 50ms
; truncate cut.example.jp
cut.example.jp.  IN TXT "whole"
; nosoa bare.jp
; just a comment
`

func ask(t *testing.T, s *Server, network, name string, qtype uint16) *dns.Msg {
	t.Helper()
	m, _, err := (&dns.Client{Net: network}).Exchange(new(dns.Msg).SetQuestion(name, qtype), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestServer(t *testing.T) {
	s := New(t, testZone)
	tests := []struct {
		network, name string
		qtype         uint16
		rcode         int
		answers       int
		authority     int
		truncated     bool
	}{
		{"udp", "example.jp.", dns.TypeA, dns.RcodeSuccess, 1, 0, false},
		{"tcp", "EXAMPLE.jp.", dns.TypeA, dns.RcodeSuccess, 1, 0, false},
		{"udp", "example.jp.", dns.TypeTXT, dns.RcodeSuccess, 0, 1, false},
		{"udp", "jp.", dns.TypeTXT, dns.RcodeSuccess, 0, 1, false},
		{"udp", "nobody.jp.", dns.TypeTXT, dns.RcodeNameError, 0, 1, false},
		{"udp", "bare.jp.", dns.TypeTXT, dns.RcodeNameError, 0, 0, false},
		{"udp", "alias.example.jp.", dns.TypeA, dns.RcodeSuccess, 2, 0, false},
		{"udp", "away.example.jp.", dns.TypeA, dns.RcodeServerFailure, 1, 0, false},
		{"udp", "a.b.wild.jp.", dns.TypeTXT, dns.RcodeSuccess, 1, 0, false},
		{"udp", "own.wild.jp.", dns.TypeTXT, dns.RcodeSuccess, 0, 1, false},
		{"udp", "below.own.wild.jp.", dns.TypeTXT, dns.RcodeNameError, 0, 1, false},
		{"udp", "fail.example.jp.", dns.TypeA, dns.RcodeServerFailure, 0, 0, false},
		{"udp", "no.example.jp.", dns.TypeA, dns.RcodeRefused, 0, 0, false},
		{"udp", "cut.example.jp.", dns.TypeTXT, dns.RcodeSuccess, 0, 0, true},
		{"tcp", "cut.example.jp.", dns.TypeTXT, dns.RcodeSuccess, 1, 0, false},
		{"tcp", "long.jp.", dns.TypeTXT, dns.RcodeSuccess, 6, 0, false},
	}
	for _, tt := range tests {
		m := ask(t, s, tt.network, tt.name, tt.qtype)
		if m.Rcode != tt.rcode || len(m.Answer) != tt.answers || len(m.Ns) != tt.authority || m.Truncated != tt.truncated {
			t.Errorf("%s %s %s:\n%v", tt.network, tt.name, dns.TypeToString[tt.qtype], m)
		}
	}
	if m := ask(t, s, "udp", "long.jp.", dns.TypeTXT); !m.Truncated {
		t.Error("more than 512 bytes without EDNS and not truncated")
	}
	if n := s.Count("Example.jp.", "A"); n != 2 {
		t.Errorf("counted %d", n)
	}
	if n := s.Count("", ""); n != len(tests)+1 {
		t.Errorf("counted %d in all", n)
	}
}

func TestDelay(t *testing.T) {
	s := New(t, testZone)
	start := time.Now()
	ask(t, s, "udp", "late.example.jp.", dns.TypeA)
	if d := time.Since(start); d < 50*time.Millisecond {
		t.Errorf("answered after %v", d)
	}
}

func TestSilent(t *testing.T) {
	s := New(t, "; silent silent.jp\n; delay slow.jp 1h")
	for _, name := range []string{"silent.jp.", "slow.jp."} {
		c := dns.Client{Timeout: 50 * time.Millisecond}
		if _, _, err := c.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeA), s.Addr()); err == nil {
			t.Errorf("%s: answered", name)
		}
	}
	start := time.Now()
	s.Close()
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("Close took %v with a delayed answer outstanding", d)
	}
}

func TestStartAt(t *testing.T) {
	first, err := Start("a.jp. IN A 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	first.Close()
	second, err := StartAt(first.Addr(), "a.jp. IN A 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if second.Addr() != first.Addr() {
		t.Errorf("came back at %s, was at %s", second.Addr(), first.Addr())
	}
}

func TestBadZones(t *testing.T) {
	for _, zone := range []string{"a.jp. IN A nonsense", "; delay a.jp", "; delay a.jp soon"} {
		if s, err := Start(zone); err == nil {
			s.Close()
			t.Errorf("%q accepted", zone)
		} else if !strings.Contains(err.Error(), "dnstest: ") {
			t.Error(err)
		}
	}
}
