package claim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

func reader(tb testing.TB) *Reader {
	tb.Helper()
	c, err := brand.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return NewReader(c)
}

// summary is what most tests compare: brand place strength.
func summary(claims []Claim) []string {
	var all []string
	for _, c := range claims {
		all = append(all, c.Brand+" "+string(c.Place)+" "+string(c.Strength))
	}
	return all
}

func text(s string) mail.Text { return mail.Text{Raw: s, Shown: s} }

func from(name, local, domain string) []mail.Mailbox {
	return []mail.Mailbox{{Name: text(name), Address: local + "@" + domain, Local: local, Domain: domain}}
}

func lines(kind mail.PassageKind, texts ...string) []mail.Passage {
	var all []mail.Passage
	for _, t := range texts {
		all = append(all, mail.Passage{Kind: kind, Text: t})
	}
	return all
}

func TestFromName(t *testing.T) {
	r := reader(t)
	for _, tc := range []struct {
		name string
		want []string
	}{
		{"楽天", []string{"rakuten from-name strong"}},
		{"楽天市場", []string{"rakuten from-name strong"}},
		{"楽天株式会社", []string{"rakuten from-name strong"}},
		{"ラクテン カスタマーサポート", []string{"rakuten from-name strong"}},
		{"Ｒａｋｕｔｅｎ Support Team", []string{"rakuten from-name strong"}},
		{"【楽天市場】お知らせ", []string{"rakuten from-name strong"}},
		{"PayPal Security Notification®", []string{"paypal from-name strong"}},
		{"Netflix.com", []string{"netflix from-name strong"}},
		{"三井住友カード 事務局", []string{"smbc-card from-name strong"}},
		{"山田商店 楽天市場店", []string{"rakuten from-name weak"}},
		{"楽天ショップ", []string{"rakuten from-name weak"}},
		{"楽天市場店", []string{"rakuten from-name weak"}},
		{"Netflix - your parcel", []string{"netflix from-name strong"}},
		{"Weekly digest of Netflix gossip", []string{"netflix from-name medium"}},
		{"Chase Miller", []string{"chase from-name mention"}},
		{"Ana", nil},
		{"apple grower", nil},
		{"Hanako Yamada", nil},
		{"", nil},
	} {
		got := summary(r.Read(&mail.Message{From: from(tc.name, "hanako", "mail.example")}))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestSubject(t *testing.T) {
	r := reader(t)
	for _, tc := range []struct {
		subject string
		want    []string
	}{
		{"【楽天】アカウントは停止されています", []string{"rakuten subject-bracket strong"}},
		{"★【重要】【楽天市場】ご確認ください", []string{"rakuten subject-bracket strong"}},
		{"[PayPal] your account", []string{"paypal subject-bracket strong"}},
		{"「楽天市場店オープンのお知らせ」", []string{"rakuten subject-bracket mention"}},
		{"【楽天市場店】開店", []string{"rakuten subject-bracket weak"}},
		{"【楽天不審ログイン検出】ご確認ください", []string{"rakuten subject-bracket strong"}},
		{"Fwd: 【楽天】ご注文", []string{"rakuten subject-bracket weak"}},
		{"FW: Re: 楽天の件", []string{"rakuten subject mention"}},
		{"楽天市場店オープンのお知らせ", []string{"rakuten subject mention"}},
		{"【楽天市場で買える秋の味覚】新着", []string{"rakuten subject-bracket mention"}},
		{"楽天市場からのお知らせ", []string{"rakuten subject medium"}},
		{"楽天から荷物が届いたよ", []string{"rakuten subject weak"}},
		{"PayPal: please read", []string{"paypal subject medium"}},
		{"how do I close a PayPal account at home", []string{"paypal subject weak"}},
		{"Re: [PayPal] your account", []string{"paypal subject-bracket strong"}},
		{"lunch on Friday", nil},
	} {
		got := summary(r.Read(&mail.Message{Subject: text(tc.subject)}))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.subject, diff)
		}
	}
}

