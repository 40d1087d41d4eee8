package proof

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/mail"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
	"sekisho/filter/suite"
)

// read parses a message whose lines are given.
func read(t testing.TB, lines ...string) *mail.Message {
	t.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(strings.Join(lines, "\r\n") + "\r\n\r\nbody\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Parse(h, body)
}

func TestFromResults(t *testing.T) {
	tests := []struct {
		name       string
		lines      []string
		spf        spf.Result
		dkim       []dkim.Result
		dmarc      dmarc.Result
		identities []Identity
	}{
		{"Microsoft", []string{
			"Authentication-Results: spf=pass (sender IP is 192.0.2.1)",
			" smtp.mailfrom=bounce.example.com; dkim=pass (signature was verified)",
			" header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100",
			"From: a@example.com"},
			spf.Pass, []dkim.Result{dkim.Pass}, dmarc.Pass, []Identity{
				{Domain: "example.com", OrgDomain: "example.com", Method: ByDKIM, Strength: WeakKey, Aligned: true},
				{Domain: "bounce.example.com", OrgDomain: "example.com", Method: BySPF, Strength: SPFOnly, Aligned: true},
			}},
		{"Microsoft without a signature", []string{
			"Authentication-Results: spf=none (sender IP is 192.0.2.1) smtp.mailfrom=x.example; dkim=none",
			" (message not signed) header.d=none;dmarc=none action=none header.from=x.example;",
			"From: a@x.example"},
			spf.None, nil, dmarc.None, nil},
		{"compauth proves nothing", []string{
			"Authentication-Results: spf=fail smtp.mailfrom=x.example; dmarc=bestguesspass action=none header.from=x.example;compauth=pass reason=109",
			"From: a@x.example"},
			spf.Fail, nil, dmarc.None, nil},
		{"a service's own domain", []string{
			"Authentication-Results: mx.google.com;",
			"       dkim=pass header.i=@sendgrid.net header.s=smtpapi header.b=abc;",
			"       spf=pass (google.com: domain of bounces+1@em.sendgrid.net designates 192.0.2.1 as permitted sender) smtp.mailfrom=\"bounces+1@em.sendgrid.net\";",
			"       dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=bank.example",
			"From: a@bank.example"},
			spf.Pass, []dkim.Result{dkim.Pass}, dmarc.Fail, []Identity{
				{Domain: "sendgrid.net", OrgDomain: "sendgrid.net", Method: ByDKIM, Strength: Unaligned, Selector: "smtpapi"},
				{Domain: "em.sendgrid.net", OrgDomain: "sendgrid.net", Method: BySPF, Strength: Unaligned},
			}},
		{"the weaker key comes later", []string{
			"Authentication-Results: mx; dkim=pass (1024-bit key) header.d=a.example header.s=old;",
			" dkim=pass (2048-bit key; secure) header.d=a.example header.s=new; spf=pass smtp.mailfrom=a.example",
			"From: x@a.example"},
			spf.Pass, []dkim.Result{dkim.Pass, dkim.Pass}, dmarc.None, []Identity{
				{Domain: "a.example", OrgDomain: "a.example", Method: ByDKIM, Strength: StrongKey, Aligned: true, Selector: "new", KeyBits: 2048},
				{Domain: "a.example", OrgDomain: "a.example", Method: BySPF, Strength: SPFOnly, Aligned: true},
			}},
		{"DMARC alone", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example"},
			"", nil, dmarc.Pass, []Identity{{Domain: "a.example", OrgDomain: "a.example", Method: ByDMARC, Strength: Stated, Aligned: true}}},
		{"DMARC for another domain", []string{
			"Authentication-Results: mx; dmarc=pass header.from=b.example",
			"From: x@a.example"},
			"", nil, dmarc.None, nil},
		{"two authors", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example; dkim=pass header.d=a.example",
			"From: x@a.example, y@b.example"},
			"", []dkim.Result{dkim.Pass}, dmarc.PermError, []Identity{{Domain: "a.example", OrgDomain: "a.example", Method: ByDKIM, Strength: Unaligned}}},
		{"two authors of one domain", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example; dkim=pass header.d=a.example",
			"From: x@a.example, \"y\" <y@A.Example>"},
			"", []dkim.Result{dkim.Pass}, dmarc.Pass, []Identity{{Domain: "a.example", OrgDomain: "a.example", Method: ByDKIM, Strength: WeakKey, Aligned: true}}},
		{"two From fields of one domain", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example", "From: y@a.example"},
			"", nil, dmarc.PermError, nil},
		{"another From field with a blank before its colon", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example, y@a.example", "From : z@b.example"},
			"", nil, dmarc.PermError, nil},
		{"two authors of one domain, malformed", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example y@a.example, <z@a.example>"},
			"", nil, dmarc.PermError, nil},
		{"two authors, one without a domain", []string{
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example, y"},
			"", nil, dmarc.PermError, nil},
		{"only the topmost", []string{
			"Authentication-Results: mx; none",
			"Authentication-Results: mx; dmarc=pass header.from=a.example; spf=pass smtp.mailfrom=a.example",
			"From: x@a.example"},
			"", nil, dmarc.None, nil},
		{"the topmost can't be read", []string{
			"Authentication-Results: mx; spf=pass (",
			"Authentication-Results: mx; dmarc=pass header.from=a.example",
			"From: x@a.example"},
			"", nil, dmarc.None, nil},
		{"null path", []string{
			"Authentication-Results: mx; spf=pass smtp.helo=mail.a.example",
			"From: x@a.example"},
			spf.Pass, nil, dmarc.None, []Identity{{Domain: "mail.a.example", OrgDomain: "a.example", Method: BySPF, Strength: SPFOnly, Aligned: true}}},
		{"no field", []string{"From: x@a.example"}, "", nil, dmarc.None, nil},
		{"unknown words", []string{
			"Authentication-Results: mx; spf=great smtp.mailfrom=a.example; dkim=superb header.d=a.example; dmarc=perfect",
			"From: x@a.example"},
			spf.PermError, []dkim.Result{dkim.PermError}, dmarc.None, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := FromResults(read(t, test.lines...))
			if p.Source != FromHeader || p.SPF.Result != test.spf || p.DMARC.Result != test.dmarc {
				t.Errorf("source %q, spf %q, dmarc %q, want %q, %q", p.Source, p.SPF.Result, p.DMARC.Result, test.spf, test.dmarc)
			}
			var results []dkim.Result
			for _, s := range p.DKIM {
				results = append(results, s.Result)
			}
			if diff := cmp.Diff(test.dkim, results); diff != "" {
				t.Errorf("dkim (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.identities, p.Identities, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("identities (-want +got)\n%s", diff)
			}
		})
	}
}

