package finding

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
)

func header(lines ...string) mail.Header {
	var h mail.Header
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ":")
		h = append(h, mail.Field{Name: name, Raw: []byte(l + "\r\n")})
	}
	return h
}

// detour is a letter that came by a forwarder, and what it proves.
func detour(tb testing.TB, l letter, p proof.Proof, fields ...string) Input {
	tb.Helper()
	c := catalogue(tb)
	m := l.message()
	m.Header = header(append([]string{"Received: from a.example by b.example"}, fields...)...)
	return Input{Message: m, Envelope: &mail.Envelope{Recipients: []string{"a@kaisha.test"}}, Proof: p, Claims: claim.NewReader(c).Read(m), Catalogue: c}
}

// sealed is the proof of a message that lost its authentication behind a sealer.
func sealed(domain string, asked dmarc.Policy, author bool) proof.Proof {
	p := fails(domain, asked)
	p.SPF = spf.Check{Result: spf.Pass, Domain: "lists.example"}
	p.Identities = []proof.Identity{{Domain: "lists.example", OrgDomain: "lists.example", Method: proof.BySPF, Strength: proof.Unaligned}}
	p.ARC, p.Seals = "pass", []proof.Seal{{Domain: "lists.example", Author: author}}
	return p
}

func TestOverride(t *testing.T) {
	var (
		plain   = letter{name: "Taro Yamada", address: "taro@univ.example", subject: "Minutes", lines: []string{"Dear all,"}}
		posing  = stopped
		brand   = letter{name: "楽天市場", address: "order@rakuten.co.jp", subject: "【楽天市場】注文内容のご確認", links: []string{"https://order.my.rakuten.co.jp/"}}
		trapped = letter{name: "楽天市場", address: "order@rakuten.co.jp", subject: "【楽天市場】注文内容のご確認", links: []string{"https://login.example.net/id"}}
		weak    = letter{address: "taro@univ.example", subject: "PayPal: a question"}
	)
	posing.address = "en@univ.example"
	broken := fails("univ.example", dmarc.PolicyReject)
	broken.DKIM = []dkim.Signature{{Result: dkim.Fail, Domain: "univ.example"}, {Result: dkim.Pass, Domain: "lists.example"}}
	broken.Identities = []proof.Identity{{Domain: "lists.example", OrgDomain: "lists.example", Method: proof.ByDKIM, Strength: proof.Unaligned}}
	soft := fails("univ.example", "")
	soft.DMARC, soft.SPF.Result = dmarc.Check{Result: dmarc.None}, spf.SoftFail
	softBrand := sealed("rakuten.co.jp", "", true)
	softBrand.DMARC, softBrand.SPF, softBrand.Identities = dmarc.Check{Result: dmarc.None}, spf.Check{Result: spf.SoftFail, Domain: "rakuten.co.jp"}, nil
	unsure := broken
	unsure.DMARC = dmarc.Check{Result: dmarc.TempError}
	undecided := sealed("univ.example", dmarc.PolicyReject, true)
	undecided.ARC = "temperror"
	authorless := broken
	authorless.FromDomain, authorless.FromOrg, authorless.Author = "", "", mail.AuthorSeveral
	aligned := broken
	aligned.Identities = []proof.Identity{{Domain: "m.univ.example", OrgDomain: "univ.example", Method: proof.BySPF, Aligned: true}}
	for _, tc := range []struct {
		name   string
		kind   ForwarderKind
		letter letter
		proof  proof.Proof
		want   []Name // nil: the failures stand
	}{
		{"forwarded by a server", ByNetwork, plain, fails("univ.example", dmarc.PolicyReject), []Name{Forwarded}},
		{"a list's footer", ByList, plain, broken, []Name{Forwarded}},
		{"no DMARC, SPF fails softly", ByNetwork, plain, soft, []Name{Forwarded}},
		{"nothing failed", ByNetwork, plain, passes("univ.example"), nil},
		{"the author is proved", ByNetwork, plain, aligned, nil},
		{"no single author", ByNetwork, plain, authorless, nil},
		{"a check did not finish", ByNetwork, plain, unsure, nil},

		// A path that lets anyone through knows nothing about who claims what.
		{"a fake by a server", ByNetwork, posing, fails("univ.example", dmarc.PolicyReject), nil},
		{"a fake by a list", ByList, posing, broken, nil},
		{"a brand's own domain by a server", ByNetwork, brand, fails("rakuten.co.jp", dmarc.PolicyReject), nil},
		{"a brand's own domain by a list", ByList, brand, sealed("rakuten.co.jp", dmarc.PolicyReject, true), nil},
		{"a faint claim stays beside it", ByNetwork, weak, fails("univ.example", dmarc.PolicyReject), []Name{WeakClaim, Forwarded}},

		// A sealer knows the author.
		{"sealed as authentic", BySealer, plain, sealed("univ.example", dmarc.PolicyReject, true), []Name{Forwarded}},
		{"sealed as not authentic", BySealer, plain, sealed("univ.example", dmarc.PolicyReject, false), nil},
		{"keys of the chain can't be fetched", BySealer, plain, undecided, []Name{DMARCReject, AuthTempError}},
		{"a brand's own mail", BySealer, brand, sealed("rakuten.co.jp", dmarc.PolicyReject, true), []Name{Forwarded}},
		{"a brand's own mail, not vouched for", BySealer, brand, sealed("rakuten.co.jp", dmarc.PolicyReject, false), nil},
		{"a brand's own mail that leads away", BySealer, trapped, sealed("rakuten.co.jp", dmarc.PolicyReject, true), []Name{SpoofedBrand, LinksLeaveBrand, Forwarded}},
		{"the same without DMARC", BySealer, trapped, softBrand, []Name{SpoofedBrand, Forwarded}},
		{"a fake from an authentic account", BySealer, posing, sealed("univ.example", dmarc.PolicyReject, true), []Name{Impersonation, LinksLeaveBrand, Lure, Forwarded}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := detour(t, tc.letter, tc.proof)
			found := Relate(in)
			before := names(found)
			way := in.Detour(found)
			got, ok := way.Override(found, Forwarder{Kind: tc.kind, Domain: "lists.example", Where: "policies/example.jp.yaml:3"})
			if ok != (tc.want != nil) {
				t.Fatalf("override %v, found %v", ok, found)
			}
			if diff := cmp.Diff(before, names(found)); diff != "" {
				t.Errorf("what other policies see has changed: %s", diff)
			}
			if diff := cmp.Diff(tc.want, names(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, f := range got {
				if f.Name == Forwarded && (!strings.Contains(f.Why, string(tc.kind)+" lists.example (policies/example.jp.yaml:3); ") || len(f.Why) > maxWhyBytes) {
					t.Errorf("why: %s", f.Why)
				}
			}
			// Sent here at once, by the same client, nothing is explained.
			in.Message.Header = nil
			way = in.Detour(found)
			if _, ok := way.Override(found, Forwarder{Kind: tc.kind, Domain: "lists.example"}); ok {
				t.Error("a message without a hop before the client counts as forwarded")
			}
		})
	}
}

func TestPath(t *testing.T) {
	p := passes("univ.example")
	p.Client = proof.Client{Addr: netip.MustParseAddr("192.0.2.1"), Name: "mx.lists.example"}
	p.Seals = []proof.Seal{{Domain: "s.example", Author: true}}
	p.DKIM = append(p.DKIM, dkim.Signature{Result: dkim.Fail, Domain: "b.example"}, dkim.Signature{Result: dkim.Pass, Domain: "lists.example"})
	for list, want := range map[string]string{
		"List-Id: Members <Announce.Lists.Example>":                 "announce.lists.example",
		"List-Id: <announce.lists.example>":                         "announce.lists.example",
		"List-Id: \"<bank.example>\"\r\n\t<announce.lists.example>": "announce.lists.example",
		"LIST-ID: <announce.lists.example> ":                        "announce.lists.example",
		"List-Id: announce.lists.example":                           "",
		"List-Id: <announce.lists.example> <":                       "",
		"List-Id: <not a domain>":                                   "",
		"List-Id: <a.example>\r\nList-Id: <b.example>":              "",
		"X-List-Id: <announce.lists.example>":                       "",
	} {
		var lines []string
		for _, l := range strings.SplitAfter(list, "\r\n") {
			if strings.HasPrefix(l, "\t") {
				lines[len(lines)-1] += l
				continue
			}
			lines = append(lines, l)
		}
		for i := range lines {
			lines[i] = strings.TrimSuffix(lines[i], "\r\n")
		}
		got := detour(t, letter{address: "a@univ.example"}, p, lines...).Path()
		want := Path{Client: p.Client.Addr, Name: "mx.lists.example", Seals: p.Seals, List: want, Signers: []string{"univ.example", "lists.example"}}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%q (-want +got)\n%s", list, diff)
		}
	}
}

