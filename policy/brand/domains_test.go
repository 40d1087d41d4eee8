package brand

import (
	"slices"
	"strings"
	"testing"
)

func TestOwns(t *testing.T) {
	c := catalogue(t)
	for _, k := range []struct {
		why, id, domain string
		want            bool
	}{
		{"own domain", "rakuten", "rakuten.co.jp", true},
		{"below it", "rakuten", "mail.rakuten.co.jp", true},
		{"capitals and a final dot", "rakuten", "Mail.Rakuten.co.jp.", true},
		{"another name of the owner", "rakuten", "rakuten-card.co.jp", true},
		{"owner group", "rakuten-card", "rakuten.co.jp", true},
		{"a name that ends alike", "rakuten", "evilrakuten.co.jp", false},
		{"own name on the left", "rakuten", "rakuten.co.jp.example.com", false},
		{"foreign", "rakuten", "st.mgu.ac.jp", false},
		{"no domain", "rakuten", "", false},
		{"a public suffix", "rakuten", "co.jp", false},
		{"unknown brand", "no-such-brand", "rakuten.co.jp", false},
		{"card of the group's other firm", "smbc-card", "contact.vpass.ne.jp", true},
		{"suffix", "gov-jp", "kantei.go.jp", true},
		{"suffix shared by two", "hmrc", "dvla.gov.uk", true},
		{"suffix of another country", "gov-jp", "dvla.gov.uk", false},
		{"own top-level name", "amazon", "mail.amazon", true},
		{"sender for the brand", "sbi-sec", "trkd-hs.com", true},
		{"sender that is a service for many", "irs", "govdelivery.com", true},
		{"sender of another brand", "amazon", "trkd-hs.com", false},
		{"customers' mailboxes", "docomo", "docomo.ne.jp", false},
		{"the firm below its mailbox name", "docomo", "mail.smt.docomo.ne.jp", true},
		{"customers below the mailbox name too", "biglobe", "xyz.biglobe.ne.jp", false},
		{"free mail of the brand", "google", "gmail.com", false},
		{"free mail of the brand", "apple", "icloud.com", false},
		{"the brand beside it", "apple", "email.apple.com", true},
		{"forwarding for others", "apple", "privaterelay.appleid.com", false},
		{"tenants", "microsoft", "contoso.onmicrosoft.com", false},
		{"mail service", "amazon", "eu-west-1.amazonses.com", false},
		{"its own mail service", "zendesk", "acme.zendesk.com", false},
		{"redirector", "x-twitter", "t.co", false},
		{"images", "amazon", "media-amazon.com", false},
		{"longer than DNS allows", "rakuten", strings.Repeat("a.", 130) + "rakuten.co.jp", false},
	} {
		if got := c.Owns(k.id, k.domain); got != k.want {
			t.Errorf("%s: Owns(%q, %q) = %v, want %v", k.why, k.id, k.domain, got, k.want)
		}
	}
}

func TestOwners(t *testing.T) {
	c := catalogue(t)
	for domain, want := range map[string][]string{
		"st.mgu.ac.jp": nil, "": nil, "gmail.com": nil, "t.co": nil,
		"x.paypal.com": {"paypal"},
		"dvla.gov.uk":  {"gov-uk", "hmrc"},
	} {
		var got []string
		for _, b := range c.Owners(domain) {
			got = append(got, b.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Owners(%q) = %v, want %v", domain, got, want)
		}
	}
	for _, id := range []string{"rakuten", "rakuten-card", "rakuten-bank"} {
		b, ok := c.Brand(id)
		if !ok || !slices.Contains(c.Owners("rakuten.co.jp"), b) {
			t.Errorf("%s is no owner of rakuten.co.jp", id)
		}
	}
}

// What a brand lists is its own by Owns, unless a list says that it proves
// nothing; and Owners agrees with Owns.
func TestOwnersAgree(t *testing.T) {
	c := catalogue(t)
	for b := range c.All() {
		for _, d := range slices.Concat(b.Domains, b.ESPDomains, b.MailDomains, b.AssetHosts, b.UserMail) {
			owns := c.Owns(b.ID, d)
			if owns != slices.Contains(c.Owners(d), b) {
				t.Errorf("Owns(%q, %q) = %v, Owners does not agree", b.ID, d, owns)
			}
			nobody := c.Mailbox(d) || c.TenantSpace(d) || c.Redirector(d) || c.MailService(d)
			if slices.Contains(b.Domains, d) && owns == nobody {
				t.Errorf("Owns(%q, %q) = %v", b.ID, d, owns)
			}
			if owns && !c.Leads(b.ID, d) {
				t.Errorf("%q owns %q, but links to it lead away", b.ID, d)
			}
		}
	}
}

func TestLeads(t *testing.T) {
	c := catalogue(t)
	for _, k := range []struct {
		why, id, host string
		want          bool
	}{
		{"own", "amazon", "www.amazon.co.jp", true},
		{"images", "amazon", "m.media-amazon.com", true},
		{"mailbox name of its own", "apple", "www.icloud.com", true},
		{"own group", "rakuten", "login.rakuten-card.co.jp", true},
		{"tenants of its own", "amazon", "bucket.s3.amazonaws.com", false},
		{"tenants of its own", "microsoft", "x.sharepoint.com", false},
		{"redirector of its own", "line", "lin.ee", false},
		{"foreign", "amazon", "amazon.co.jp.example.com", false},
		{"unknown brand", "no-such-brand", "amazon.com", false},
		{"nothing", "amazon", "", false},
	} {
		if got := c.Leads(k.id, k.host); got != k.want {
			t.Errorf("%s: Leads(%q, %q) = %v, want %v", k.why, k.id, k.host, got, k.want)
		}
	}
}

func TestLists(t *testing.T) {
	c := catalogue(t)
	for _, k := range []struct {
		name string
		is   func(string) bool
		yes  []string
		no   []string
	}{
		{"Redirector", c.Redirector, []string{"t.co", "bit.ly", "T.CO."}, []string{"at.co", "amazon.com", ""}},
		{"Mailbox", c.Mailbox, []string{"gmail.com", "docomo.ne.jp", "a.ocn.ne.jp"}, []string{"mail.smt.docomo.ne.jp", "amazon.com"}},
		{"TenantSpace", c.TenantSpace, []string{"x.web.app", "x.github.io"}, []string{"github.com"}},
		{"MailService", c.MailService, []string{"u1.sendgrid.net"}, []string{"sendgrid.com", ""}},
	} {
		for _, host := range k.yes {
			if !k.is(host) {
				t.Errorf("%s(%q) = false", k.name, host)
			}
		}
		for _, host := range k.no {
			if k.is(host) {
				t.Errorf("%s(%q) = true", k.name, host)
			}
		}
	}
	var zero Catalogue
	if zero.Owns("a", "b.c") || zero.Leads("a", "b.c") || zero.Mailbox("gmail.com") || zero.Len() != 0 {
		t.Error("the zero catalogue knows something")
	}
}

func BenchmarkOwners(b *testing.B) {
	c := catalogue(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Owners("deep.below.mail.example.co.jp")
	}
}
