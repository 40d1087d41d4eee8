package finding

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

func TestAuthentication(t *testing.T) {
	const d = "mail.example"
	soft := fails(d, dmarc.PolicyNone)
	soft.SPF.Result, soft.DMARC = spf.SoftFail, dmarc.Check{Result: dmarc.None}
	damaged := fails(d, dmarc.PolicyNone)
	damaged.DKIM = []dkim.Signature{{Result: dkim.Fail, Domain: d}}
	forwarded := passes(d)
	forwarded.SPF.Result = spf.Fail
	unsure := fails(d, dmarc.PolicyNone)
	unsure.DMARC.Result = dmarc.TempError
	unkeyed, trial := damaged, damaged
	unkeyed.DKIM = []dkim.Signature{{Result: dkim.PermError, Domain: d, Reason: "there is no key"}}
	trial.DKIM = []dkim.Signature{{Result: dkim.Fail, Domain: d, Testing: true}}
	partly := damaged
	partly.DKIM = append(partly.DKIM, dkim.Signature{Result: dkim.Policy, Domain: d, Reason: "l= leaves part of the body unsigned"})
	service := damaged
	service.DKIM = append(service.DKIM, dkim.Signature{Result: dkim.Pass, Domain: "esp.example"})
	service.Identities = []proof.Identity{{Domain: "esp.example", OrgDomain: "esp.example", Method: proof.ByDKIM, Strength: proof.Unaligned}}
	muddled := fails(d, "")
	muddled.SPF.Result, muddled.DMARC = spf.PermError, dmarc.Check{Result: dmarc.None}
	mild := fails(d, dmarc.PolicyReject)
	mild.DMARC.Applied = dmarc.PolicyQuarantine
	milder := fails(d, dmarc.PolicyQuarantine)
	milder.DMARC.Applied = dmarc.PolicyNone
	elsewhere := fails(d, dmarc.PolicyNone)
	elsewhere.SPF = spf.Check{Result: spf.TempError, Domain: "other.example"}
	elsewhere.DKIM = []dkim.Signature{{Result: dkim.TempError, Domain: "other.example"}}
	near := elsewhere
	near.DKIM = []dkim.Signature{{Result: dkim.TempError, Domain: "m." + d}}
	nameless := passes(d)
	nameless.IPRev.Result = iprev.PermError
	for _, tc := range []struct {
		name  string
		proof proof.Proof
		want  []Name
	}{
		{"reject", fails(d, dmarc.PolicyReject), []Name{DMARCReject, SPFFail, NoAuth}},
		{"quarantine", fails(d, dmarc.PolicyQuarantine), []Name{DMARCQuarantine, SPFFail, NoAuth}},
		{"none", fails(d, dmarc.PolicyNone), []Name{DMARCFail, SPFFail, NoAuth}},
		{"soft", soft, []Name{SPFSoftFail, NoAuth}},
		{"no key", unkeyed, []Name{DMARCFail, SPFFail, DKIMFail, NoAuth}},
		{"damaged", damaged, []Name{DMARCFail, SPFFail, DKIMFail, NoAuth}},
		{"forwarded", forwarded, nil},
		{"the key is a test", trial, []Name{DMARCFail, SPFFail, NoAuth}},
		{"part of the body is unsigned", partly, []Name{DMARCFail, SPFFail, DKIMPolicy, NoAuth}},
		{"another's signature", service, []Name{DMARCFail, SPFFail, DKIMUnaligned}},
		{"broken SPF record", muddled, []Name{SPFError, NoAuth}},
		{"p=reject; t=y", mild, []Name{DMARCQuarantine, SPFFail, NoAuth}},
		{"p=quarantine; t=y", milder, []Name{DMARCFail, SPFFail, NoAuth}},
		{"not finished, and of no account", elsewhere, []Name{DMARCFail}},
		{"not finished for a name of the author's", near, []Name{DMARCFail, AuthTempError}},
		{"not finished", unsure, []Name{AuthTempError}},
		{"no reverse name", nameless, []Name{NoReverseDNS}},
		{"not checked", unproved(d), nil},
		{"zero", proof.Proof{}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, names(relate(t, letter{address: "a@" + d}, tc.proof))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestForm(t *testing.T) {
	for _, tc := range []struct {
		name string
		m    mail.Message
		want []Name
	}{
		{"none", mail.Message{Author: mail.AuthorNone}, []Name{FromMissing}},
		{"several", mail.Message{Author: mail.AuthorSeveral}, []Name{FromSeveral}},
		{"malformed", mail.Message{Author: mail.AuthorMalformed}, []Name{FromMalformed}},
		{"one", mail.Message{Author: mail.AuthorOne}, nil},
		{"zero", mail.Message{}, nil},
	} {
		if diff := cmp.Diff(tc.want, names(Relate(Input{Message: &tc.m, Catalogue: catalogue(t)}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestTestMode: what a domain publishes and what it earns are both told.
func TestTestMode(t *testing.T) {
	p := fails("mail.example", dmarc.PolicyReject)
	p.DMARC.Applied = dmarc.PolicyQuarantine
	found := relate(t, letter{address: "a@mail.example"}, p)
	if want := "DMARC failed for mail.example, which says p=reject and is testing it"; found[0].Why != want {
		t.Errorf("why: %s", found[0].Why)
	}
}

// TestUnusableAuthor: where no single author can be read from From, nothing
// proves one, so a brand that is claimed is not proved, and the first author never
// wins. A brand's own signature, which covers From, still proves the brand where
// every address of a malformed From is the brand's.
func TestUnusableAuthor(t *testing.T) {
	for _, state := range []struct {
		author mail.AuthorState
		name   Name
	}{{mail.AuthorMalformed, FromMalformed}, {mail.AuthorSeveral, FromSeveral}, {mail.AuthorNone, FromMissing}} {
		for _, tc := range []struct {
			name   string
			letter letter
			signer string // of a signature that verifies; "" for none
			want   []Name
		}{
			{"another's signature", letter{name: "楽天", address: "a@mail.example"}, "mail.example", []Name{Impersonation, DKIMUnaligned, state.name}},
			{"nothing", letter{name: "楽天", address: "a@mail.example"}, "", []Name{UnprovedClaim, NoAuth, state.name}},
			{"the brand's signature", letter{name: "楽天", address: "a@rakuten.co.jp"}, "rakuten.co.jp", []Name{Impersonation, DKIMUnaligned, state.name}},
			{"no claim", letter{name: "Hanako", address: "a@mail.example"}, "mail.example", []Name{DKIMUnaligned, state.name}},
		} {
			t.Run(string(state.author)+" "+tc.name, func(t *testing.T) {
				m := tc.letter.message()
				m.Author = state.author
				p := proof.Proof{
					Source: proof.FromDNS, Author: state.author, SPF: spf.Check{Result: spf.None},
					DMARC: dmarc.Check{Result: dmarc.PermError},
				}
				if tc.signer != "" {
					p.DKIM = []dkim.Signature{{Result: dkim.Pass, Domain: tc.signer}}
					p.Identities = []proof.Identity{{Domain: tc.signer, OrgDomain: proof.OrgDomain(tc.signer), Method: proof.ByDKIM, Strength: proof.Unaligned}}
				}
				if state.author == mail.AuthorMalformed && tc.signer == "rakuten.co.jp" {
					tc.want = []Name{DKIMUnaligned, state.name}
				}
				c := catalogue(t)
				found := Relate(Input{Message: m, Proof: p, Claims: claim.NewReader(c).Read(m), Catalogue: c})
				if diff := cmp.Diff(tc.want, names(found)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if why := found[len(found)-1].Why; !strings.Contains(why, "nothing can prove its author") {
					t.Errorf("why: %s", why)
				}
			})
		}
	}
}
