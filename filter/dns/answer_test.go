package dns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestCleanName(t *testing.T) {
	label63 := strings.Repeat("a", maxLabel)
	name253 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"example.jp", "example.jp", true},
		{"Example.JP.", "example.jp", true},
		{"_dmarc.example.jp", "_dmarc.example.jp", true},
		{"1.2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa", true},
		{"a b%=!\\.example.jp", "a b%=!\\.example.jp", true}, // SPF macros build such names
		{"192.0.2.300", "192.0.2.300", true},                 // no address, and no such name either
		{label63 + ".jp", label63 + ".jp", true},
		{"a" + label63 + ".jp", "", false},
		{name253, name253, true},
		{name253 + "b", "", false},
		{"", "", false},
		{".", "", false},
		{"a..jp", "", false},
		{".a.jp", "", false},
		{"a.jp..", "", false},
		{"a\x1f.jp", "", false},
		{"a\x7f.jp", "", false},
		{"例え.jp", "", false},
		{"192.0.2.1", "", false},
		{"a\r\nb.jp", "", false},
	}
	for _, tt := range tests {
		if got, ok := cleanName(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("cleanName(%q) = %q, %t; want %q, %t", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

// reply builds an answer to a TXT question for a.jp.
func reply(rcode int, answer, authority string) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion("a.jp.", dns.TypeTXT)
	m.Response, m.Rcode = true, rcode
	m.Answer, m.Ns = records(answer), records(authority)
	return m
}

func records(text string) (out []dns.RR) {
	zp := dns.NewZoneParser(strings.NewReader(text), ".", "")
	zp.SetDefaultTTL(60)
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		out = append(out, rr)
	}
	if zp.Err() != nil {
		panic(zp.Err())
	}
	return out
}

func TestChainRead(t *testing.T) {
	const soa = "jp. 900 IN SOA ns.jp. h.jp. 1 1 1 1 120"
	tests := []struct {
		name string
		m    *dns.Msg
		want string
	}{
		{"record", reply(0, `a.jp. IN TXT "x"`, ""), "found [x] 1m0s"},
		{"other letters", reply(0, `A.JP. IN TXT "x"`, ""), "found [x] 1m0s"},
		{"foreign record", reply(0, `b.jp. IN TXT "x"`, soa), "nodata [] 2m0s"},
		{"foreign class", reply(0, `a.jp. CH TXT "x"`, soa), "nodata [] 2m0s"},
		{"aliases in any order, shortest time", reply(0, "c.jp. 30 IN TXT x\nb.jp. 20 IN CNAME c.jp.\na.jp. 40 IN CNAME b.jp.", ""), "found [x] 20s"},
		{"alias to no data", reply(0, "a.jp. 10 IN CNAME b.jp.", soa), "nodata [] 10s"},
		{"alias to nothing", reply(dns.RcodeNameError, "a.jp. IN CNAME b.jp.", soa), "nxdomain [] 1m0s"},
		{"alias not followed", reply(0, "a.jp. IN CNAME b.jp.", ""), "next b.jp."},
		{"alias of itself", reply(0, "a.jp. IN CNAME a.jp.", ""), "alias_loop [] 5s"},
		{"nothing at all", reply(0, "", ""), "nodata [] 5s"},
		{"negative time is capped", reply(dns.RcodeNameError, "", "jp. 90000 IN SOA ns.jp. h.jp. 1 1 1 1 90000"), "nxdomain [] 15m0s"},
		{"positive time is capped", reply(0, `a.jp. 604800 IN TXT "x"`, ""), "found [x] 24h0m0s"},
		{"aliases at the limit", reply(0, aliases(maxAliases)+fmt.Sprintf("a%d.jp. IN TXT x", maxAliases), ""), "found [x] 1m0s"},
		{"aliases one past the limit", reply(0, aliases(maxAliases+1)+fmt.Sprintf("a%d.jp. IN TXT x", maxAliases+1), ""), "alias_loop [] 5s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, next := newChain("a.jp", dns.TypeTXT).read(tt.m)
			got := "next " + next
			if a != nil {
				got = fmt.Sprint(a.outcome, " ", a.txt, " ", a.ttl)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// aliases returns n CNAME records that lead from a.jp to a<n>.jp.
func aliases(n int) string {
	var b strings.Builder
	from := "a.jp."
	for i := range n {
		to := fmt.Sprintf("a%d.jp.", i+1)
		fmt.Fprintf(&b, "%s IN CNAME %s\n", from, to)
		from = to
	}
	return b.String()
}

func TestAnswerLimits(t *testing.T) {
	m := reply(0, "", "")
	for i := range maxRecords + 1 {
		m.Answer = append(m.Answer, records(fmt.Sprintf("a.jp. IN TXT n%d", i))...)
		a, _ := newChain("a.jp", dns.TypeTXT).read(m)
		if want := min(i+1, maxRecords); len(a.txt) != want || a.cut != (i >= maxRecords) {
			t.Fatalf("%d records: %d read, cut %t", i+1, len(a.txt), a.cut)
		}
	}
	for _, n := range []int{maxTXT, maxTXT + 1} {
		long := &dns.TXT{Hdr: dns.RR_Header{Name: "a.jp.", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}}
		for left := n; left > 0; left -= min(left, 255) {
			long.Txt = append(long.Txt, strings.Repeat("x", min(left, 255)))
		}
		m := reply(0, `a.jp. IN TXT "short"`, "")
		m.Answer = append(m.Answer, long)
		a, _ := newChain("a.jp", dns.TypeTXT).read(m)
		if over := n > maxTXT; a.cut != over || (len(a.txt) == 2) == over {
			t.Errorf("TXT of %d bytes: %d records, cut %t", n, len(a.txt), a.cut)
		}
	}
}

func TestAnswers(t *testing.T) {
	query, err := newQuery("a.jp.", dns.TypeTXT, true, true)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func([]byte)) []byte {
		b := append([]byte(nil), query...)
		b[2] |= 0x80
		f(b)
		return b
	}
	tests := map[string]struct {
		reply []byte
		want  bool
	}{
		"good":           {change(func([]byte) {}), true},
		"other letters":  {change(func(b []byte) { b[headerSize+1] = 'A' }), true},
		"query itself":   {query, false},
		"other id":       {change(func(b []byte) { b[0]++ }), false},
		"other name":     {change(func(b []byte) { b[headerSize+1] = 'b' }), false},
		"other type":     {change(func(b []byte) { b[headerSize+6+1]++ }), false},
		"no question":    {change(func(b []byte) { b[5] = 0 }), false},
		"only a header":  {change(func([]byte) {})[:headerSize], false},
		"half a header":  {query[:5], false},
		"empty datagram": {nil, false},
	}
	for name, tt := range tests {
		if got := answers(query, tt.reply); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Whatever bytes a server sends: no panic, the limits hold, and either there
// are records or there is an error or a name to ask for next.
func FuzzReply(f *testing.F) {
	query, err := newQuery("a.jp.", dns.TypeTXT, true, true)
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []*dns.Msg{
		reply(0, `a.jp. IN TXT "x\\y\"\200"`, ""),
		reply(0, aliases(3), ""),
		reply(3, "", "jp. IN SOA ns.jp. h.jp. 1 1 1 1 1"),
	} {
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 2 {
			copy(b, query[:2])
		}
		if !answers(query, b) {
			return
		}
		m, err := unpack(b)
		if err != nil {
			return
		}
		for k := range kinds {
			a, next := newChain("a.jp", wireTypes[k]).read(m)
			switch {
			case a == nil && next == "":
				t.Fatal("neither an answer nor a next name")
			case a != nil && (a.count() > 0) == (a.err != nil):
				t.Fatalf("%d records with error %v", a.count(), a.err)
			case a != nil && (a.count() > maxRecords || a.ttl < 0 || a.ttl > maxTTL):
				t.Fatalf("limits: %d records for %v", a.count(), a.ttl)
			}
		}
	})
}

// A name from a message is either refused or clean, and cleaning is stable.
func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.jp", "A..", "192.0.2.1", "\x00", strings.Repeat("a.", 130), `\.\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, ok := cleanName(s)
		if !ok {
			return
		}
		if again, ok := cleanName(name); !ok || again != name {
			t.Fatalf("%q cleans to %q, then to %q", s, name, again)
		}
		if _, err := newQuery(wireName(name), dns.TypeTXT, true, true); err != nil {
			t.Fatalf("%q cannot be asked for: %v", name, err)
		}
	})
}
