package finding

import (
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/proof"
)

// TestPressed holds what counts only in a message that presses and leads to a
// strange site, and the honest neighbours of such messages.
func TestPressed(t *testing.T) {
	const strange = "https://kakunin.example.net/login"
	const tag, quarantine = tagPoints, quarantinePoints
	for _, tc := range []struct {
		name   string
		letter letter
		least  int
		most   int
	}{
		{"a shop that presses", letter{name: "楽天ショップ", address: "a@sender.example", subject: "口座凍結のお知らせ", links: []string{strange}}, quarantine, 99},
		{"a shop with its own name that presses", letter{name: "楽天ショップ 梅林堂", address: "a@sender.example", subject: "口座凍結のお知らせ", links: []string{strange}}, 2, quarantine - 1},
		{"a shop in a bracket", letter{address: "a@sender.example", subject: "【楽天市場店】ご利用停止", links: []string{strange}}, quarantine, 99},
		{"a shop opens", letter{name: "梅林堂", address: "a@sender.example", subject: "【楽天市場店】開店", links: []string{strange}}, 0, 0},
		{"a shop's parcel comes again", letter{name: "梅林堂 楽天市場店", address: "a@sender.example", subject: "再配達のご案内", links: []string{"https://sender.example/order", "https://www.rakuten.co.jp/bairindo"}}, 0, 0},
		{"the topic of a pressing subject", letter{name: "会員係", address: "a@sender.example", subject: "ご利用停止のお知らせ（楽天）", links: []string{strange}}, tag, quarantine - 1},
		{"a paper reports", letter{name: "霞新聞", address: "a@sender.example", subject: "楽天、不正アクセスで謝罪", links: []string{"https://www.sender.example/news"}}, 0, 0},
		{"a brand at the left of a domain", letter{name: "お知らせ", address: "info@www.rakuten.co.jp.sender.example", subject: "口座凍結", links: []string{strange}}, quarantine, 99},
		{"somebody who works with a brand", letter{name: "freee導入 梅林会計", address: "a@sender.example", subject: "【freee】勉強会", links: []string{"https://sender.example/"}}, 0, tag - 1},
		{"the same with a strange link", letter{name: "freee導入 梅林会計", address: "a@sender.example", subject: "【freee】勉強会", links: []string{strange}}, tag, quarantine - 1},
		{"the same that presses", letter{name: "freee導入 梅林会計", address: "a@sender.example", subject: "【freee】ご利用停止", links: []string{strange}}, quarantine, 99},
		{"an everyday word in its own trade", letter{name: "Visa Center", address: "a@visacenter.example", subject: "Visa Center: your application", links: []string{"https://visacenter.example/"}}, 0, quarantine - 1},
		{"an everyday word out of its trade", letter{name: "Visa Center", address: "a@sender.example", subject: "Visa Center: your application", links: []string{"https://sender.example/"}}, quarantine, 99},
		{"a customer centre that names nobody", letter{name: "カスタマーセンター", address: "a@sender.example", subject: "【楽天カード】今月のご案内", links: []string{strange}}, quarantine, 99},
		{"the support of an office writes about its software", letter{name: "サポート", address: "a@sender.example", subject: "【freee】今月のご案内", links: []string{"https://www.sender.example/"}}, 0, tag - 1},
		{"greets a brand's customers and names nobody", letter{name: "お客様サポート", address: "a@sender.example", subject: "ご利用停止", lines: []string{"いつもヨドバシカメラをご利用いただき、ありがとうございます。", "a", "b", "c"}, links: []string{strange}}, quarantine, 99},
		{"a person of the brand", letter{name: "Anna from MetaMask", address: "a@sender.example", subject: "Unusual login", links: []string{strange}}, quarantine, 99},
		{"a person who has a brand in her name", letter{name: "Anna's MetaMask diary", address: "a@sender.example", subject: "Hello", links: []string{"https://sender.example/"}}, 0, tag - 1},
		{"a warning", letter{name: "情報係", address: "a@sender.example", subject: "注意喚起：偽のメール", lines: []string{"次の文面に注意してください。", "口座凍結", "楽天会員 様"}, links: []string{"https://sender.example/csirt"}}, 0, 0},
		{"a warning that leads away", letter{name: "情報係", address: "a@sender.example", subject: "注意喚起：偽のメール", lines: []string{"口座凍結", "楽天会員 様"}, links: []string{strange}}, tag, 99},
		{"a brand warns", letter{name: "楽天", address: "a@sender.example", subject: "フィッシングにご注意ください。不正利用"}, tag, 99},
	} {
		found := relate(t, tc.letter, passes(tc.letter.message().From[0].Domain))
		if sum := points(found); sum < tc.least || sum > tc.most {
			t.Errorf("%s: %d points, want %d to %d: %v", tc.name, sum, tc.least, tc.most, found)
		}
	}
}

