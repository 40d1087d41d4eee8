package spf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"go.yaml.in/yaml/v3"

	"sekisho/filter/suite"
)

// scenario is one document of an openSPF test suite.
type scenario struct {
	Description string
	Tests       map[string]struct {
		Helo     string
		Host     string
		MailFrom string
		Result   texts
	}
	ZoneData map[string]yaml.Node
}

// texts is a string or a list of strings.
type texts []string

func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = texts{n.Value}
		return nil
	}
	return n.Decode((*[]string)(t))
}

// zone is a resolver fed with the records of a scenario.
type zone map[string]*entry

type entry struct {
	txt, ptr, cname []string
	ip              []net.IPAddr
	mx              []*net.MX
	timeout, loop   bool
}

func readZone(t *testing.T, data map[string]yaml.Node) zone {
	z := zone{}
	for name, node := range data {
		e := &entry{}
		z[canonical(name)] = e
		var spf, txt []string
		for _, record := range node.Content {
			if record.Kind == yaml.ScalarNode { // "TIMEOUT"
				e.timeout = true
				continue
			}
			kind, value := record.Content[0].Value, record.Content[1]
			var v texts
			if err := value.Decode(&v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch kind {
			case "SPF":
				spf = append(spf, raw(strings.Join(v, "")))
			case "TXT":
				txt = append(txt, raw(strings.Join(v, "")))
			case "A", "AAAA":
				e.ip = append(e.ip, net.IPAddr{IP: net.ParseIP(v[0])})
			case "MX":
				e.mx = append(e.mx, &net.MX{Host: v[1]})
			case "PTR":
				e.ptr = append(e.ptr, v[0])
			case "CNAME":
				e.cname = append(e.cname, v[0])
			case "TIMEOUT", "SERVFAIL":
				e.timeout = true
			case "CNAMELOOP":
				e.loop = true
			default:
				t.Fatalf("%s: unknown record %s", name, kind)
			}
		}
		// "Other sections rely on auto-magic duplication of SPF to TXT": where
		// there is no TXT record; TXT: NONE forbids it.
		e.txt = slices.DeleteFunc(txt, func(s string) bool { return s == "NONE" })
		if len(txt) == 0 {
			e.txt = spf
		}
	}
	return z
}

// raw turns \xNN in a single-quoted YAML text into the byte that is meant.
func raw(s string) string {
	for {
		i := strings.Index(s, `\x`)
		if i < 0 || i+4 > len(s) {
			return s
		}
		var b byte
		if _, err := fmt.Sscanf(s[i+2:i+4], "%02x", &b); err != nil {
			return s
		}
		s = s[:i] + string([]byte{b}) + s[i+4:]
	}
}

func canonical(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

func notFound(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z zone) find(name string) (*entry, error) {
	for range 10 {
		for label := range strings.SplitSeq(canonical(name), ".") {
			if label == "" || len(label) > 63 {
				return nil, notFound(name)
			}
		}
		e := z[canonical(name)]
		switch {
		case e == nil || e.loop:
			return nil, notFound(name)
		case len(e.cname) == 0:
			return e, nil
		}
		name = e.cname[0]
	}
	return nil, notFound(name)
}

func lookup[T any](z zone, name string, records func(*entry) []T) ([]T, error) {
	e, err := z.find(name)
	if err != nil {
		return nil, err
	}
	if r := records(e); len(r) > 0 {
		return r, nil
	}
	if e.timeout {
		return nil, &net.DNSError{Err: "timed out", Name: name, IsTimeout: true, IsTemporary: true}
	}
	return nil, notFound(name)
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	return lookup(z, name, func(e *entry) []string { return e.txt })
}

func (z zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return lookup(z, name, func(e *entry) []*net.MX { return e.mx })
}

func (z zone) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	return lookup(z, name, func(e *entry) []net.IPAddr { return e.ip })
}

func (z zone) LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error) {
	ips, err := z.LookupIPAddr(ctx, name)
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, ip := range ips {
		a, _ := netip.AddrFromSlice(ip.IP)
		if a = a.Unmap(); a.Is4() == (network == "ip4") {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return nil, notFound(name)
	}
	return out, nil
}

func (z zone) LookupAddr(_ context.Context, addr string) ([]string, error) {
	name, err := dns.ReverseAddr(addr)
	if err != nil {
		return nil, err
	}
	return lookup(z, name, func(e *entry) []string { return e.ptr })
}

// deviations are the cases whose expected result is not ours, by suite and
// name, each with what settles it.
var deviations = map[string]string{
	"pyspf-tests/default-modifier":       "default= is no modifier of RFC 7208, and \"Unrecognized modifiers MUST be ignored\" (section 6)",
	"pyspf-tests/default-modifier-harsh": "as above; \"ambiguous\" is no result (section 2.6)",

	"blitirispf-tests/resolution-with-10-lookups": "\"include:d11\" is no domain-spec: it ends in one label, and domain-end wants a dot " +
		"before the toplabel (section 7.1)",
	"blitirispf-tests/mx-resolution-10-terms": "the sender's domain has one label. Where it \"is not a multi-label domain name\" the result is none (section 4.3)",
	"blitirispf-tests/mx-resolution-11-terms": "as above",
	"blitirispf-tests/one-mx-not-found":       "as above",
	"blitirispf-tests/all-mx-not-found":       "as above",
	"blitirispf-tests/include-not-found":      "as above",
	"blitirispf-tests/redirect-not-found":     "as above",
}

func TestSuites(t *testing.T) {
	for _, name := range []string{"rfc7208-tests", "rfc4408-tests", "mailauth-rfc7208-tests", "pyspf-tests", "blitirispf-tests"} {
		t.Run(name, func(t *testing.T) { runSuite(t, name) })
	}
}

func runSuite(t *testing.T, suiteName string) {
	f, err := os.Open(suite.Path(t, "suites/spf/"+suiteName+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	total, deviating := 0, 0
	for dec := yaml.NewDecoder(f); ; {
		var s scenario
		if err := dec.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		z := readZone(t, s.ZoneData)
		for name, c := range s.Tests {
			total++
			ip, err := netip.ParseAddr(c.Host)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := Verify(t.Context(), z, ip, c.Helo, c.MailFrom)
			why, known := deviations[suiteName+"/"+name]
			agrees := slices.Contains(c.Result, string(got.Result))
			switch {
			case agrees && known:
				t.Errorf("%s: agrees, although a deviation is named", name)
			case known:
				deviating++
				t.Logf("%s: deviation: %s", name, why)
			case !agrees:
				t.Errorf("%s / %s: %s (%s), want %s", s.Description, name, got.Result, got.Reason, c.Result)
			}
		}
	}
	t.Logf("%d cases, %d of them deviate", total, deviating)
}