// TestSharedSignature: a mail service signs for anyone, and so is nobody.
func TestSharedSignature(t *testing.T) {
	shared := func(from string, aligned bool) proof.Proof {
		return proof.Proof{
			Source: proof.FromDNS, Author: mail.AuthorOne, FromDomain: from, FromOrg: proof.OrgDomain(from),
			SPF:   spf.Check{Result: spf.Pass, Domain: "a.amazonses.com"},
			DKIM:  []dkim.Signature{{Result: dkim.Pass, Domain: "amazonses.com"}},
			DMARC: dmarc.Check{Result: dmarc.None},
			Identities: []proof.Identity{
				{Domain: "amazonses.com", OrgDomain: "amazonses.com", Method: proof.ByDKIM, Strength: proof.Unaligned, Aligned: aligned},
				{Domain: "a.amazonses.com", OrgDomain: "amazonses.com", Method: proof.BySPF, Strength: proof.Unaligned, Aligned: aligned},
			},
		}
	}
	other := shared("mail.example", false)
	other.Identities = append(other.Identities, proof.Identity{Domain: "sender.example", OrgDomain: "sender.example", Method: proof.ByDKIM, Strength: proof.Unaligned})
	claims := func(address string) letter { return letter{name: "楽天", address: address} }
	for _, tc := range []struct {
		name   string
		letter letter
		proof  proof.Proof
		want   []Name
		why    string
	}{
		{"a claim through a mail service", claims("a@mail.example"), shared("mail.example", false), []Name{UnprovedClaim, DKIMUnaligned, NoAuth}, "nobody but a mail service, amazonses.com"},
		{"no claim", letter{address: "a@mail.example"}, shared("mail.example", false), []Name{DKIMUnaligned, NoAuth}, ""},
		{"the service speaks for itself", claims("a@amazonses.com"), shared("amazonses.com", true), []Name{Impersonation}, "proved amazonses.com by dkim"},
		{"somebody signed too", claims("a@mail.example"), other, []Name{Impersonation, DKIMUnaligned}, "proved sender.example by dkim, not aligned"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := relate(t, tc.letter, tc.proof)
			if diff := cmp.Diff(tc.want, names(found)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !strings.Contains(found[0].Why, tc.why) {
				t.Errorf("why: %s", found[0].Why)
			}
		})
	}
}