func TestFromResultsPolicy(t *testing.T) {
	tests := []struct {
		result             string
		published, applied dmarc.Policy
	}{
		{"dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=a.example", dmarc.PolicyReject, dmarc.PolicyReject},
		{"dmarc=fail(p=QUARANTINE,sp=NONE) header.from=a.example", dmarc.PolicyQuarantine, dmarc.PolicyQuarantine},
		{"dmarc=fail action=oreject header.from=a.example", "", dmarc.PolicyReject},
		{"dmarc=fail (p=reject) header.from=a.example policy.dmarc=quarantine", dmarc.PolicyReject, dmarc.PolicyQuarantine},
		{"dmarc=fail header.from=a.example", "", ""},
	}
	for _, test := range tests {
		p := FromResults(read(t, "Authentication-Results: mx; "+test.result, "From: x@a.example"))
		if p.DMARC.Published != test.published || p.DMARC.Applied != test.applied {
			t.Errorf("%s: published %q, applied %q", test.result, p.DMARC.Published, p.DMARC.Applied)
		}
	}
}

func TestFromResultsOfTrustedServers(t *testing.T) {
	msg := read(t,
		"Authentication-Results: inner.example; none",
		"Authentication-Results: MX.example 1; dmarc=pass header.from=a.example",
		"Authentication-Results: mx.example; dmarc=fail header.from=a.example",
		"From: x@a.example")
	if p := FromResults(msg, "other.example", "mx.example"); p.DMARC.Result != dmarc.Pass {
		t.Errorf("%+v", p.DMARC)
	}
	// A spelling that a gateway need not take for its own, and so may leave in, is
	// not believed, and neither is what stands below it.
	for _, odd := range []string{"mx.(a)example", "see mx.example", "mx.example/1", "ｍｘ.example", "mx.example."} {
		msg := read(t,
			"Authentication-Results: "+odd+"; dmarc=pass header.from=a.example",
			"Authentication-Results: mx.example; dmarc=pass header.from=a.example",
			"From: x@a.example")
		if p := FromResults(msg, "mx.example"); len(p.Identities) != 0 || p.DMARC.Result != dmarc.None {
			t.Errorf("%s is believed: %+v", odd, p)
		}
	}
	if p := FromResults(msg, "nobody.example"); p.DMARC.Result != dmarc.None || len(p.Identities) != 0 {
		t.Errorf("%+v", p)
	}
}

