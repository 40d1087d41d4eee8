package claim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

func TestPaddingHidesNothing(t *testing.T) {
	r := reader(t)
	for _, pad := range []string{"\u200b", "\u2060\u00ad", " \u3000", "\ufeff \u200c"} {
		pad = strings.Repeat(pad, 2000)
		m := &mail.Message{
			From:     from(pad+"楽天", "a", "mail.example"),
			Subject:  text(pad + "【楽天】お知らせ"),
			Passages: lines(mail.PassageText, pad+"楽天会員 様", "本日は", "晴天", "なり"),
		}
		want := []string{"rakuten from-name strong", "rakuten subject-bracket strong", "rakuten heading medium"}
		if diff := cmp.Diff(want, summary(r.Read(m))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", pad[:8], diff)
		}
	}
}

func TestTurnedName(t *testing.T) {
	r := reader(t)
	m := &mail.Message{From: from("\u202eバンタスクマカ ntekaR\u202c", "a", "mail.example")}
	if got := first(summary(r.Read(m))); got != "" {
		t.Errorf("nonsense claims %s", got)
	}
	m = &mail.Message{From: from("\u202e場市天楽\u202c お知らせ", "a", "mail.example")}
	if got := first(summary(r.Read(m))); got != "rakuten from-name strong" {
		t.Errorf("turned name claims %q", got)
	}
}

