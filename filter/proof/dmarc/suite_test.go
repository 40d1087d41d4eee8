package dmarc

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/dns"
	"sekisho/filter/suite"
)

// zone is a resolver fed with the records of one case: type by name.
type zone struct {
	records map[string]map[string]any
	queries []string // names asked for TXT below _dmarc, in order
}

func (z *zone) find(name, kind string) (any, error) {
	set := z.records[name]
	if set[kind+"_error"] != nil {
		return nil, &net.DNSError{Err: "timed out", Name: name, IsTimeout: true, IsTemporary: true}
	}
	if v, ok := set[kind]; ok {
		return v, nil
	}
	e := &net.DNSError{Err: "no such host", Name: name, IsNotFound: true, UnwrapErr: dns.ErrNoName}
	for other := range z.records {
		if within(other, name) {
			e.UnwrapErr = dns.ErrNoData
		}
	}
	return nil, e
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if strings.HasPrefix(name, "_dmarc.") {
		z.queries = append(z.queries, name)
	}
	v, err := z.find(name, "TXT")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, record := range v.([]any) {
		switch r := record.(type) {
		case string:
			out = append(out, r)
		case []any:
			var b strings.Builder
			for _, s := range r {
				b.WriteString(s.(string))
			}
			out = append(out, b.String())
		}
	}
	return out, nil
}

func (z *zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	_, err := z.find(name, "MX")
	return nil, err
}

func (z *zone) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	_, err := z.find(name, "A")
	return nil, err
}

// suiteCase is one case of the JSON suites, with one or two messages.
type suiteCase struct {
	Name  string
	Calls []struct {
		HeaderFrom  any
		DKIMDomains []any
		SPFDomains  []any
		Zone        map[string]map[string]any
	}
	Expect []struct {
		Path, Op string
		Args     []any
	}
}

// deviations are the cases whose expectation is not ours, with the line of RFC
// 9989 that settles it.
var deviations = map[string]string{
	"does not inherit the org policy when the author domain publishes multiple records (§4.10 step 2)": "the records are all discarded " +
		"(section 4.10, step 2: \"If multiple DMARC Policy Records are returned for a single target, they are all discarded\"), and \"If no " +
		"valid DMARC Policy Record is found by the first query, then perform a DNS Tree Walk\" (section 4.10.1), which finds that of example.com",
}

// foreign are results that only the suite's own implementation has: report
// texts, pct, ARC comments, sizes of l=.
var foreign = []string{
	"result.error", "result.pct", "result.info", "result.status.comment", "result.alignment.dkim.underSized",
	"result2.alignment.dkim.underSized",
}

func TestSuites(t *testing.T) {
	for _, file := range []string{"mailauth-rfc9989.json", "mailauth-verify.json"} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(suite.Path(t, "suites/dmarc/"+file))
			if err != nil {
				t.Fatal(err)
			}
			var cases []suiteCase
			if err := json.Unmarshal(data, &cases); err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) { c.run(t) })
			}
			t.Logf("%d cases", len(cases))
		})
	}
}

func (c *suiteCase) run(t *testing.T) {
	var results []Check
	var queries []string
	for _, call := range c.Calls {
		z := &zone{records: call.Zone}
		in := Input{AuthorDomain: authorOf(call.HeaderFrom), DKIMDomains: domainsOf(call.DKIMDomains)}
		if d := domainsOf(call.SPFDomains); len(d) > 0 {
			in.SPFDomain, in.SPFPass = d[0], true
		}
		results = append(results, Evaluate(t.Context(), z, in))
		queries = z.queries
	}
	if why, ok := deviations[c.Name]; ok {
		t.Skip("deviation: ", why)
	}
	for _, e := range c.Expect {
		got := results[0]
		path, second := strings.CutPrefix(e.Path, "result2")
		if second {
			got = results[1]
		} else {
			path = strings.TrimPrefix(e.Path, "result")
		}
		r, _ := parse(got.Record)
		var have any
		switch path {
		case "":
			c.whole(t, got, e.Op, e.Args)
			continue
		case ".status.result":
			have = string(got.Result)
		case ".policy":
			have = string(got.Applied)
		case ".p":
			have = string(r.p)
		case ".sp":
			have = string(r.sp)
		case ".rr":
			have = got.Record
		case ".domain", ".status.header.d":
			have = got.RecordDomain
		case ".status.header.from":
			have = got.AuthorDomain
		case ".alignment.dkim.strict":
			have = r.strictDKIM
		case ".alignment.spf.strict":
			have = r.strictSPF
		case ".alignment.dkim.result", ".alignment.spf.result":
			by := strings.Split(path, ".")[2]
			if aligned := got.AlignedBy == by; aligned != (e.Op == "equal") {
				t.Errorf("%s %s %v: aligned by %q", e.Path, e.Op, e.Args, got.AlignedBy)
			}
			continue
		case "dmarcQueries":
			if d := cmp.Diff(e.Args[0], anys(queries)); d != "" {
				t.Error(d)
			}
			continue
		default:
			if !slices.Contains(foreign, e.Path) {
				t.Errorf("nothing compares %s", e.Path)
			}
			continue
		}
		check(t, e.Path, e.Op, e.Args, have)
	}
}

func check(t *testing.T, path, op string, args []any, have any) {
	t.Helper()
	ok := false
	switch op {
	case "equal":
		ok = have == args[0]
	case "contain", "include":
		ok = strings.Contains(have.(string), args[0].(string))
	case "true", "false":
		ok = have == (op == "true")
	default:
		t.Errorf("unknown comparison %q", op)
	}
	if !ok {
		t.Errorf("%s: %v, want %s %v", path, have, op, args)
	}
}

// whole compares what is said about the result object itself.
func (c *suiteCase) whole(t *testing.T, got Check, op string, args []any) {
	t.Helper()
	switch {
	case op == "false": // no DMARC processing at all
		if got.Result != None || got.Record != "" {
			t.Errorf("%+v, want no processing", got)
		}
	case op == "not.property" && args[0] == "policy":
		if got.Applied != "" {
			t.Errorf("policy %q", got.Applied)
		}
	case op == "not.property" && args[0] == "pct": // there is no such field
	default:
		t.Errorf("unknown comparison %s %v", op, args)
	}
}

func authorOf(from any) string {
	if list, ok := from.([]any); ok {
		if len(list) != 1 {
			return ""
		}
		from = list[0]
	}
	s := from.(string)
	return s[strings.LastIndexByte(s, '@')+1:]
}

func domainsOf(list []any) (out []string) {
	for _, d := range list {
		if m, ok := d.(map[string]any); ok {
			d = m["domain"]
		}
		out = append(out, d.(string))
	}
	return out
}

func anys(list []string) (out []any) {
	for _, s := range list {
		out = append(out, s)
	}
	return out
}