// TestForgedResults takes, for each of 22 providers, the authserv-ids that it
// uses, and holds that with those a forged field proves nothing.
func TestForgedResults(t *testing.T) {
	root := suite.Path(t, "suites/authres/deltachat-dkimchecks")
	forged, proved := 0, 0
	providers, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, provider := range providers {
		files, ids := messages(t, filepath.Join(root, provider.Name()))
		for name, msg := range files {
			p := FromResults(msg, ids...)
			isForged := strings.HasPrefix(name, "forged")
			for _, id := range p.Identities {
				if isForged && id.Domain == "example.com" {
					t.Errorf("%s/%s: a forged field proved %+v", provider.Name(), name, id)
				}
				if !isForged && id.Aligned {
					proved++
				}
			}
			if isForged {
				forged++
			}
		}
	}
	if forged < 15 || proved < 200 {
		t.Errorf("only %d forged fields and %d proved authors", forged, proved)
	}
}

// messages reads a folder, and the authserv-ids of the topmost fields in the
// genuine ones.
func messages(t *testing.T, dir string) (map[string]*mail.Message, []string) {
	t.Helper()
	files, ids := map[string]*mail.Message{}, []string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h, body, err := mail.ReadFile(f)
		if err != nil {
			return err
		}
		files[d.Name()] = mail.Parse(h, body)
		if field, ok := topmost(h, nil); ok && !strings.HasPrefix(d.Name(), "forged") {
			ids = append(ids, field.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, ids
}

func TestUnproved(t *testing.T) {
	p := Unproved(read(t, "From: x@mail.a.example", "Authentication-Results: mx; spf=pass smtp.mailfrom=a.example"))
	want := Proof{Source: FromNobody, Author: mail.AuthorOne, FromDomain: "mail.a.example", FromOrg: "a.example"}
	if diff := cmp.Diff(want, p, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOrgDomain(t *testing.T) {
	tests := map[string]string{
		"":                        "",
		"com":                     "com",
		"example.com":             "example.com",
		"a.b.example.com":         "example.com",
		"a.rakuten.co.jp":         "rakuten.co.jp",
		"co.jp":                   "co.jp",
		"st.mgu.ac.jp":            "mgu.ac.jp",
		"a.somebody.github.io":    "somebody.github.io",
		"www.xn--85x722f.com.cn":  "xn--85x722f.com.cn",
		"a.b.unknown-suffix-test": "b.unknown-suffix-test",
	}
	for domain, want := range tests {
		if got := OrgDomain(domain); got != want {
			t.Errorf("OrgDomain(%q) = %q, want %q", domain, got, want)
		}
	}
}

// FuzzFromResults holds that no field proves the From domain of a message with
// another author, and that identities are domain names.
func FuzzFromResults(f *testing.F) {
	f.Add("mx; dmarc=pass header.from=a.example; dkim=pass header.d=b.example; spf=pass smtp.mailfrom=x@c.example")
	f.Add("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x;dmarc=bestguesspass action=none header.from=a.example;compauth=pass")
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
		p := FromResults(read(t, "Authentication-Results: "+value, "From: x@nobody.example, y@somebody.example"))
		for _, id := range p.Identities {
			if domain, ok := mail.ASCIIDomain(id.Domain); !ok || domain != id.Domain || id.Aligned {
				t.Fatalf("%q: %+v", value, id)
			}
		}
	})
}