// first returns the first of a list, "" for none.
func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func TestGroupName(t *testing.T) {
	r := reader(t)
	for n, want := range map[int]bool{1: true, maxGroups: true, maxGroups + 1: false} {
		var raw strings.Builder
		for i := range n {
			name := "Friends"
			if i == n-1 {
				name = "=?utf-8?B?5qW95aSp?=" // 楽天
			}
			fmt.Fprintf(&raw, "From: %s: <a@mail.example>;\n", name)
		}
		h, body, err := mail.ReadFile(strings.NewReader(raw.String() + "\n\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := summary(r.Read(mail.Parse(h, body)))
		if slices.Contains(got, "rakuten from-name strong") != want {
			t.Errorf("%d groups: %v", n, got)
		}
	}
}

func TestLimitsOfShortPlaces(t *testing.T) {
	r := reader(t)
	for _, tc := range []struct {
		name string
		at   func(n int) *mail.Message
		most int
		want string
	}{
		{"brackets", func(n int) *mail.Message {
			return &mail.Message{Subject: text(strings.Repeat("【急】", n-1) + "【楽天】x")}
		}, maxBrackets, "rakuten subject-bracket strong"},
		{"mailboxes", func(n int) *mail.Message {
			return &mail.Message{From: append(slices.Repeat(from("", "a", "mail.example"), n-1), from("楽天", "b", "mail.example")...)}
		}, maxMailboxes, "rakuten from-name strong"},
		{"labels", func(n int) *mail.Message {
			return &mail.Message{From: from("", "a", strings.Repeat("x.", n-3)+"www.paypal.com.post.example")}
		}, maxHostLabels, "paypal from-address strong"},
		{"glued words", func(n int) *mail.Message {
			return &mail.Message{From: from(strings.Repeat("a ", n-1)+"NetflixSupport", "a", "mail.example")}
		}, maxGluedWords, "netflix from-name strong"},
	} {
		if got := summary(r.Read(tc.at(tc.most))); !slices.Contains(got, tc.want) {
			t.Errorf("%d %s: %v", tc.most, tc.name, got)
		}
		if got := summary(r.Read(tc.at(tc.most + 1))); slices.Contains(got, tc.want) {
			t.Errorf("one more than %d %s: %v", tc.most, tc.name, got)
		}
	}
}

func TestGluedName(t *testing.T) {
	r := reader(t)
	for name, want := range map[string][]string{
		"NetflixSupport":        {"netflix from-name strong"},
		"PAYPALREWARDS":         {"paypal from-name strong"},
		"netflixkundenservice":  {"netflix from-name strong"},
		"TeamNetflix":           {"netflix from-name strong"},
		"NetflixOffers Xq":      {"netflix from-name medium"},
		"BAHNGUTSCHEIN":         {"deutsche-bahn from-name strong"},
		"AppleTree":             nil, // another name
		"AppleTreeSupport":      nil,
		"Netflixologist":        nil,
		"OrangeCounty Services": nil,
	} {
		if diff := cmp.Diff(want, summary(r.Read(&mail.Message{From: from(name, "a", "mail.example")}))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	for n, want := range map[int]bool{maxGlued: true, maxGlued + 1: false, minGlued - 1: false} {
		word := strings.Repeat("x", n-len("Xx")) + "Xx"
		if parts := r.words.unglue(word); (parts != word) != want {
			t.Errorf("a word of %d letters: %q", n, parts)
		}
	}
}

func TestDisguisedName(t *testing.T) {
	r := reader(t)
	for name, want := range map[string]string{
		"P4yP@l":         "paypal from-name strong",
		"N3tflix":        "netflix from-name strong",
		"Paypall":        "paypal from-name strong",
		"🇳🇪🇹🇫🇱🇮🇽":        "netflix from-name strong",
		"楽、天":            "rakuten from-name strong",
		"楽\u0338天\u0338": "rakuten from-name strong",
		"Room 4 Paypa":   "",
		"Visaa":          "", // too short to be read so
	} {
		if got := first(summary(r.Read(&mail.Message{From: from(name, "a", "mail.example")}))); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestForwarded holds that a subject claims less in a message that passes another
// one on, and that a name in From claims all the same.
func TestForwarded(t *testing.T) {
	r := reader(t)
	passed := lines(mail.PassageText, "is this real?", "---------- Forwarded message ---------", "PayPal")
	for _, tc := range []struct {
		subject, name string
		passages      []mail.Passage
		want          string
	}{
		{"Fwd: [PayPal] receipt", "Hanako", passed, "paypal subject-bracket mention"},
		{"転送: [PayPal] receipt", "", passed, "paypal subject-bracket mention"},
		{"Fwd: [PayPal] receipt", "Hanako", nil, "paypal subject-bracket weak"},
		{"Fwd: [PayPal] receipt", "Hanako", passed[1:], "paypal subject-bracket weak"},
		{"Fwd: [PayPal] receipt", "PayPal", passed, "paypal from-name strong"},
		{"[PayPal] receipt", "Hanako", passed, "paypal subject-bracket strong"},
	} {
		m := &mail.Message{From: from(tc.name, "a", "mail.example"), Subject: text(tc.subject), Passages: tc.passages}
		if got := first(summary(r.Read(m))); got != tc.want {
			t.Errorf("%s from %q: %s, want %s", tc.subject, tc.name, got, tc.want)
		}
	}
}

func TestOtherNames(t *testing.T) {
	r := reader(t)
	for name, want := range map[string]Claim{
		"楽天ショップ":          {Shop: true},
		"やまだ靴店 楽天市場店":     {Shop: true, Beside: true},
		"PayPal Support":  {},
		"PayPal 導入の山田研究所": {Beside: true},
	} {
		got := r.Read(&mail.Message{From: from(name, "a", "mail.example")})
		if len(got) == 0 || got[0].Shop != want.Shop || got[0].Beside != want.Beside {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestFooterPrint: a brand's postal address is a signature wherever it stands, but
// not in a quotation, and never the name of anybody.
func TestFooterPrint(t *testing.T) {
	r := reader(t)
	for body, want := range map[string]string{
		"PayPal Inc., 2211 North First Street, San Jose": "paypal signature medium",
		"2211 north  first street":                       "paypal signature medium",
		"> 2211 North First Street":                      "",
		"22111 North First Street":                       "",
	} {
		m := &mail.Message{From: from("Anna", "a", "mail.example"), Passages: lines(mail.PassageText, "Hello", body, "a", "b")}
		found := summary(r.Read(m))
		if slices.Contains(found, "paypal signature medium") != (want != "") {
			t.Errorf("%q: %v", body, found)
		}
	}
	m := &mail.Message{From: from("2211 North First Street", "a", "mail.example"), Subject: text("2211 North First Street")}
	if found := summary(r.Read(m)); len(found) > 0 {
		t.Errorf("in a name: %v", found)
	}
}
