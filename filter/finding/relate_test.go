package finding

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
	"sekisho/policy/brand"
)

// embedded is the catalogue, read once: it never changes.
var embedded = sync.OnceValues(brand.Embedded)

func catalogue(tb testing.TB) *brand.Catalogue {
	tb.Helper()
	c, err := embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// letter is a message in the few words that these tests need.
type letter struct {
	name, address, subject string
	replyTo                string
	lines                  []string
	links                  []string // "URL" or "URL text"
}

func text(s string) mail.Text { return mail.Text{Raw: s, Shown: s} }

func mailbox(name, address string) mail.Mailbox {
	local, domain, _ := strings.Cut(address, "@")
	return mail.Mailbox{Name: text(name), Address: address, Local: local, Domain: domain}
}

func (l letter) message() *mail.Message {
	m := &mail.Message{Author: mail.AuthorOne, From: []mail.Mailbox{mailbox(l.name, l.address)}, Subject: text(l.subject)}
	if l.replyTo != "" {
		m.ReplyTo = []mail.Mailbox{mailbox("", l.replyTo)}
	}
	for _, s := range l.lines {
		m.Passages = append(m.Passages, mail.Passage{Kind: mail.PassageText, Text: s})
	}
	for _, s := range l.links {
		target, shown, _ := strings.Cut(s, " ")
		host, _, _ := strings.Cut(strings.TrimPrefix(target, "https://"), "/")
		m.Links = append(m.Links, mail.Link{Kind: mail.LinkAnchor, URL: target, Host: host, Text: shown})
	}
	return m
}

// passes is the proof of a message that passes everything for its From domain.
func passes(domain string) proof.Proof {
	org := proof.OrgDomain(domain)
	return proof.Proof{
		Source: proof.FromDNS, Author: mail.AuthorOne, FromDomain: domain, FromOrg: org,
		SPF:        spf.Check{Result: spf.Pass, Domain: domain},
		DKIM:       []dkim.Signature{{Result: dkim.Pass, Domain: domain}},
		DMARC:      dmarc.Check{Result: dmarc.Pass, AuthorDomain: domain, AlignedBy: "dkim"},
		Identities: []proof.Identity{{Domain: domain, OrgDomain: org, Method: proof.ByDKIM, Aligned: true}},
	}
}

// fails is the proof of a message that proves nothing.
func fails(domain string, asked dmarc.Policy) proof.Proof {
	return proof.Proof{
		Source: proof.FromDNS, Author: mail.AuthorOne, FromDomain: domain, FromOrg: proof.OrgDomain(domain),
		SPF:   spf.Check{Result: spf.Fail, Domain: domain},
		DMARC: dmarc.Check{Result: dmarc.Fail, AuthorDomain: domain, Published: asked, Applied: asked},
	}
}

func unproved(domain string) proof.Proof {
	return proof.Proof{Source: proof.FromNobody, Author: mail.AuthorOne, FromDomain: domain, FromOrg: proof.OrgDomain(domain)}
}

func relate(tb testing.TB, l letter, p proof.Proof, recipients ...string) []Finding {
	tb.Helper()
	c := catalogue(tb)
	m := l.message()
	return Relate(Input{
		Message: m, Envelope: &mail.Envelope{Recipients: recipients}, Proof: p,
		Claims: claim.NewReader(c).Read(m), Catalogue: c,
	})
}

func names(found []Finding) []Name {
	var all []Name
	for _, f := range found {
		all = append(all, f.Name)
	}
	return all
}

// points adds up what found weighs by default.
func points(found []Finding) int {
	sum := 0
	for _, f := range found {
		sum += f.Name.DefaultPoints()
	}
	return sum
}

var (
	stopped = letter{
		name: "楽天", address: "en-13201@st.mgu.ac.jp", subject: "【楽天】アカウントは停止されています",
		lines: []string{"楽天市場 お客様各位", "普段と違う方法でのログインがありました。下のページでお客様の情報を更新してください。", "楽天株式会社"},
		links: []string{"https://login.example.net/id"},
	}
	genuine = letter{
		name: "楽天市場", address: "order@rakuten.co.jp", subject: "【楽天市場】注文内容のご確認",
		lines: []string{"楽天市場をご利用いただきありがとうございます。"},
		links: []string{"https://order.my.rakuten.co.jp/", "https://click.example.net/r"},
	}
)

func TestStory(t *testing.T) {
	nameless := stopped
	nameless.name = ""
	for _, tc := range []struct {
		name   string
		letter letter
		proof  proof.Proof
		want   []Name
		least  int
		most   int
	}{
		{"a fake from a university account", stopped, passes("st.mgu.ac.jp"),
			[]Name{Impersonation, ImplausibleFrom, LinksLeaveBrand, Lure}, 8, 99},
		{"the same without a display name", nameless, passes("st.mgu.ac.jp"),
			[]Name{Impersonation, ImplausibleFrom, LinksLeaveBrand, Lure}, 8, 99},
		{"a customer centre that is none", letter{
			name: "カスタマセンター", address: "info@mail.example", subject: "【重要】カスタマセンタ-からのご案内",
			lines: []string{"楽天市場 お客様各位", "アカウントの確認をお願いします。", "楽天市場 カスタマーセンター"},
			links: []string{"https://login.example.net/id"},
		}, passes("mail.example"), []Name{Impersonation, LinksLeaveBrand, Lure}, 8, 99},
		{"a fake shop notice from a fresh domain", letter{
			name: "Amazon.co.jp", address: "no-reply@fresh-name.example", subject: "Amazonプライムの自動更新設定を解除いたしました",
			lines: []string{"お客様のお支払い方法が承認されません。"}, links: []string{"https://fresh-name.example/a"},
		}, passes("fresh-name.example"), []Name{Impersonation, LinksLeaveBrand}, 8, 99},
		{"the brand's own domain, spoofed", letter{name: "楽天", address: "info@rakuten.co.jp", subject: "【楽天】ご確認"},
			fails("rakuten.co.jp", dmarc.PolicyReject), []Name{SpoofedBrand, DMARCReject, SPFFail, NoAuth}, 8, 99},
		{"genuine", genuine, passes("rakuten.co.jp"), nil, 0, 0},
		{"genuine from a sub-name of another domain", letter{name: "楽天", address: "noreply@account.rakuten.com", subject: "【楽天】ログインのお知らせ"},
			passes("account.rakuten.com"), nil, 0, 0},
		{"a friend", letter{name: "Hanako", address: "hanako@mail.example", subject: "楽天の荷物",
			lines: []string{"こんにちは", "楽天から荷物が届いたよ。ありがとう！", "花子"}}, passes("mail.example"), nil, 0, 3},
		{"a university's newsletter", letter{name: "学園だより編集室", address: "news@mgu.ac.jp", subject: "学園だより 秋号",
			lines: []string{"学園祭を開きます。", "詳しくは下のページをご覧ください。"}, links: []string{"https://www.mgu.ac.jp/news"}},
			passes("mgu.ac.jp"), nil, 0, 0},
		{"a shop on the market", letter{name: "山田商店", address: "news@yamada.example", subject: "「楽天市場店オープンのお知らせ」",
			lines: []string{"山田商店です。", "このたび楽天市場店がオープンしました。"}, links: []string{"https://www.rakuten.co.jp/yamada/", "https://yamada.example/"}},
			passes("yamada.example"), nil, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := relate(t, tc.letter, tc.proof)
			for _, want := range tc.want {
				if !Has(found, want) {
					t.Errorf("no %s in %v", want, found)
				}
			}
			if got := points(found); got < tc.least || got > tc.most {
				t.Errorf("%d points, want %d to %d: %v", got, tc.least, tc.most, found)
			}
		})
	}
}

