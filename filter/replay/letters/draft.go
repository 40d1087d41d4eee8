package letters

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// draft is a letter before it is written down. Texts hold {b} where the name of
// the brand stands.
type draft struct {
	kind    Kind
	brand   posed // ID "" for none
	charset Charset
	name    string // of the brand, as it is written everywhere

	from    string // display name; "" for none
	address string
	replyTo string
	reply   bool   // as an answer
	opening string // bracket before the name in the subject; "" when the subject does not begin with it
	closing string
	subject string // behind the brackets
	lines   []string
	sign    []string
	link    string // where the link leads; "" for none
	shown   string // text of the link in HTML
	more    string // HTML above the text
	results string // of Authentication-Results

	html     bool
	decoy    bool                // text/plain tells something else
	logo     bool                // HTML names the brand only as the text of a picture
	entities bool                // letters of HTML as numbers
	markup   func(string) string // writes the name in HTML; nil escapes it
	noLabel  bool                // no charset in Content-Type
	damaged  bool                // quoted-printable that breaks the rules
	words    words
	field    func(d *draft, name string) string // writes the From field's body; nil for the usual form
}

// newPhish drafts a phishing letter: sender, texts and the places where the name
// stands are drawn.
func newPhish(r *rand.Rand, p posed, charset Charset) *draft {
	d := &draft{kind: Phish, brand: p, charset: charset, name: pick(r, p.names...), html: r.IntN(2) == 0}
	s := newSender(r, p)
	d.address, d.results, d.link = s.address, s.results, s.link
	l := lures(p.theme)
	t := l[r.IntN(len(l))]
	d.subject, d.shown = pick(r, t.subjects...), pick(r, "ご確認はこちら", "お手続きページへ", "今すぐ確認する", "ログイン", "{b}公式サイト")
	d.lines = append(d.lines, pick(r, greetings()...), "")
	d.lines = append(d.lines, pick(r, openings()...))
	d.lines = append(d.lines, t.lines...)
	d.lines = append(d.lines, pick(r, endings()...))
	d.sign = []string{pick(r, "{b}カスタマーセンター", "{b} サポート", "発行元：{b}", "{b}", "Copyright (C) {b} All Rights Reserved.", "{b}事務局")}
	switch r.IntN(10) { // the places of the claim
	case 0: // body and subject, but no display name
		d.bracket("【", "】")
	case 1: // display name, and the body
		d.from = pick(r, fromNames()...)
	case 2: // a department in From: subject and body name the brand
		d.from = pick(r, "カスタマーサポート", "お客様センター", "重要なお知らせ", "セキュリティチーム")
		d.bracket("【", "】")
	default:
		d.from = pick(r, fromNames()...)
		d.bracket("【", "】")
	}
	return d
}

func (d *draft) bracket(opening, closing string) { d.opening, d.closing = opening, closing }

// sender is who truly sends.
type sender struct {
	address, results, link string
}

// newSender draws a sender who is not the brand.
func newSender(r *rand.Rand, p posed) sender {
	domain := label(r) + pick(r, ".example", ".test", "-mail.example")
	local := pick(r, "info", "no-reply", "support", "admin", "mail", "service", label(r))
	link := "https://" + label(r) + pick(r, ".example/", ".test/") + pick(r, "login", "confirm", "id/"+label(r), "?u="+label(r), "")
	switch r.IntN(8) {
	case 0: // a school's account that was broken into
		domain = "st." + pick(r, "kakuu-daigaku", "tameshi-u", "kasou-joshi") + ".ac.jp"
		local = pick(r, "en-13201", "s19"+digitsOf(r, 4), "kyomu")
	case 1, 2: // nothing is proved
		return sender{local + "@" + domain, "spf=none smtp.mailfrom=" + domain + "; dkim=none; dmarc=none header.from=" + domain, link}
	case 3: // the brand's own domain, spoofed
		return sender{local + "@" + p.domain, fmt.Sprintf("spf=softfail smtp.mailfrom=%s; dkim=none; dmarc=fail header.from=%s", p.domain, p.domain), link}
	case 4: // proved as somebody else than From says
		return sender{local + "@" + p.domain, fmt.Sprintf("spf=pass smtp.mailfrom=%s; dkim=pass header.d=%s; dmarc=fail header.from=%s", domain, domain, p.domain), link}
	}
	return sender{local + "@" + domain, passes(domain), link}
}

// passes is the result of a message that authenticates perfectly.
func passes(domain string) string {
	return fmt.Sprintf("spf=pass smtp.mailfrom=%s; dkim=pass header.d=%s; dmarc=pass header.from=%s", domain, domain, domain)
}

// label draws a host label of letters and digits that means nothing.
func label(r *rand.Rand) string {
	const letters = "bcdfghjkmnpqrstvwxz23456789"
	b := make([]byte, 6+r.IntN(5))
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	b[0] = letters[r.IntN(19)]
	return string(b)
}

func digitsOf(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	return b.String()
}
