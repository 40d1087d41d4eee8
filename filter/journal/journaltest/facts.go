// Package journaltest makes decisions as a busy site makes them, for tests and
// benchmarks that need many. Tests only.
//
// What it makes is invented: names, domains and addresses are of no real person,
// and the same seed makes the same decisions.
package journaltest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/proof"
)

var (
	people   = []string{"山田太郎", "佐藤花子", "Suzuki Ichiro", "鈴木一郎", "田中美咲", "高橋健", "Aiko Ito", "総務課", "広報室", "カスタマーサービス"}
	words    = []string{"ご案内", "お知らせ", "会議の件", "請求書", "Re: 日程", "ご注文の確認", "【重要】お支払い方法の確認", "meeting", "weekly report", "アカウントの確認", "お荷物のお届け", "ログイン"}
	claimed  = []string{"rakuten", "amazon", "apple", "smbc", "mufg", "jcb", "mercari", "yamato", "sagawa", "paypay"}
	shown    = []string{"楽天", "Amazon.co.jp", "Apple", "三井住友銀行", "三菱UFJ銀行", "JCB", "メルカリ", "ヤマト運輸", "佐川急便", "PayPay"}
	suffixes = []string{"test", "example", "co.jp.test", "ac.jp.test", "ne.jp.test"}
)

// Maker makes facts. It is for one goroutine.
type Maker struct{ rnd *rand.Rand }