// TestBrandThatPressesForAnother holds that a brand's own proof does not answer
// for a bracket of another brand in front of a subject that presses.
func TestBrandThatPressesForAnother(t *testing.T) {
	l := letter{
		name: "Netflix", address: "info@netflix.com", subject: "【楽天】口座凍結",
		lines: []string{"Netflix"}, links: []string{"https://kakunin.example.net/login"},
	}
	if sum := points(relate(t, l, passes("netflix.com"))); sum < quarantinePoints {
		t.Errorf("%d points", sum)
	}
	l.subject = "【楽天】ポイントで払えるようになりました"
	if found := relate(t, l, passes("netflix.com")); points(found) > 0 {
		t.Errorf("a partner's news: %v", found)
	}
}

// TestUnvouchedTopic holds that a subject which presses about a brand counts more
// where nothing proves the sender and links lead away.
func TestUnvouchedTopic(t *testing.T) {
	l := letter{name: "Angebote", address: "a@sender.example", subject: "Gewinnen Sie 500€ Lidl Geschenkkarte", links: []string{"https://strange.example.net/x"}}
	unvouched := passes("sender.example")
	unvouched.Identities = nil
	unvouched.DMARC.Result, unvouched.SPF.Result, unvouched.DKIM = "none", "none", nil
	if found := relate(t, l, unvouched); points(found) < quarantinePoints {
		t.Errorf("nothing proved: %v", found)
	}
	if found := relate(t, l, passes("sender.example")); points(found) >= quarantinePoints {
		t.Errorf("proved: %v", found)
	}
	l.links = []string{"https://www.lidl.de/x"}
	if found := relate(t, l, unvouched); points(found) >= quarantinePoints {
		t.Errorf("leads to the brand: %v", found)
	}
}

// TestMalformedNameOfABrand holds that signs in a name that have to be quoted do
// not take the brand's own proof away, and that this helps nobody else.
func TestMalformedNameOfABrand(t *testing.T) {
	for _, tc := range []struct {
		from, signer string
		met          bool
	}{
		{"J:COM <info@jcom.co.jp>", "jcom.co.jp", true},
		{"@nifty <info@nifty.co.jp>", "mail.nifty.co.jp", true},
		{"@nifty <info@nifty.co.jp>, <a@sender.example>", "nifty.co.jp", false},
		{"@nifty <a@sender.example>", "nifty.co.jp", false},
		{"@nifty <a@sender.example>", "sender.example", false},
	} {
		m := parse(t, "From: "+tc.from+"\r\nSubject: x\r\n\r\nx\r\n")
		p := proof.Proof{Source: proof.FromDNS, Author: m.Author, Identities: []proof.Identity{
			{Domain: tc.signer, OrgDomain: proof.OrgDomain(tc.signer), Method: proof.ByDKIM, Strength: proof.Unaligned},
		}}
		c := catalogue(t)
		found := Relate(Input{Message: m, Proof: p, Claims: claim.NewReader(c).Read(m), Catalogue: c})
		if Has(found, Impersonation) == tc.met {
			t.Errorf("%s signed by %s: %v", tc.from, tc.signer, found)
		}
	}
}
