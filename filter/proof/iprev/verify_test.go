package iprev

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
)

const testZone = `
1.2.0.192.in-addr.arpa. IN PTR Mail.Example.JP.
mail.example.jp.        IN A 192.0.2.1
mail.example.jp.        IN AAAA 2001:db8::1
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR mail.example.jp.
2.2.0.192.in-addr.arpa. IN PTR liar.example.jp.
2.2.0.192.in-addr.arpa. IN PTR gone.example.jp.
liar.example.jp.        IN A 192.0.2.1
3.2.0.192.in-addr.arpa. IN PTR liar.example.jp.
3.2.0.192.in-addr.arpa. IN PTR two.example.jp.
two.example.jp.         IN A 192.0.2.3
4.2.0.192.in-addr.arpa. IN PTR fail.example.jp.
; servfail fail.example.jp
; servfail 5.2.0.192.in-addr.arpa
`

func TestVerify(t *testing.T) {
	r, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, testZone)}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tests := map[string]Check{
		"192.0.2.1":        {Pass, "mail.example.jp"},
		"::ffff:192.0.2.1": {Pass, "mail.example.jp"},
		"2001:db8::1":      {Pass, "mail.example.jp"},
		"192.0.2.2":        {Fail, "liar.example.jp"},
		"192.0.2.3":        {Pass, "two.example.jp"},
		"192.0.2.4":        {TempError, "fail.example.jp"},
		"192.0.2.5":        {TempError, ""},
		"192.0.2.6":        {PermError, ""},
		"":                 {},
	}
	for addr, want := range tests {
		ip, _ := netip.ParseAddr(addr)
		if got := Verify(t.Context(), r, ip); got != want {
			t.Errorf("%q: %+v, want %+v", addr, got, want)
		}
	}
}

// crowd gives an address many names, of which only the last leads back.
type crowd struct{ names int }

func (c crowd) LookupAddr(context.Context, string) ([]string, error) {
	var names []string
	for i := range c.names {
		names = append(names, fmt.Sprintf("n%d.", i+1))
	}
	return names, nil
}

func (c crowd) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	if host != fmt.Sprintf("n%d.", c.names) {
		return nil, &net.DNSError{IsNotFound: true}
	}
	return []net.IPAddr{{IP: net.IPv4(192, 0, 2, 1)}}, nil
}

func TestNameLimit(t *testing.T) {
	ip := netip.MustParseAddr("192.0.2.1")
	for n, want := range map[int]Result{maxNames: Pass, maxNames + 1: Fail} {
		if got := Verify(t.Context(), crowd{n}, ip); got.Result != want || !strings.HasPrefix(got.Name, "n") {
			t.Errorf("%d names: %+v, want %s", n, got, want)
		}
	}
}
