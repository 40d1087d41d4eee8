package dmarc

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
)

const testZone = `
_dmarc.example.jp.        IN TXT "v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:d@example.jp"
_dmarc.own.example.jp.    IN TXT "v=DMARC1; p=none"
www.example.jp.           IN A 192.0.2.1
_dmarc.strict.jp.         IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
_dmarc.test.jp.           IN TXT "v=DMARC1; p=reject; t=y"
_dmarc.dept.campus.jp.    IN TXT "v=DMARC1; p=reject; psd=n"
_dmarc.campus.jp.         IN TXT "v=DMARC1; p=none"
_dmarc.suffix.jp.         IN TXT "v=DMARC1; p=reject; sp=quarantine; psd=y"
shop.suffix.jp.           IN A 192.0.2.2
_dmarc.twice.example.jp.  IN TXT "v=DMARC1; p=none"
_dmarc.twice.example.jp.  IN TXT "v=DMARC1; p=reject"
twice.example.jp.         IN A 192.0.2.3
_dmarc.broken.jp.         IN TXT "v=DMARC1; p=rejekt"
_dmarc.watch.jp.          IN TXT "v=DMARC1; p=rejekt; rua=mailto:a@watch.jp"
_dmarc.firm.co.jp.        IN TXT "v=DMARC1; p=reject"
_dmarc.hosted.github.io.  IN TXT "v=DMARC1; p=reject"
_dmarc.github.io.         IN TXT "v=DMARC1; p=none"
_dmarc.top.ng.            IN TXT "v=DMARC1; p=reject"
_dmarc.nx.ng.             IN TXT "v=DMARC1; p=reject; np=none"
; servfail _dmarc.ng
; servfail _dmarc.fail.jp
; servfail _dmarc.deep.example.jp
; servfail unsure.nx.jp
_dmarc.nx.jp.             IN TXT "v=DMARC1; p=reject; np=none"
`

