package finding

import (
	"slices"
	"strings"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
)

func TestPhone(t *testing.T) {
	for s, want := range map[string]string{
		"call +1 (808) 555-0143 now": "+1 (808) 555-0143",
		"tel. 808.555.0143":          "808.555.0143",
		"call +1 808 555 0143.":      "+1 808 555 0143",
		"order 18085550143":          "",
		"2024-11-24 09:00":           "",
		"100 200 300":                "",
		"":                           "",
	} {
		if got := phone(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for digits, found := range map[int]bool{minPhone - 1: false, minPhone: true, maxPhone: true, maxPhone + 1: false} {
		if got := phone("+-" + strings.Repeat("5", digits)); (got != "") != found {
			t.Errorf("%d digits: %q", digits, got)
		}
	}
}

func TestRandom(t *testing.T) {
	for address, want := range map[string]string{
		"xkqvtrz@sender.example":   "xkqvtrz@",
		"a@a7b2c9d4.com":           "a7b2c9d4.com",
		"a@xkqvtrz.com":            "xkqvtrz.com",
		"hanako@sender.example":    "",
		"no-reply@sender.example":  "",
		"s192850@st.mgu.ac.jp":     "",
		"info@web2print24.com":     "",
		"a@schmidt-schulz.example": "",
		"news@7eleven.example":     "",
	} {
		local, domain, _ := strings.Cut(address, "@")
		r := newRelation(Input{Message: &mail.Message{From: []mail.Mailbox{{Address: address, Local: local, Domain: domain}}}, Catalogue: catalogue(t)})
		if got := r.random(); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	for letters, found := range map[int]bool{minMade - 1: false, minMade: true} {
		if made(strings.Repeat("x", letters)) != found {
			t.Errorf("%d letters", letters)
		}
	}
	for turns, found := range map[int]bool{minTurns - 1: false, minTurns: true} {
		if mixed(strings.Repeat("a1", 9)[:turns+1]) != found {
			t.Errorf("%d turns", turns)
		}
	}
}

// TestPassedOn holds that a claim weighs less in answers and posts, and says why,
// but not where the message presses and leads astray.
func TestPassedOn(t *testing.T) {
	const answer = "In-Reply-To: <1@kaisha.example>\r\n"
	for _, k := range []struct {
		why, fields, body string
		want              Name
		least, most       int
	}{
		{"a bracket in a message of its own", "From: 梅林 <a@sender.example>\r\nSubject: 【楽天】不正ログイン\r\n", "", "", tagPoints, 99},
		{"in an answer", "From: 梅林 <a@sender.example>\r\nSubject: 【楽天】不正ログイン\r\n" + answer, "<a href='https://sender.example/'>x</a>", PassedOn, 0, tagPoints},
		{"in an answer that leads astray", "From: 梅林 <a@sender.example>\r\nSubject: 【楽天】不正ログイン\r\n" + answer, "<a href='https://strange.example.net/'>x</a>", "", quarantinePoints, 99},
		{"in the display name of an answer", "From: 楽天 <a@sender.example>\r\nSubject: お知らせ\r\n" + answer, "", "", tagPoints, 99},
	} {
		checkLetters(t, []letterCase{{k.why, k.fields, k.body, passes("sender.example"), k.least, k.most}})
	}
}

// TestCallBack holds that a letter about money that asks to call for a brand is
// named, and that an everyday word is a brand's name there only in the subject and
// below it.
func TestCallBack(t *testing.T) {
	c := catalogue(t)
	r := claim.NewReader(c)
	const call = "<p>%s was billed $299.00.</p><p>Support line: +1 (808) 555-0143</p>"
	for _, k := range []struct {
		why, subject, brand string
		want                Name
	}{
		{"a name", "Your invoice", "LifeLock", CallBack},
		{"an everyday word below", "Your invoice", "Norton", ""},
		{"and in the subject", "Your Norton invoice", "Norton", CallBack},
		{"in the subject only", "Your Norton invoice", "Our service", ""},
		{"a brand that bills nobody by telephone", "Your invoice", "Lufthansa", ""},
	} {
		fields := "From: Order desk <a@sender.example>\r\nSubject: " + k.subject + "\r\n"
		m := page(t, fields, strings.ReplaceAll(call, "%s", k.brand))
		found := Relate(Input{Message: m, Proof: passes("sender.example"), Claims: r.Read(m), Sender: r.Sender(m), Catalogue: c})
		if slices.Contains(names(found), CallBack) != (k.want != "") {
			t.Errorf("%s: %v", k.why, names(found))
		}
	}
}