func TestClaimsHeldAgainstProof(t *testing.T) {
	unaligned := passes("bounce.example")
	unaligned.FromDomain, unaligned.FromOrg = "rakuten.co.jp", "rakuten.co.jp"
	unaligned.DMARC = dmarc.Check{Result: dmarc.None}
	unaligned.Identities[0].Aligned = false
	for _, tc := range []struct {
		name   string
		letter letter
		proof  proof.Proof
		want   []Name
	}{
		{"nothing proved", letter{name: "楽天", address: "a@mail.example"}, fails("mail.example", dmarc.PolicyNone),
			[]Name{UnprovedClaim, DMARCFail, SPFFail, NoAuth}},
		{"nothing checked", letter{name: "楽天", address: "a@mail.example"}, unproved("mail.example"), []Name{UnprovedClaim}},
		{"nothing checked, own domain", genuine, unproved("rakuten.co.jp"), []Name{SpoofedBrand}},
		{"own domain, somebody else proved", genuine, unaligned, []Name{SpoofedBrand, DKIMUnaligned}},
		{"owner group", letter{name: "楽天カード", address: "a@rakuten.co.jp", subject: "【楽天市場】お知らせ"}, passes("rakuten.co.jp"), nil},
		{"one faint claim", letter{address: "a@mail.example", subject: "PayPal: a question"}, passes("mail.example"), []Name{WeakClaim}},
		{"everyday word alone", letter{name: "Orange", address: "a@mail.example"}, passes("mail.example"), nil},
		{"everyday word in two places", letter{name: "Orange", address: "a@mail.example", lines: []string{"Orange Service Client"}},
			passes("mail.example"), []Name{Impersonation}},
		{"a shop's news about a brand", letter{name: "山田商店", address: "a@mail.example", subject: "【PayPay】が使えるようになりました", links: []string{"https://mail.example/"}},
			passes("mail.example"), []Name{WeakClaim}},
		{"a bracket with pressing words", letter{name: "Hanako Yamada", address: "a@mail.example", subject: "【PayPay】アカウントは停止されています"},
			passes("mail.example"), []Name{Impersonation, Lure}},
		{"a bracket and a greeting", letter{name: "窓口", address: "a@mail.example", subject: "【PayPay】お知らせ", lines: []string{"PayPay お客様各位"}},
			passes("mail.example"), []Name{Impersonation}},
		{"a person", letter{name: "Chase Miller", address: "c@mail.example", lines: []string{"See you there.", "Chase"}}, passes("mail.example"), nil},
		{"card of a bank", letter{name: "Mastercard", address: "a@smbc.co.jp"}, passes("smbc.co.jp"), nil},
		{"a brand names another", letter{name: "楽天市場", address: "a@rakuten.co.jp", subject: "【PayPal】がつかえます"}, passes("rakuten.co.jp"), nil},
		{"a name of two brands", letter{name: "Amazon 三井住友カード", address: "a@vpass.ne.jp"}, passes("vpass.ne.jp"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, names(relate(t, tc.letter, tc.proof))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSender(t *testing.T) {
	claims := letter{name: "PayPal", address: "a@mail.example"}
	reply := claims
	reply.replyTo = "collector@gmail.com"
	for _, tc := range []struct {
		name   string
		letter letter
		proof  proof.Proof
		rcpts  int
		want   Name
		found  bool
	}{
		{"recipients at the threshold", claims, passes("mail.example"), manyRecipients, ManyRecipients, true},
		{"recipients below it", claims, passes("mail.example"), manyRecipients - 1, ManyRecipients, false},
		{"recipients without a claim", letter{address: "a@mail.example"}, passes("mail.example"), 100, ManyRecipients, false},
		{"answers to a free mailbox", reply, passes("mail.example"), 1, ReplyElsewhere, true},
		{"town", claims, passes("city.tama.lg.jp"), 1, ImplausibleFrom, true},
		{"school abroad", claims, passes("student.college.edu.ph"), 1, ImplausibleFrom, true},
		{"firm", claims, passes("mail.example"), 1, ImplausibleFrom, false},
		{"university about its tools", letter{name: "Zoom Support", address: "it@uni.ac.jp", lines: []string{"Zoom"}}, passes("uni.ac.jp"), 1, ImplausibleFrom, false},
		{"address of another in the name", letter{name: "info@rakuten.co.jp", address: "a@mail.example"}, passes("mail.example"), 1, NameAddress, true},
		{"domain of another as the name", letter{name: "rakuten.co.jp", address: "a@mail.example"}, passes("mail.example"), 1, NameAddress, true},
		{"dot in the name", letter{name: "Y. Hanako", address: "a@mail.example"}, passes("mail.example"), 1, NameAddress, false},
		{"own address in the name", letter{name: "a@mail.example", address: "a@mail.example"}, passes("mail.example"), 1, NameAddress, false},
		{"at sign in the name", letter{name: "Hana @ work", address: "a@mail.example"}, passes("mail.example"), 1, NameAddress, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := relate(t, tc.letter, tc.proof, make([]string, tc.rcpts)...)
			if Has(found, tc.want) != tc.found {
				t.Errorf("%s: want %v, found %v", tc.want, tc.found, found)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	fake := func(links ...string) letter { return letter{name: "楽天", address: "a@mail.example", links: links} }
	honest := func(links ...string) letter { return letter{name: "Hanako", address: "a@mail.example", links: links} }
	for _, tc := range []struct {
		name   string
		letter letter
		want   Name
		found  bool
	}{
		{"leaves", fake("https://other.example/"), LinksLeaveBrand, true},
		{"stays", fake("https://www.rakuten.co.jp/"), LinksLeaveBrand, false},
		{"some leave", fake("https://www.rakuten.co.jp/", "https://other.example/"), LinksLeaveBrand, true},
		{"stays, and a social network", fake("https://www.rakuten.co.jp/", "https://www.facebook.com/r"), LinksLeaveBrand, false},
		{"another brand's site alone", fake("https://www.facebook.com/r"), LinksLeaveBrand, true},
		{"redirector", fake("https://bit.ly/x"), LinksLeaveBrand, true},
		{"no claim", honest("https://other.example/"), LinksLeaveBrand, false},
		{"other site shown", honest("https://other.example/ https://www.rakuten.co.jp/login"), LinkMismatch, true},
		{"bare brand site shown", honest("https://other.example/ rakuten.co.jp"), LinkMismatch, true},
		{"same organisation", honest("https://login.other.com/ https://www.other.com"), LinkMismatch, false},
		{"through the sender's own counter", honest("https://click.mail.example/1 https://www.other.com"), LinkMismatch, false},
		{"file name shown", honest("https://other.example/ notes.md"), LinkMismatch, false},
		{"words shown", honest("https://other.example/ read www.other.com now"), LinkMismatch, false},
		{"brand in a foreign host", fake("https://rakuten-login.example/"), LookalikeHost, true},
		{"brand as left labels", fake("https://www.rakuten.co.jp.evil.example/"), LookalikeHost, true},
		{"no brand in the host", fake("https://other.example/"), LookalikeHost, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := relate(t, tc.letter, passes("mail.example"))
			if Has(found, tc.want) != tc.found {
				t.Errorf("%s: want %v, found %v", tc.want, tc.found, found)
			}
		})
	}
}

func TestLinkLimit(t *testing.T) {
	for _, past := range []int{0, 1} {
		l := letter{name: "楽天", address: "a@mail.example"}
		for range maxLinks - 1 + past {
			l.links = append(l.links, "https://www.rakuten.co.jp/")
		}
		l.links = append(l.links, "https://other.example/ https://www.other.com")
		found := relate(t, l, passes("mail.example"))
		for _, name := range []Name{LinksLeaveBrand, LinkMismatch} {
			if Has(found, name) != (past == 0) {
				t.Errorf("%s, %d past the limit: %v", name, past, found)
			}
		}
	}
}

func TestLureNeedsAClaim(t *testing.T) {
	said := []string{"お客様のアカウントは停止されました。"}
	if found := relate(t, letter{name: "Hanako", address: "a@mail.example", lines: said}, passes("mail.example")); Has(found, Lure) {
		t.Errorf("without a claim: %v", found)
	}
	if found := relate(t, letter{name: "楽天", address: "a@mail.example", lines: said}, passes("mail.example")); !Has(found, Lure) {
		t.Errorf("with a claim: %v", found)
	}
	if found := relate(t, letter{name: "楽天", address: "a@rakuten.co.jp", lines: said}, passes("rakuten.co.jp")); Has(found, Lure) {
		t.Errorf("with a claim that is met: %v", found)
	}
}

func TestLurePhrases(t *testing.T) {
	for _, phrase := range lurePhrases {
		if got := lureIn("x " + phrase + " x"); got == "" {
			t.Errorf("%q is not found", phrase)
		}
	}
}

func TestLureLimit(t *testing.T) {
	filler := strings.Repeat("あ", 300)
	for _, tc := range []struct {
		lines int
		found bool
	}{{maxLureBytes/len(filler) - 1, true}, {maxLureBytes/len(filler) + 1, false}} {
		m := &mail.Message{}
		for range tc.lines {
			m.Passages = append(m.Passages, mail.Passage{Kind: mail.PassageText, Text: filler})
		}
		m.Passages = append(m.Passages, mail.Passage{Kind: mail.PassageText, Text: "アカウントは停止"})
		if got := (&relation{Input: Input{Message: m}}).firstPhrase(lures()) != ""; got != tc.found {
			t.Errorf("below %d lines: found %v, want %v", tc.lines, got, tc.found)
		}
	}
}

func TestReadingsDiffer(t *testing.T) {
	c := catalogue(t)
	m := letter{address: "a@mail.example"}.message()
	m.Subject = mail.Text{Shown: "【楽�】停止", Also: []string{"【楽天】停止"}}
	found := Relate(Input{Message: m, Proof: passes("mail.example"), Claims: claim.NewReader(c).Read(m), Catalogue: c})
	if !Has(found, ReadingsDiffer) || !Has(found, Impersonation) {
		t.Errorf("found %v", found)
	}
}

func TestWhyIsOneLine(t *testing.T) {
	bad := stopped
	bad.name = "楽天\r\nX-Injected: yes\x00" + strings.Repeat(" 楽天", 500)
	for _, f := range relate(t, bad, passes("st.mgu.ac.jp")) {
		if len(f.Why) == 0 || len(f.Why) > maxWhyBytes || strings.ContainsAny(f.Why, "\r\n\x00") {
			t.Errorf("%s: %q", f.Name, f.Why)
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[Name]bool{}
	for _, n := range Names() {
		if seen[n] || !n.Known() || n.Meaning() == "" || n.DefaultPoints() < 0 {
			t.Errorf("bad entry %q", n)
		}
		seen[n] = true
	}
	if Name("nonsense").Known() {
		t.Error("nonsense is known")
	}
}