func newResolver(t testing.TB) *dns.Resolver {
	t.Helper()
	r, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, testZone)}, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestEvaluate(t *testing.T) {
	r := newResolver(t)
	dkim := func(author string, domains ...string) Input {
		return Input{AuthorDomain: author, DKIMDomains: domains}
	}
	spf := func(author, domain string) Input {
		return Input{AuthorDomain: author, SPFDomain: domain, SPFPass: true}
	}
	tests := []struct {
		name string
		in   Input
		want Check // AuthorDomain, Record, ListOrgDomain and Reason left out
	}{
		{"no author", Input{}, Check{Result: None}},
		{"no record", dkim("nothing.com", "nothing.com"), Check{Result: None}},
		{"same domain", dkim("example.jp", "example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "example.jp"}},
		{"letter case and final dot", dkim("Example.JP.", "EXAMPLE.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "example.jp"}},
		{"relaxed, signer below", dkim("example.jp", "mail.example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "mail.example.jp"}},
		{"relaxed, siblings by SPF", spf("www.example.jp", "bounce.example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyQuarantine, Applied: PolicyQuarantine, AlignedBy: "spf", AlignedDomain: "bounce.example.jp"}},
		{"second signature aligns", dkim("example.jp", "esp.com", "example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "example.jp"}},
		{"a tail of letters is not a parent", dkim("example.jp", "notexample.jp"),
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"SPF that failed", Input{AuthorDomain: "example.jp", SPFDomain: "example.jp"},
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"existing subdomain: sp", dkim("www.example.jp"),
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyQuarantine, Applied: PolicyQuarantine}},
		{"subdomain that does not exist: np", dkim("nobody.example.jp"),
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"record of the subdomain itself", dkim("own.example.jp", "example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "own.example.jp", Published: PolicyNone, Applied: PolicyNone, AlignedBy: "dkim", AlignedDomain: "example.jp"}},
		{"several records count as none there", dkim("twice.example.jp"),
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyQuarantine, Applied: PolicyQuarantine}},
		{"strict, subdomain", dkim("strict.jp", "mail.strict.jp"),
			Check{Result: Fail, OrgDomain: "strict.jp", RecordDomain: "strict.jp", Published: PolicyReject, Applied: PolicyReject, Disagree: false}},
		{"strict, same", spf("strict.jp", "strict.jp"),
			Check{Result: Pass, OrgDomain: "strict.jp", RecordDomain: "strict.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "spf", AlignedDomain: "strict.jp"}},
		{"test mode", dkim("test.jp"),
			Check{Result: Fail, OrgDomain: "test.jp", RecordDomain: "test.jp", Published: PolicyReject, Applied: PolicyQuarantine}},
		{"psd=n parts an organisation", dkim("a.dept.campus.jp", "campus.jp"),
			Check{Result: Fail, OrgDomain: "dept.campus.jp", RecordDomain: "dept.campus.jp", Published: PolicyReject, Applied: PolicyReject, Disagree: true}},
		{"psd=y: each name below is its own", dkim("shop.suffix.jp", "other.suffix.jp"),
			Check{Result: Fail, OrgDomain: "shop.suffix.jp", RecordDomain: "suffix.jp", Published: PolicyQuarantine, Applied: PolicyQuarantine, Disagree: true}},
		{"broken policy", dkim("broken.jp", "broken.jp"), Check{Result: None, OrgDomain: "broken.jp", RecordDomain: "broken.jp"}},
		{"broken policy with reports wanted", dkim("watch.jp"),
			Check{Result: Fail, OrgDomain: "watch.jp", RecordDomain: "watch.jp", Published: PolicyNone, Applied: PolicyNone}},
		{"suffix of two labels", dkim("mail.firm.co.jp", "firm.co.jp"),
			Check{Result: Pass, OrgDomain: "firm.co.jp", RecordDomain: "firm.co.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "firm.co.jp"}},
		{"list and walk disagree", dkim("hosted.github.io", "github.io"),
			Check{Result: Pass, OrgDomain: "github.io", RecordDomain: "hosted.github.io", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "github.io", Disagree: true}},

		{"no answer for the author", dkim("fail.jp", "fail.jp"), Check{Result: TempError}},
		{"no answer above the author, same domain", dkim("top.ng", "top.ng"),
			Check{Result: Pass, RecordDomain: "top.ng", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "top.ng"}},
		{"no answer above the author, other domain", dkim("top.ng", "mail.top.ng"),
			Check{Result: TempError, RecordDomain: "top.ng", Published: PolicyReject, Applied: PolicyReject}},
		{"no answer for the signer", dkim("example.jp", "deep.example.jp"),
			Check{Result: TempError, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"no answer for the signer, another aligns", dkim("example.jp", "deep.example.jp", "example.jp"),
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "dkim", AlignedDomain: "example.jp"}},
		{"existence unknown", dkim("unsure.nx.jp"),
			Check{Result: TempError, OrgDomain: "nx.jp", RecordDomain: "nx.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"SPF undecided, would align", Input{AuthorDomain: "example.jp", SPFDomain: "example.jp", SPFTemporary: true},
			Check{Result: TempError, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"SPF undecided, would not align", Input{AuthorDomain: "example.jp", SPFDomain: "evil.com", SPFTemporary: true},
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"DKIM undecided, would align", Input{AuthorDomain: "example.jp", DKIMTemporary: []string{"mail.example.jp"}},
			Check{Result: TempError, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"DKIM undecided for a stranger", Input{AuthorDomain: "example.jp", DKIMTemporary: []string{"servfail.evil.com"}},
			Check{Result: Fail, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject}},
		{"DKIM undecided, SPF aligns", Input{AuthorDomain: "example.jp", DKIMTemporary: []string{"example.jp"}, SPFDomain: "example.jp", SPFPass: true},
			Check{Result: Pass, OrgDomain: "example.jp", RecordDomain: "example.jp", Published: PolicyReject, Applied: PolicyReject, AlignedBy: "spf", AlignedDomain: "example.jp"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Evaluate(t.Context(), r, tt.in)
			ignore := cmpopts.IgnoreFields(Check{}, "AuthorDomain", "Record", "ListOrgDomain", "Reason")
			if d := cmp.Diff(tt.want, got, ignore); d != "" {
				t.Errorf("%s\n%+v", d, got)
			}
			if got.Reason == "" {
				t.Error("no reason")
			}
		})
	}
}

// The walk of a long name: the queries of RFC 9989, section 4.10, and never a
// ninth.
func TestWalkQueries(t *testing.T) {
	labels := func(n int) string { return strings.Repeat("a.", n-2) + "example.jp" }
	for n := 2; n <= 20; n++ {
		z := &zone{}
		Evaluate(t.Context(), z, Input{AuthorDomain: labels(n)})
		if want := min(n, maxQueries); len(z.queries) != want {
			t.Errorf("%d labels: %d queries, want %d", n, len(z.queries), want)
		}
		if last := z.queries[len(z.queries)-1]; last != "_dmarc.jp" {
			t.Errorf("%d labels: the walk ends at %s", n, last)
		}
	}
}

func TestIdentifierLimit(t *testing.T) {
	z := func() *zone {
		return &zone{records: map[string]map[string]any{"_dmarc.example.jp": {"TXT": []any{"v=DMARC1; p=reject"}}}}
	}
	for n, want := range map[int]Result{maxIdentifiers - 1: Pass, maxIdentifiers: Fail} {
		domains := make([]string, n, n+1)
		for i := range domains {
			domains[i] = fmt.Sprintf("n%d.com", i)
		}
		got := Evaluate(t.Context(), z(), Input{AuthorDomain: "example.jp", DKIMDomains: append(domains, "example.jp")})
		if got.Result != want {
			t.Errorf("aligned domain behind %d others: %s, want %s", n, got.Result, want)
		}
	}
}

// vague is a resolver that does not say why it found nothing, as net.Resolver.
type vague struct{ *zone }

func (v vague) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func TestExistsWithVagueResolver(t *testing.T) {
	w := walker{r: vague{&zone{records: map[string]map[string]any{"a.jp": {"A": []any{}}, "t.jp": {"TXT": []any{}}}}}}
	for name, want := range map[string]bool{"a.jp": true, "t.jp": true, "n.jp": false} {
		if got, err := w.exists(t.Context(), name); got != want || err != nil {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		text string
		want string // policy p/sp/np, flags; "-" for no DMARC record
	}{
		{"v=DMARC1; p=none", "none// "},
		{"v=DMARC1;p=reject;sp=quarantine;np=none", "reject/quarantine/none "},
		{"v=DMARC1; p=reject;", "reject// "},
		{"v = DMARC1 ; p = reject ; adkim = s ; aspf = s", "reject// adkim aspf"},
		{"V=DMARC1; P=Reject; ADKIM=S; T=Y; PSD=Y", "reject// adkim t psd=y"},
		{"v=DMARC1; p=reject; psd=n", "reject// psd=n"},
		{"v=DMARC1; p=reject; psd=u; t=n; adkim=r", "reject// "},
		{"v=DMARC1; p=reject; psd=yes; t=yes; adkim=strict; pct=0; fo=9; ri=x; unknown=1", "reject// "},
		{"v=DMARC1; stray; ;; p=reject; =x", "reject// "},
		{"v=DMARC1; p=none; p=reject", "none// "},
		{"v=DMARC1; p=reject; sp=bad", "reject// broken"},
		{"v=DMARC1; p=reject; sp=bad; rua=mailto:a@b.jp", "reject// broken rua"},
		{"v=DMARC1", "// broken"},
		{"v=DMARC1; rua=mailto:a@b.jp!10m", "// broken rua"},
		{"v=DMARC1; rua=nonsense, https://b.jp/x", "// broken rua"},
		{"v=DMARC1; rua=a@b.jp", "// broken"},
		{"v=DMARC1; rua=mailto:@b.jp, mailto:a@, 1x:y, mailto:a b@c", "// broken"},
		{"v=DMARC1; p=rej\x00ect", "// broken"},
		{"v=dmarc1; p=none", "-"},
		{"v=DMARC1x; p=none", "-"},
		{"v=DMARC1 p=none", "-"},
		{" v=DMARC1; p=none", "-"},
		{"p=none; v=DMARC1", "-"},
		{"v=spf1 -all", "-"},
		{"", "-"},
		{"v=DMARC1; p=none; x=" + strings.Repeat("y", maxRecord-len("v=DMARC1; p=none; x=")), "none// "},
		{"v=DMARC1; p=none; x=" + strings.Repeat("y", maxRecord-len("v=DMARC1; p=none; x=")+1), "-"},
		{"v=DMARC1;" + strings.Repeat("x=y;", maxTags-1) + "p=none", "none// "},
		{"v=DMARC1;" + strings.Repeat("x=y;", maxTags) + "p=none", "// broken"},
	}
	for _, tt := range tests {
		if got := describe(parse(tt.text)); got != tt.want {
			t.Errorf("%.60q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func describe(r record, ok bool) string {
	if !ok {
		return "-"
	}
	var flags []string
	add := func(on bool, name string) {
		if on {
			flags = append(flags, name)
		}
	}
	add(r.noPolicy, "broken")
	add(r.rua, "rua")
	add(r.strictDKIM, "adkim")
	add(r.strictSPF, "aspf")
	add(r.testing, "t")
	add(r.psd != psdUnknown, "psd="+string(rune(r.psd)))
	return fmt.Sprintf("%s/%s/%s %s", r.p, r.sp, r.np, strings.Join(flags, " "))
}

// A record either is none, or has policies from the closed set; a record whose
// policy is sound has a p. Unknown tags and blanks around tags change nothing.
func FuzzParse(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; aspf=r; psd=n; t=y; rua=mailto:a@b.jp,x:y!3")
	f.Add("v=DMARC1;;=;p")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := parse(text)
		if !ok {
			return
		}
		for _, p := range []Policy{r.p, r.sp, r.np} {
			switch p {
			case "", PolicyNone, PolicyQuarantine, PolicyReject:
			default:
				t.Fatalf("policy %q", p)
			}
		}
		if r.p == "" && !r.noPolicy {
			t.Fatal("sound without a policy")
		}
		if n := strings.Count(text, ";"); len(text)+2*n+20 > maxRecord || n+1 > maxTags {
			return
		}
		same := strings.ReplaceAll(text, ";", " ;\t") + "; zz=1"
		if a, b := describe(r, ok), describe(parse(same)); a != b {
			t.Fatalf("%q is %q, %q is %q", text, a, same, b)
		}
	})
}

// Whatever domains and record: one of the results, a reason without controls,
// and a bounded number of questions.
func FuzzEvaluate(f *testing.F) {
	f.Add("www.example.jp", "example.jp", "mail.example.jp", "v=DMARC1; p=reject; sp=none; psd=n", false)
	f.Add("a..b", ".", "\r\n", "v=DMARC1; np=none; rua=x:y", true)
	f.Fuzz(func(t *testing.T, author, spf, dkim, text string, undecided bool) {
		z := &zone{records: map[string]map[string]any{
			"_dmarc." + author:  {"TXT": []any{text}},
			"_dmarc." + spf:     {"TXT": []any{text}},
			"_dmarc.example.jp": {"TXT": []any{"v=DMARC1; p=reject"}},
		}}
		c := Evaluate(t.Context(), z, Input{AuthorDomain: author, SPFDomain: spf, SPFPass: !undecided, SPFTemporary: undecided, DKIMDomains: []string{dkim}})
		switch c.Result {
		case None, Pass, Fail, TempError, PermError:
		default:
			t.Fatalf("result %q", c.Result)
		}
		if s := c.Reason + c.Record; printable(s, len(s)) != s || c.Reason == "" {
			t.Fatalf("text in %+v", c)
		}
		if (c.Result == Pass) != (c.AlignedBy != "") {
			t.Fatalf("%+v", c)
		}
		if len(z.queries) > 3*maxQueries {
			t.Fatalf("%d queries", len(z.queries))
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	r := newResolver(b)
	for name, in := range map[string]Input{
		"pass same":     {AuthorDomain: "example.jp", DKIMDomains: []string{"example.jp"}},
		"pass relaxed":  {AuthorDomain: "www.example.jp", DKIMDomains: []string{"esp.com", "mail.example.jp"}},
		"fail stranger": {AuthorDomain: "example.jp", SPFDomain: "evil.com", SPFPass: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Evaluate(b.Context(), r, in)
			}
		})
	}
}