func TestSubjectOfAnswer(t *testing.T) {
	m := &mail.Message{
		Header:  mail.Header{{Name: "In-Reply-To", Raw: []byte("In-Reply-To: <1@mail.example>\r\n")}},
		Subject: text("Re: 【楽天】ご注文"),
	}
	if diff := cmp.Diff([]string{"rakuten subject-bracket weak"}, summary(reader(t).Read(m))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOtherReading(t *testing.T) {
	m := &mail.Message{Subject: mail.Text{Shown: "【楽�】停止", Also: []string{"【楽天】停止"}}}
	if diff := cmp.Diff([]string{"rakuten subject-bracket strong"}, summary(reader(t).Read(m))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBody(t *testing.T) {
	filler := strings.Split(strings.Repeat("本日は晴天なり。\n", 30), "\n")
	r := reader(t)
	for _, tc := range []struct {
		name     string
		passages []mail.Passage
		want     []string
	}{
		{"greeting", lines(mail.PassageText, "楽天市場 お客様各位", "お世話になっております。"), []string{"rakuten heading medium"}},
		{"English greeting", lines(mail.PassageText, "Dear PayPal customer,"), []string{"paypal heading medium"}},
		{"operator's thanks", lines(mail.PassageText, "平素は楽天市場をご利用いただき、誠にありがとうございます。"), []string{"rakuten heading medium"}},
		{"a shop's thanks", lines(mail.PassageText, "当店の楽天市場店をご利用いただきありがとうございます。"), []string{"rakuten body mention"}},
		{"title", lines(mail.PassageHeading, "Netflix"), []string{"netflix heading medium"}},
		{"head line about a brand", lines(mail.PassageHeading, "Prices rise at Netflix again"), []string{"netflix heading weak"}},
		{"friend", lines(mail.PassageText, "きのう楽天で買った荷物が届いたよ。"), []string{"rakuten body mention"}},
		{"copyright", lines(mail.PassageText, append(filler, "© 2026 Netflix, Inc.")...), []string{"netflix signature medium"}},
		{"operator", lines(mail.PassageText, append(filler, "発行元：楽天グループ株式会社")...), []string{"rakuten signature medium"}},
		{"team", lines(mail.PassageText, append(filler, "The PayPal Team")...), []string{"paypal signature medium"}},
		{"middle of the text", lines(mail.PassageText, append(append(filler, "The PayPal Team"), filler...)...), []string{"paypal body mention"}},
		{"social links", lines(mail.PassageText, append(filler, "Facebook Instagram LinkedIn Netflix")...), []string{"meta body mention", "instagram body mention", "linkedin body mention", "netflix body mention"}},
		{"quoted", lines(mail.PassageText, "did you get this too?", "> Dear PayPal customer,"), []string{"paypal body mention"}},
		{"nothing but a quotation", lines(mail.PassageText, "> Dear PayPal customer,", "> your account"), []string{"paypal heading medium"}},
		{"passed on", lines(mail.PassageText, "see below", "-----Original Message-----", "Dear PayPal customer,"), []string{"paypal body mention"}},
		{"nothing but what is passed on", lines(mail.PassageText, "-----Original Message-----", "Dear PayPal customer,", "your account", "is closed"), []string{"paypal heading medium"}},
		{"turned", lines(mail.PassageText, "\u202elaPyaP raeD\u202c customer,"), []string{"paypal heading medium"}},
		{"a turned word", lines(mail.PassageText, "Dear \u202elaPyaP\u202c customer,"), []string{"paypal heading medium"}},
		{"link text", lines(mail.PassageLink, "Log in to PayPal"), []string{"paypal link-text weak"}},
		{"logo", lines(mail.PassageAlt, "PayPal"), []string{"paypal logo-alt medium"}},
		{"second picture", lines(mail.PassageAlt, "Yamada", "PayPal"), []string{"paypal logo-alt weak"}},
		{"address of a firm", lines(mail.PassageText, append(filler, "support@paypal.com")...), []string{"paypal body mention"}},
		{"self", lines(mail.PassageText, "Prices are going up, so we at Netflix will ask for more."), []string{"netflix heading medium"}},
		{"self in Japanese", lines(mail.PassageText, "このたび弊社楽天市場では、規約を改めることにいたしました。"), []string{"rakuten heading medium"}},
		{"rights", lines(mail.PassageText, append(filler, "PayPal 2026 - Todos os direitos reservados")...), []string{"paypal signature medium"}},
		{"hidden", lines(mail.PassageHidden, "PayPal"), nil},
	} {
		got := summary(r.Read(&mail.Message{Passages: tc.passages}))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestFromAddress(t *testing.T) {
	r := reader(t)
	for _, tc := range []struct {
		local, domain string
		want          []string
	}{
		{"info", "amazon.xyz.example", []string{"amazon from-address medium"}},
		{"amazon-support", "xyz.example", []string{"amazon from-address weak"}},
		{"info", "mail.rakuten.co.jp", nil},
		{"info", "rakuten.co.jp.post.example", []string{"rakuten from-address strong", "rakuten-bank from-address strong", "rakuten-card from-address strong", "rakuten-sec from-address strong"}},
		{"\"news@paypal.com\"", "post.example", []string{"paypal from-address strong"}},
		{"\"news@paypal.com\"", "paypal.com", nil},
		{"amazon", "rakuten.co.jp", []string{"amazon from-address weak"}},
		{"hanako", "mail.example", nil},
	} {
		got := summary(r.Read(&mail.Message{From: from("", tc.local, tc.domain)}))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s@%s (-want +got):\n%s", tc.local, tc.domain, diff)
		}
	}
}

func TestEvidence(t *testing.T) {
	name := "Ｒａｋｕ\u200bｔｅｎ お知らせ"
	got := reader(t).Read(&mail.Message{From: from(name, "a", "mail.example")})
	want := []Claim{{Brand: "rakuten", Alias: "Rakuten", Place: FromName, Strength: Strong, Veiled: true, Seen: name, Folded: "rakuten"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSeenIsCutAtARune(t *testing.T) {
	for _, n := range []int{maxSeenBytes - 3, maxSeenBytes, maxSeenBytes + 1, 2000} {
		long := strings.Repeat("あ", n/3) + "楽天"
		for _, c := range reader(t).Read(&mail.Message{Passages: lines(mail.PassageText, long)}) {
			if len(c.Seen) > maxSeenBytes || !strings.Contains(c.Seen, "楽天") || strings.ContainsRune(c.Seen, '�') {
				t.Errorf("%d bytes: seen %q of %d bytes", n, c.Seen, len(c.Seen))
			}
		}
	}
}

func TestLimits(t *testing.T) {
	r := reader(t)
	filler := strings.Repeat("x", 1000)
	for _, tc := range []struct {
		name  string
		above int // filler lines of 1,000 bytes above the name
		below int
		want  int
	}{
		{"within the head", maxHeadBytes/1000 - 1, 0, 1},
		{"past the head, in the tail", maxHeadBytes/1000 + 50, 2, 1},
		{"past the head, above the tail", maxHeadBytes/1000 + 50, 20, 0},
	} {
		var texts []string
		for range tc.above {
			texts = append(texts, filler)
		}
		texts = append(texts, "We met at the PayPal office.")
		for range tc.below {
			texts = append(texts, filler)
		}
		if got := r.Read(&mail.Message{Passages: lines(mail.PassageText, texts...)}); len(got) != tc.want {
			t.Errorf("%s: %d claims, want %d", tc.name, len(got), tc.want)
		}
	}

	many := &mail.Message{}
	for i := range maxHosts + 1 {
		host := "host" + strings.Repeat("x", i) + ".example"
		if i == maxHosts {
			host = "amazon.example"
		}
		many.Links = append(many.Links, mail.Link{Kind: mail.LinkAnchor, Host: host})
	}
	if got := r.Read(many); len(got) != 0 {
		t.Errorf("host %d was looked at: %v", maxHosts+1, summary(got))
	}
	many.Links = many.Links[1:]
	if got := r.Read(many); len(got) != 1 {
		t.Errorf("host %d was not looked at", maxHosts)
	}
}

// TestHeaderLimits puts a name at each limit and one past it.
func TestHeaderLimits(t *testing.T) {
	r := reader(t)
	other := from("Hanako", "hanako", "mail.example")[0]
	for _, past := range []int{0, 1} {
		m := &mail.Message{}
		for range maxMailboxes - 1 + past {
			m.From = append(m.From, other)
		}
		m.From = append(m.From, from("PayPal", "a", "mail.example")...)
		check(t, "mailboxes", r.Read(m), past)

		m = &mail.Message{Subject: text("x")}
		for range maxReadings - 2 + past {
			m.Subject.Also = append(m.Subject.Also, "y")
		}
		m.Subject.Also = append(m.Subject.Also, "PayPal")
		check(t, "readings", r.Read(m), past)

		m = &mail.Message{Subject: text(strings.Repeat("x", maxHeaderBytes-7+past) + " PayPal")}
		check(t, "header bytes", r.Read(m), past)

		m = &mail.Message{Passages: lines(mail.PassageText, strings.Repeat("x", maxLineBytes-7+past)+" PayPal")}
		check(t, "line bytes", r.Read(m), past)

		m = &mail.Message{}
		for range maxLinks - 1 + past {
			m.Links = append(m.Links, mail.Link{Kind: mail.LinkAnchor, Host: "www.mail.example"})
		}
		m.Links = append(m.Links, mail.Link{Kind: mail.LinkAnchor, Host: "paypal.mail.example"})
		check(t, "links", r.Read(m), past)
	}

	// Past the last bracket the brand is no longer a sender's name in front.
	for past, want := range []string{"paypal subject-bracket strong", "paypal subject medium"} {
		s := strings.Repeat("【x】", maxBrackets-1+past) + "【PayPal】"
		if got := summary(r.Read(&mail.Message{Subject: text(s)})); len(got) != 1 || got[0] != want {
			t.Errorf("%q: %v, want %s", s, got, want)
		}
	}
}

func check(t *testing.T, limit string, claims []Claim, past int) {
	t.Helper()
	if len(claims) != 1-past {
		t.Errorf("%s, %d past the limit: %v", limit, past, summary(claims))
	}
}

func TestClaimsAreBounded(t *testing.T) {
	c, err := brand.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for b := range c.All() {
		for _, a := range b.Aliases {
			if !a.Ambiguous {
				texts = append(texts, a.Name)
				break
			}
		}
	}
	if got := NewReader(c).Read(&mail.Message{Passages: lines(mail.PassageText, texts...)}); len(got) != maxClaims {
		t.Errorf("%d brands give %d claims, want %d", len(texts), len(got), maxClaims)
	}
}

func TestSpelledAsName(t *testing.T) {
	for _, tc := range []struct {
		name, seen string
		want       bool
	}{
		{"Apple", "Apple", true}, {"Apple", "APPLE", true}, {"Apple", "apple", false},
		{"ANA", "ANA", true}, {"ANA", "Ana", false}, {"au", "au", true}, {"au", "AU", false},
		{"宅急便", "宅急便", true},
	} {
		if got := spelledAsName(tc.name, tc.seen); got != tc.want {
			t.Errorf("spelledAsName(%q, %q) = %v", tc.name, tc.seen, got)
		}
	}
}
