package spf

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestTransform(t *testing.T) {
	tests := []struct{ name, how, want string }{
		{"a.b.c", "", "a.b.c"},
		{"a.b.c", "2", "b.c"},
		{"a.b.c", "9", "a.b.c"},
		{"a.b.c", "99999999999999999999", "a.b.c"},
		{"a.b.c", "r", "c.b.a"},
		{"a.b.c", "1R", "a"},
		{"a-b.c", "-", "a.b.c"},
		{"a-b.c", "r-", "b.c.a"},
	}
	for _, tt := range tests {
		if got := transform(tt.name, tt.how); got != tt.want {
			t.Errorf("%q of %q: %q, want %q", tt.how, tt.name, got, tt.want)
		}
	}
}

// namesOf is a zone in which a client has these names, and each but "liar" leads
// back to it.
func namesOf(ip string, names ...string) zone {
	z := zone{canonical("1.2.0.192.in-addr.arpa"): {ptr: names}}
	for _, name := range names {
		back := ip
		if name == "liar.example.jp" {
			back = "192.0.2.9"
		}
		z[canonical(name)] = &entry{ip: []net.IPAddr{{IP: net.ParseIP(back)}}}
	}
	return z
}

// TestValidatedName holds which name %{p} stands for (RFC 7208, section 7.3).
func TestValidatedName(t *testing.T) {
	const ip = "192.0.2.1"
	many := make([]string, maxNames+1)
	for i := range many {
		many[i] = fmt.Sprintf("n%d.other.jp", i)
	}
	last := slices.Clone(many)
	last[maxNames] = "example.jp"
	within := slices.Clone(many)
	within[maxNames-1] = "example.jp"
	tests := []struct {
		name   string
		record string
		names  []string
		want   Result
	}{
		{"the domain itself", "exists:%{p}.is -all", []string{"a.example.jp", "Example.JP."}, Pass},
		{"else one below", "exists:%{p2}.is -all", []string{"x.other.jp", "a.example.jp"}, Pass},
		{"else any", "exists:%{pr}.is -all", []string{"other.example"}, Fail},
		{"any, turned round", "exists:%{P1r}.is.example.jp -all", []string{"is.other.example"}, Fail},
		{"none leads back", "exists:%{p}.is.example.jp -all", []string{"liar.example.jp"}, Pass}, // unknown.is.example.jp
		{"no name", "exists:%{p}.is.example.jp -all", nil, Pass},
		{"an escape is no macro", "exists:%%{p}.is -all", []string{"example.jp"}, Fail},
		{"odd names", "exists:%{p}.is.example.jp -all", []string{"a b.example.jp", "%{i}.example.jp"}, Pass},
		{"as many names as are read", "exists:%{p}.is -all", within, Pass},
		{"and one more", "exists:%{p}.is -all", last, Fail},
		{"as long as the limit", "exists:%{p}.is -all" + strings.Repeat(" ", maxRecord-len("v=spf1 exists:example.jp.is -all")), []string{"example.jp"}, Pass},
		{"one byte longer", "exists:%{p}.is -all" + strings.Repeat(" ", maxRecord-len("v=spf1 exists:example.jp.is -all")+1), []string{"example.jp"}, PermError},
		{"redirect", "redirect=%{p}.to", []string{"example.jp"}, Neutral},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := namesOf(ip, tt.names...)
			z["example.jp.is"] = &entry{ip: []net.IPAddr{{IP: net.ParseIP("127.0.0.2")}}}
			z["unknown.is.example.jp"] = z["example.jp.is"]
			z["example.jp.to"] = &entry{txt: []string{"v=spf1 ?all"}}
			e := z["example.jp"]
			if e == nil {
				e = &entry{}
				z["example.jp"] = e
			}
			e.txt = []string{"v=spf1 " + tt.record}
			got, _ := Verify(t.Context(), z, netip.MustParseAddr(ip), "helo", "a@example.jp")
			if got.Result != tt.want {
				t.Errorf("%+v, want %s", got, tt.want)
			}
		})
	}
}

// counted counts the questions for names of addresses.
type counted struct {
	zone
	reverse *int
}

func (c counted) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	*c.reverse++
	return c.zone.LookupAddr(ctx, addr)
}

// A client's names are asked for once a check, and only for a record that wants
// them outside of exp=.
func TestValidatedNameIsAskedOnce(t *testing.T) {
	for record, want := range map[string]int{
		"v=spf1 exists:%{p}.a.jp exists:%{p}.b.jp include:more.jp -all": 1,
		"v=spf1 exp=%{p}.a.jp -all":                                     0,
		"v=spf1 exists:%{i}.a.jp -all":                                  0,
	} {
		z := namesOf("192.0.2.1", "host.jp")
		z["example.jp"] = &entry{txt: []string{record}}
		z["more.jp"] = &entry{txt: []string{"v=spf1 a:%{p} ~all"}}
		n := 0
		Verify(t.Context(), counted{z, &n}, netip.MustParseAddr("192.0.2.1"), "helo", "a@example.jp")
		if n != want {
			t.Errorf("%s: %d questions, want %d", record, n, want)
		}
	}
}
