package claim

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

func TestHosts(t *testing.T) {
	r := reader(t)
	for _, tc := range []struct {
		host string
		want []string
	}{
		{"amazon.xyz.example", []string{"amazon link-host weak"}},
		{"rakuten-card.example", []string{"rakuten-card link-host weak"}},
		{"www.rakuten.co.jp.evil.example", []string{"rakuten link-host weak"}},
		{"securepaypal42.example", []string{"paypal link-host weak"}},
		{"www.rakuten.co.jp", nil},
		{"www.amazon.co.jp", nil},
		{"amazonas-tours.example", nil},
		{"paypa1.com", []string{"paypal link-host weak"}},
		{"rnicrosoft.com", []string{"microsoft link-host weak"}},
		{"xn--pypal-4ve.com", []string{"paypal link-host weak"}}, // Cyrillic а
		{"paypal.dk", nil}, // a further domain of the brand
		{"paypal.top", []string{"paypal link-host weak"}},
		{"paypal-zz.top", []string{"paypal link-host weak"}},
		{"paypal-zz.com", nil},
		{"mypaypal.zz.example.com", []string{"paypal link-host weak"}},
		{"paypal-login.web.app", []string{"paypal link-host weak"}},
		{"microsft-mail.example.com", []string{"microsoft link-host weak"}},
		{"jcb.example.com", nil},
		{"www.jcb.example.com", []string{"jcb link-host weak"}},
		{"jcb.co.jp.example.com", []string{"jcb link-host weak"}},
		{"apple.example.com", nil},
		{"apple.com.login.example.com", []string{"apple link-host weak"}},
		{"mail.example.com", nil},
		{"tracking.example.top", nil},
		{"www.billing.login.example.com", nil},
		{"shop.example", nil},
		// several words of impostors in one, words of other languages, a number, a plural
		{"paypalhelpcenter.com", []string{"paypal link-host weak"}},
		{"mypaypalcardid.com", []string{"paypal link-host weak"}},
		{"paypal-kundenservice.com", []string{"paypal link-host weak"}},
		{"paypals-secure.com", []string{"paypal link-host weak"}},
		{"charters.com", nil},
		{"trackings.example.com", nil},
		// the end of the brand's own address in front of another domain, or within a label
		{"paypal.com-vc.top", []string{"paypal link-host weak"}},
		{"service.apple.com-id.example", []string{"apple link-host weak"}},
		{"wwwsaisonxy.example.com", []string{"saison-card link-host weak"}},
		{"saisonxyz.co.jp.example.com", []string{"saison-card link-host weak"}},
		{"amazon-co-jpxyz.com", []string{"amazon link-host weak"}},
		{"smbcxcojp.com", []string{"smbc link-host weak"}},
		{"diskussion-ebay-de.test.example.com", []string{"ebay link-host weak"}},
		{"shop.com.example", nil},
		{"com-paypax.example", nil},
		// words that ask for an account, beside a name and any others
		{"paypal-billing-zz.com", []string{"paypal link-host weak"}},
		{"customer-ebay.com", []string{"ebay link-host weak"}},
		{"paypal-dns.com", nil},
		{"apple-pie.com", nil},
		// letters that are no word, under a suffix for anybody
		{"apple-kkfg.shop", []string{"apple link-host weak"}},
		{"apple-cdn.shop", nil},
		{"apple-pie.shop", nil},
		// names that no everyday word holds; a letter and a word such as mail ends many
		{"mufgx.top", []string{"mufg-bank link-host weak", "mufg-card link-host weak"}},
		{"crazymail.info", nil},
		// the longest name in a word wins; long ones count in the middle of a word
		{"eki-netcom.example.com", []string{"eki-net link-host weak"}},
		{"zzmicrosoftzz.example.com", []string{"microsoft link-host weak"}},
		{"zzmicrosoftzz.com", nil},
		// misspelt, under a suffix for anybody
		{"microsofft.top", []string{"microsoft link-host weak"}},
		{"microsofft.com", nil},
		{"soumu.go.jp.example.com", []string{"soumu link-host weak"}},
		{"soumu.example", nil},
	} {
		m := &mail.Message{Links: []mail.Link{{Kind: mail.LinkAnchor, Host: tc.host, URL: "https://" + tc.host + "/"}}}
		if diff := cmp.Diff(tc.want, summary(r.Read(m))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.host, diff)
		}
	}
}
