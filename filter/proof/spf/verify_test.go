package spf

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
)

const testZone = `
example.jp.        IN TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.example.jp a:web.example.jp mx exists:%{i}.ok.example.jp ptr ~all"
example.jp.        IN MX 10 mx.example.jp.
mx.example.jp.     IN A 198.51.100.3
mx.example.jp.     IN AAAA 2001:db8::3
web.example.jp.    IN A 198.51.100.4
_spf.example.jp.   IN TXT "v=spf1 ip4:198.51.100.1 ?ip4:198.51.100.9 -all"
198.51.100.5.ok.example.jp. IN A 127.0.0.2
7.100.51.198.in-addr.arpa.  IN PTR host.example.jp.
host.example.jp.   IN A 198.51.100.7
redirect.example.jp. IN TXT "v=spf1 redirect=_spf.example.jp"
open.example.jp.   IN TXT "v=spf1 ip4:192.0.2.1"
late.example.jp.   IN TXT "v=spf1 ip4:192.0.2.1 nonsense -all"
two.example.jp.    IN TXT "v=spf1 -all"
two.example.jp.    IN TXT "v=spf1 +all"
self.example.jp.   IN TXT "v=spf1 include:self.example.jp -all"
void.example.jp.   IN TXT "v=spf1 a:v1.example.jp a:v2.example.jp a:v3.example.jp +all"
temp.example.jp.   IN TXT "v=spf1 include:fail.example.jp -all"
plain.example.jp.  IN TXT "hello"
xn--r8jz45g.jp.    IN TXT "v=spf1 ip4:192.0.2.1 -all"
host.helo.jp.      IN TXT "v=spf1 ip4:192.0.2.1 -all"
; servfail fail.example.jp
; silent silent.example.jp
`