// New returns a Maker.
func New(seed uint64) *Maker { return &Maker{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](m *Maker, list []T) T { return list[m.rnd.IntN(len(list))] }

func (m *Maker) host() string {
	const letters = "abcdefghijklmnoprstuvwyz"
	var b strings.Builder
	for range 4 + m.rnd.IntN(9) {
		b.WriteByte(letters[m.rnd.IntN(len(letters))])
	}
	return b.String() + "." + pick(m, suffixes)
}

// Facts returns those of one message: letters, newsletters, notices, phishing, and
// what came by a list.
func (m *Maker) Facts() *fact.Facts {
	domain := m.host()
	local := pick(m, []string{"info", "no-reply", "taro", "hanako", "bounce", "news", "k-tanaka", "support"})
	f := &fact.Facts{}
	f.Message = fact.Message{
		Author:  "one",
		From:    []fact.Mailbox{{Name: pick(m, people), Address: local + "@" + domain, Local: local, Domain: domain}},
		Subject: pick(m, words) + " " + fmt.Sprint(m.rnd.IntN(100000)), MessageID: fmt.Sprintf("%016x.%08x@%s", m.rnd.Uint64(), m.rnd.Uint32(), domain),
		Received: m.rnd.IntN(4), Size: 500 + m.rnd.IntN(60000),
	}
	client := netip.AddrFrom4([4]byte{192, 0, 2, byte(m.rnd.IntN(256))})
	f.Envelope = fact.Envelope{Client: client.String(), ClientName: "mail." + domain, Helo: "mail." + domain, HeloProved: true,
		Sender: local + "@" + domain, Recipients: 1, TLS: "TLSv1.3"}
	f.Detour.Path = finding.Path{Client: client, Name: "mail." + domain, Signers: []string{domain}}
	m.prove(f, domain)
	switch n := m.rnd.IntN(10); {
	case n < 4:
		m.newsletter(f, domain)
	case n < 6:
		m.phish(f, domain)
	case n < 7:
		m.forward(f)
	}
	for range m.rnd.IntN(3) {
		m.link(f, "plain", m.host())
	}
	return f
}

// prove lets most messages pass all checks.
func (m *Maker) prove(f *fact.Facts, domain string) {
	f.Proof = fact.Proof{Source: "dns", FromDomain: domain, FromOrg: domain, ARC: "none", IPRev: "pass", Aligned: true,
		SPF:   fact.SPF{Result: "pass", Domain: domain},
		DKIM:  []fact.Signature{{Result: "pass", Domain: domain, Selector: "s" + fmt.Sprint(m.rnd.IntN(2000)), Bits: 2048}},
		DMARC: fact.DMARC{Result: "pass", Policy: pick(m, []string{"none", "quarantine", "reject"}), Applied: "none", Org: domain, By: "dkim"},
		Identities: []fact.Identity{
			{Domain: domain, Org: domain, Method: "dkim", Strength: "dkim", Aligned: true},
			{Domain: domain, Org: domain, Method: "spf", Strength: "spf", Aligned: true},
		},
	}
	if m.rnd.IntN(20) == 0 {
		f.Proof.DKIM[0].Result, f.Proof.DMARC.Result = "temperror", "temperror"
		f.Found = append(f.Found, finding.Finding{Name: finding.AuthTempError, Why: "dkim temperror for " + domain})
	}
}

func (m *Maker) link(f *fact.Facts, kind, host string) {
	f.Links = append(f.Links, fact.Link{Kind: kind, Host: host, Org: host, URL: fmt.Sprintf("https://%s/%s?id=%x", host, pick(m, []string{"login", "c", "news", "track", "u"}), m.rnd.Uint32())})
}

func (m *Maker) newsletter(f *fact.Facts, domain string) {
	f.Message.Bulk, f.Message.List = true, "news."+domain
	f.Message.Deviations = []string{"header-8bit"}
	for range 2 + m.rnd.IntN(6) {
		m.link(f, "a", "www."+m.host())
	}
	if m.rnd.IntN(3) == 0 {
		f.Message.Attachments = []fact.Attachment{{Type: "application/pdf", Name: "annai.pdf", Size: m.rnd.IntN(1 << 20)}}
	}
}

func (m *Maker) phish(f *fact.Facts, domain string) {
	i := m.rnd.IntN(len(claimed))
	brand, name := claimed[i], shown[i]
	f.Message.From[0].Name, f.Message.Subject = name, "【"+name+"】"+f.Message.Subject
	f.Claim = fact.Claims{Brands: []string{brand}, All: []fact.Claim{
		{Brand: brand, Place: "from-name", Strength: "strong", Seen: name, Folded: name},
		{Brand: brand, Place: "subject-bracket", Strength: "strong", Seen: "【" + name + "】", Folded: name},
		{Brand: brand, Place: "signature", Strength: "medium", Seen: name + "株式会社", Folded: name},
	}}
	says := fmt.Sprintf("claims %s (From name “%s”, subject “【%s】”, signature “%s株式会社”)", name, name, name, name)
	host := m.host()
	m.link(f, "a", host)
	f.Found = append(f.Found,
		finding.Finding{Name: finding.Impersonation, Brand: brand, Why: says + " but proved " + domain + " by dkim, " + domain + " by spf"},
		finding.Finding{Name: finding.LinksLeaveBrand, Brand: brand, Why: says + "; links go to " + host},
	)
	if m.rnd.IntN(2) == 0 {
		f.Found = append(f.Found, finding.Finding{Name: finding.Lure, Brand: brand, Why: "says “アカウントは停止”, and " + says})
	}
}

// forward breaks what a list breaks.
func (m *Maker) forward(f *fact.Facts) {
	list := "lists." + m.host()
	f.Proof.Aligned, f.Proof.Identities = false, nil
	f.Proof.SPF.Result, f.Proof.DKIM[0].Result, f.Proof.DMARC = "fail", "fail", fact.DMARC{Result: "fail", Policy: "reject", Applied: "reject", Org: f.Proof.FromOrg}
	f.Found = append(f.Found,
		finding.Finding{Name: finding.DMARCReject, Why: "DMARC failed for " + f.Proof.FromDomain + ", which asks to reject"},
		finding.Finding{Name: finding.SPFFail, Why: "the client may not send for " + f.Proof.FromDomain},
	)
	f.Detour.Forwarded, f.Detour.Name, f.Detour.List, f.Detour.Signers = true, list, list, []string{list}
	if m.rnd.IntN(2) == 0 {
		f.Detour.List, f.Detour.Signers = "members.club.test", []string{"club.test"}
	}
	f.Detour.Seals = []proof.Seal{{Domain: list, Author: true}}
	f.Message.List = f.Detour.List
}