func newResolver(t testing.TB) *dns.Resolver {
	t.Helper()
	r, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, testZone)}, TryTimeout: 100 * time.Millisecond, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestMailFrom(t *testing.T) {
	r := newResolver(t)
	tests := []struct {
		name, ip, sender string
		want             Check // Identity and Sender left out
	}{
		{"network", "192.0.2.1", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "ip4:192.0.2.0/24", Reason: "ip4:192.0.2.0/24 matches 192.0.2.1"}},
		{"mapped address", "::ffff:192.0.2.1", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "ip4:192.0.2.0/24", Reason: "ip4:192.0.2.0/24 matches 192.0.2.1"}},
		{"include", "198.51.100.1", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "include:_spf.example.jp", Reason: "include:_spf.example.jp matches 198.51.100.1"}},
		{"include that does not pass is no match", "198.51.100.9", "a@example.jp", Check{Result: SoftFail, Domain: "example.jp", Mechanism: "~all", Reason: "~all matches 198.51.100.9"}},
		{"a", "198.51.100.4", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "a:web.example.jp", Reason: "a:web.example.jp matches 198.51.100.4"}},
		{"mx", "198.51.100.3", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "mx", Reason: "mx matches 198.51.100.3"}},
		{"mx, IPv6", "2001:db8::3", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "mx", Reason: "mx matches 2001:db8::3"}},
		{"exists", "198.51.100.5", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "exists:%{i}.ok.example.jp", Reason: "exists:%{i}.ok.example.jp matches 198.51.100.5"}},
		{"ptr", "198.51.100.7", "a@example.jp", Check{Result: Pass, Domain: "example.jp", Mechanism: "ptr", Reason: "ptr matches 198.51.100.7"}},
		{"all", "203.0.113.1", "a@example.jp", Check{Result: SoftFail, Domain: "example.jp", Mechanism: "~all", Reason: "~all matches 203.0.113.1"}},
		{"redirect", "203.0.113.1", "a@redirect.example.jp", Check{Result: Fail, Domain: "redirect.example.jp", Mechanism: "-all", Reason: "-all matches 203.0.113.1"}},
		{"redirect, neutral", "198.51.100.9", "a@redirect.example.jp", Check{Result: Neutral, Domain: "redirect.example.jp", Mechanism: "?ip4:198.51.100.9", Reason: "?ip4:198.51.100.9 matches 198.51.100.9"}},
		{"no match", "203.0.113.1", "a@open.example.jp", Check{Result: Neutral, Domain: "open.example.jp", Reason: "no directive matches 203.0.113.1"}},
		{"syntax error behind the match", "192.0.2.1", "a@late.example.jp", Check{Result: PermError, Domain: "late.example.jp", Reason: "syntax error in the record"}},
		{"two records", "192.0.2.1", "a@two.example.jp", Check{Result: PermError, Domain: "two.example.jp", Reason: "multiple matching DNS records"}},
		{"endless include", "192.0.2.1", "a@self.example.jp", Check{Result: PermError, Domain: "self.example.jp", Reason: "lookup limit reached"}},
		{"void look-ups", "192.0.2.1", "a@void.example.jp", Check{Result: PermError, Domain: "void.example.jp", Reason: "void lookup limit reached"}},
		{"SERVFAIL", "192.0.2.1", "a@fail.example.jp", Check{Result: TempError, Domain: "fail.example.jp", Reason: "temporary DNS error: server failure for fail.example.jp"}},
		{"SERVFAIL in an include", "192.0.2.1", "a@temp.example.jp", Check{Result: TempError, Domain: "temp.example.jp", Reason: "temporary DNS error: server failure for fail.example.jp"}},
		{"no answer", "192.0.2.1", "a@silent.example.jp", Check{Result: TempError, Domain: "silent.example.jp", Reason: "temporary DNS error: timed out for silent.example.jp"}},
		{"no record", "192.0.2.1", "a@plain.example.jp", Check{Result: None, Domain: "plain.example.jp", Reason: "no SPF record"}},
		{"no domain", "192.0.2.1", "a@nobody.example.jp", Check{Result: None, Domain: "nobody.example.jp", Reason: "no SPF record"}},
		{"U-label", "192.0.2.1", "用户@例え.JP", Check{Result: Pass, Domain: "xn--r8jz45g.jp", Mechanism: "ip4:192.0.2.1", Reason: "ip4:192.0.2.1 matches 192.0.2.1"}},
		{"quoted local part", "192.0.2.1", `"a@two.example.jp"@example.jp`, Check{Result: Pass, Domain: "example.jp", Mechanism: "ip4:192.0.2.0/24", Reason: "ip4:192.0.2.0/24 matches 192.0.2.1"}},
		{"no client", "", "a@example.jp", Check{Result: None, Domain: "example.jp", Reason: "client address unknown"}},
		{"address literal", "192.0.2.1", "a@[192.0.2.1]", Check{Result: None, Reason: "sender has no fully qualified domain"}},
		{"no domain in the sender", "192.0.2.1", "a", Check{Result: None, Reason: "sender has no fully qualified domain"}},
		{"control bytes", "192.0.2.1", "a@exa\r\nmple.jp", Check{Result: None, Reason: "sender has no fully qualified domain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ip, _ := netip.ParseAddr(tt.ip)
			got, _ := Verify(t.Context(), r, ip, "helo.jp", tt.sender)
			if got.Identity != "mailfrom" {
				t.Errorf("identity %q", got.Identity)
			}
			got.Identity, got.Sender = "", ""
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestHelo(t *testing.T) {
	r := newResolver(t)
	ip := netip.MustParseAddr("192.0.2.1")
	pass := Check{Result: Pass, Identity: "helo", Domain: "host.helo.jp", Mechanism: "ip4:192.0.2.1", Reason: "ip4:192.0.2.1 matches 192.0.2.1"}
	tests := []struct {
		helo string
		want Check
	}{
		{"host.helo.jp", pass},
		{"HOST.helo.jp.", pass},
		{"[192.0.2.1]", Check{Result: None, Identity: "helo", Reason: "HELO is not a fully qualified domain name"}},
		{"192.0.2.1", Check{Result: None, Identity: "helo", Reason: "HELO is not a fully qualified domain name"}},
		{"localhost", Check{Result: None, Identity: "helo", Reason: "HELO is not a fully qualified domain name"}},
		{"", Check{Result: None, Identity: "helo", Reason: "HELO is not a fully qualified domain name"}},
	}
	for _, tt := range tests {
		mailfrom, got := Verify(t.Context(), r, ip, tt.helo, "")
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("HELO %q: %s", tt.helo, d)
		}
		// The null path stands for the postmaster there.
		tt.want.Identity = "mailfrom"
		if tt.want.Domain != "" {
			tt.want.Sender = "postmaster@" + tt.want.Domain
		}
		if d := cmp.Diff(tt.want, mailfrom); d != "" {
			t.Errorf("null path, HELO %q: %s", tt.helo, d)
		}
	}
	got, _ := Verify(t.Context(), r, ip, "helo.jp", "@host.helo.jp")
	if got.Sender != "postmaster@host.helo.jp" || got.Result != Pass {
		t.Errorf("sender without local part: %+v", got)
	}
}

func TestValidRecord(t *testing.T) {
	tests := []struct {
		terms string
		want  bool
	}{
		{"", true}, {"   ", true}, {"-all  ", true}, {"ALL", true}, {"all:", false}, {"all.", false}, {"*all", false},
		{"a", true}, {"a:example.jp", true}, {"a:example.jp.", true}, {"a:", false}, {"a:jp", false}, {"a:example.1", false},
		{"a:example.-jp", false}, {"a:exa\tmple.jp", false}, {"a:ex\xe4mple.jp", false},
		{"a/24", true}, {"a//64", true}, {"a/24//64", true}, {"a/33", false}, {"a//129", false}, {"a/024", false}, {"a/", false}, {"a/x", false},
		{"a:example.jp/24//64", true}, {"mx/0", true}, {"mx:b.example.jp/32", true},
		{"ip4:192.0.2.1", true}, {"ip4:192.0.2.0/24", true}, {"ip4:192.0.2.0/33", false}, {"ip4:2001:db8::1", false}, {"ip4", false}, {"ip4:192.0.2", false},
		{"ip6:2001:db8::/32", true}, {"ip6:::1", true}, {"ip6:192.0.2.1", false}, {"ip6:fe80::1%eth0", false}, {"ip6:::/129", false},
		{"ptr", true}, {"ptr:example.jp", true}, {"ptr/24", false}, {"include", false}, {"include:example.jp", true}, {"include:example.jp/24", false},
		{"exists:%{i}._spf.%{d2}", true}, {"exists:%{l1r+-}.example.jp", true}, {"exists:%{d0}.jp", false}, {"exists:%{x}.jp", false}, {"exists:%{c}", false},
		{"exists:%{d", false}, {"exists:%", false}, {"exists:%a.example.jp", false}, {"exists:%%.example.jp", true}, {"exists:a.%{d!}", false},
		{"redirect=example.jp", true}, {"redirect=", false}, {"redirect=example.jp redirect=example.jp", false}, {"+redirect=example.jp", false},
		{"exp=e.example.jp", true}, {"exp=e.example.jp EXP=e.example.jp", false}, {"exp=", false},
		{"unknown=", true}, {"un-kn_o.wn=%{d}!", true}, {"unknown=%{", false}, {"1unknown=x", false}, {"=x", false}, {"moo", false},
		{"ra=postmaster", true},
	}
	for _, tt := range tests {
		if got := validRecord("v=spf1 " + tt.terms); got != tt.want {
			t.Errorf("%q: %t, want %t", tt.terms, got, tt.want)
		}
	}
}

func TestRecordLimits(t *testing.T) {
	at := "v=spf1" + strings.Repeat(" a", maxTerms)
	if !validRecord(at) || validRecord(at+" a") {
		t.Error("limit of terms")
	}
	at = "v=spf1 x=" + strings.Repeat("y", maxRecord-len("v=spf1 x="))
	if !validRecord(at) || validRecord(at+"y") {
		t.Error("limit of bytes")
	}
}

func TestFit(t *testing.T) {
	label := strings.Repeat("a", 63) + "."
	at := strings.Repeat(label, 3) + strings.Repeat("b", 61)
	if fit(at) != at {
		t.Error("a name of 253 bytes was cut")
	}
	if got := fit(at + "b"); got != (at + "b")[64:] {
		t.Errorf("a name of 254 bytes: %q", got)
	}
	if got := fit(strings.Repeat("x", 300)); len(got) != 300 {
		t.Error("a name without dots can only be refused by the resolver")
	}
}

// panicky stands for a bug in the library that a record brings out.
type panicky struct{ zone }

func (panicky) LookupTXT(context.Context, string) ([]string, error) { panic("boom\r\n") }

func TestPanicIsContained(t *testing.T) {
	got, _ := Verify(t.Context(), panicky{}, netip.MustParseAddr("192.0.2.1"), "", "a@example.jp")
	want := Check{Result: PermError, Identity: "mailfrom", Domain: "example.jp", Sender: "a@example.jp", Reason: "record cannot be interpreted: boom??"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Whatever a client says and a domain publishes: one of the seven results, and
// nothing in the text that could end a line.
func FuzzVerify(f *testing.F) {
	f.Add("192.0.2.1", "helo.jp", "a@example.jp", "v=spf1 a mx/24//64 exists:%{l1r-}.%{d2} include:x.jp -all")
	f.Add("2001:db8::1", "[1.2.3.4]", "", "v=spf1 redirect=%{h}.jp")
	f.Add("", "\x00", "\"a@b\"@例え.jp", "v=spf1 a:x/y.jp/24 ptr ip6:::/0")
	f.Fuzz(func(t *testing.T, client, helo, sender, record string) {
		ip, _ := netip.ParseAddr(client)
		z := zone{}
		for _, d := range []string{helo, sender[strings.LastIndexByte(sender, '@')+1:], "x.jp"} {
			if name, ok := domainOf(d); ok {
				z[name] = &entry{txt: []string{record}}
			}
		}
		mailfrom, heloCheck := Verify(t.Context(), z, ip, helo, sender)
		for _, c := range []Check{mailfrom, heloCheck} {
			switch c.Result {
			case None, Neutral, Pass, Fail, SoftFail, TempError, PermError:
			default:
				t.Fatalf("result %q", c.Result)
			}
			if s := c.Reason + c.Mechanism + c.Domain; printable(s[:min(len(s), maxReason)]) != s[:min(len(s), maxReason)] {
				t.Fatalf("unprintable text in %+v", c)
			}
			if len(c.Reason) > maxReason || c.Reason == "" {
				t.Fatalf("reason %q", c.Reason)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	r := newResolver(b)
	for _, sender := range []string{"a@example.jp", "a@open.example.jp"} {
		for _, ip := range []string{"192.0.2.1", "198.51.100.1", "203.0.113.1"} {
			addr := netip.MustParseAddr(ip)
			b.Run(fmt.Sprint(sender, "/", ip), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					Verify(b.Context(), r, addr, "host.helo.jp", sender)
				}
			})
		}
	}
}
