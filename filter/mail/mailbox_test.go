package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

// boxes writes mailboxes as "name|address|domain".
func boxes(list []mail.Mailbox) []string {
	var out []string
	for _, b := range list {
		out = append(out, b.Name.Shown+"|"+b.Address+"|"+b.Domain)
	}
	return out
}

func TestParseMailboxes(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
		ok       bool
	}{
		{"bare", "a@example.jp", []string{"|a@example.jp|example.jp"}, true},
		{"brackets", "<a@example.jp>", []string{"|a@example.jp|example.jp"}, true},
		{"name", "Rakuten Card <a@Example.JP>", []string{"Rakuten Card|a@Example.JP|example.jp"}, true},
		{"quoted name", `"Rakuten, \"Inc\"" <a@example.jp>`, []string{`Rakuten, "Inc"|a@example.jp|example.jp`}, true},
		{"encoded name", "=?UTF-8?B?5qW95aSp?= <a@example.jp>", []string{"楽天|a@example.jp|example.jp"}, true},
		{"encoded name in quotes", `"=?UTF-8?B?5qW95aSp?=" <a@example.jp>`, []string{"楽天|a@example.jp|example.jp"}, true},
		{"encoded name with specials", "=?UTF-8?Q?Rakuten,_\"Inc\"_<x@y>?= <a@example.jp>", []string{`Rakuten, "Inc" <x@y>|a@example.jp|example.jp`}, true},
		{"comment as name", "a@example.jp (Rakuten (Japan))", []string{"Rakuten (Japan)|a@example.jp|example.jp"}, true},
		{"name and comment", "Rakuten (Card) <a@example.jp>", []string{"Rakuten (Card)|a@example.jp|example.jp"}, true},
		{"list", "a@example.jp, B <b@example.jp>", []string{"|a@example.jp|example.jp", "B|b@example.jp|example.jp"}, true},
		{"empty elements", ", a@example.jp,,", []string{"|a@example.jp|example.jp"}, true},
		{"group", "Friends: a@example.jp, B <b@example.jp>;", []string{"|a@example.jp|example.jp", "B|b@example.jp|example.jp"}, true},
		{"empty group", "undisclosed-recipients:;", nil, false},
		{"quoted local part", `"a b"@example.jp`, []string{`|"a b"@example.jp|example.jp`}, true},
		{"quoted local part with at", `"a@evil.example"@rakuten.co.jp`, []string{`|"a@evil.example"@rakuten.co.jp|rakuten.co.jp`}, true},
		{"quoted local part in brackets", `X <"a,>b"@example.jp>`, []string{`X|"a,>b"@example.jp|example.jp`}, true},
		{"domain literal", "a@[192.0.2.1]", []string{"|a@[192.0.2.1]|"}, true},
		{"idn", "a@日本語.jp", []string{"|a@日本語.jp|xn--wgv71a119e.jp"}, true},
		{"utf-8 throughout", "楽天 <佐藤@日本語.jp>", []string{"楽天|佐藤@日本語.jp|xn--wgv71a119e.jp"}, true},
		{"source route", "<@x.example,@y.example:a@example.jp>", []string{"|a@example.jp|example.jp"}, true},
		{"obsolete blanks", "X <a . b @ example . jp>", []string{"X|a.b@example.jp|example.jp"}, true},
		{"comment in brackets", "X <a(c)@example.jp>", []string{"X|a@example.jp|example.jp"}, true},
		{"odd dots of Japanese carriers", "a..b.@docomo.ne.jp", []string{"|a..b.@docomo.ne.jp|docomo.ne.jp"}, true},

		{"address as name", "info@rakuten.co.jp <a@st.mgu.ac.jp>", []string{"info@rakuten.co.jp|a@st.mgu.ac.jp|st.mgu.ac.jp"}, false},
		{"quoted address as name", `"info@rakuten.co.jp" <a@st.mgu.ac.jp>`, []string{"info@rakuten.co.jp|a@st.mgu.ac.jp|st.mgu.ac.jp"}, true},
		{"quoted address before a comma", `"info@rakuten.co.jp", <a@st.mgu.ac.jp>`, []string{"info@rakuten.co.jp|a@st.mgu.ac.jp|st.mgu.ac.jp"}, false},
		{"comma in the name", "Rakuten, Inc. <a@example.jp>", []string{"Rakuten, Inc.|a@example.jp|example.jp"}, false},
		{"comma after the name", "Rakuten, <a@example.jp>", []string{"Rakuten|a@example.jp|example.jp"}, false},
		{"colon in the name", "Notice: Rakuten <a@example.jp>", []string{"Notice: Rakuten|a@example.jp|example.jp"}, false},
		{"two addresses without comma", "X <a@rakuten.co.jp> <b@evil.example>", []string{"X|a@rakuten.co.jp|rakuten.co.jp", "|b@evil.example|evil.example"}, false},
		{"two at signs", "a@rakuten.co.jp@evil.example", []string{"|a@rakuten.co.jp@evil.example|evil.example"}, false},
		{"name without brackets", "Rakuten a@example.jp", []string{"Rakuten|a@example.jp|example.jp"}, false},
		{"bracket does not end", "X <a@example.jp", []string{"X|a@example.jp|example.jp"}, false},
		{"bracket does not end, list", "X <a@example.jp, b@example.jp", []string{"X|a@example.jp|example.jp", "|b@example.jp|example.jp"}, false},
		{"double brackets", "X <<a@example.jp>>", []string{"X|a@example.jp|example.jp"}, false},
		{"quote does not end", `"Rakuten <a@example.jp>`, []string{`"Rakuten|a@example.jp|example.jp`}, false},
		{"comment does not end", "Rakuten ( <a@example.jp>", []string{"Rakuten (|a@example.jp|example.jp"}, false},
		{"no domain", "X <abc>", []string{"X|abc|"}, false},
		{"broken domain", "X <a@exa_mple..jp>", []string{"X|a@exa_mple..jp|"}, false},
		{"word alone", "root", []string{"|root|"}, false},
		{"words alone", "Rakuten Card", []string{"Rakuten Card||"}, false},
		{"name alone", `"楽天"`, []string{"楽天||"}, false},
		{"nothing", "", nil, false},

		// Raw ISO-2022-JP, whose bytes hold the signs of the address syntax.
		{"raw jis with a quotation mark", "\x1b$B%d%^%H\x1b(B <a@example.jp>", []string{"ヤマト|a@example.jp|example.jp"}, true},
		{"raw jis with semicolon and bracket", "\x1b$B;00f=;M'%+!<%I\x1b(B <a@example.jp>", []string{"三井住友カード|a@example.jp|example.jp"}, true},
		{"raw jis with an at sign", "\x1b$B9q@GD#\x1b(B <a@example.jp>", []string{"国税庁|a@example.jp|example.jp"}, true},
		{"raw jis with a backslash", "\x1b$BF|K\\M9JX\x1b(B <a@example.jp>", []string{"日本郵便|a@example.jp|example.jp"}, true},
		{"raw jis without its last escape", "\x1b$B3ZE7 <a@example.jp>", []string{"楽天|a@example.jp|example.jp"}, false},
		{"raw sjis with a backslash", "\x95\\\x8e\xa6\x8ey\x93V <a@example.jp>", []string{"表示孜天|a@example.jp|example.jp"}, true},
		{"raw jis before two addresses", "\x1b$B3ZE7\x1b(B <a@example.jp> <b@example.net>", []string{"楽天|a@example.jp|example.jp", "|b@example.net|example.net"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, ok := mail.ParseMailboxes([]byte(tt.in))
			if diff := cmp.Diff(tt.want, boxes(list)); diff != "" || ok != tt.ok {
				t.Errorf("ok %v, want %v\n%s", ok, tt.ok, diff)
			}
		})
	}
}

func TestMailboxReadings(t *testing.T) {
	list, ok := mail.ParseMailboxes([]byte("=?ISO-2022-JP?B?GyRCM1pF?= =?ISO-2022-JP?B?NxsoQg==?= <a@example.jp>"))
	if !ok || len(list) != 1 || list[0].Name.Shown != "楽天" || len(list[0].Name.Also) != 1 {
		t.Errorf("%v %+v", ok, list)
	}
}

func TestMailboxLimits(t *testing.T) {
	many := func(n int) []byte { return []byte(strings.Repeat("a@example.jp, ", n)) }
	if list, ok := mail.ParseMailboxes(many(mail.MaxMailboxes)); len(list) != mail.MaxMailboxes || !ok {
		t.Errorf("at the limit: %d mailboxes, %v", len(list), ok)
	}
	if list, ok := mail.ParseMailboxes(many(mail.MaxMailboxes + 1)); len(list) != mail.MaxMailboxes || ok {
		t.Errorf("one past the limit: %d mailboxes, %v", len(list), ok)
	}
	long := fmt.Sprintf("%s <a@example.jp>", strings.Repeat("x", mail.MaxAddressBytes-len(" <a@example.jp>")))
	if list, ok := mail.ParseMailboxes([]byte(long)); len(list) != 1 || list[0].Domain != "example.jp" || !ok {
		t.Errorf("bytes at the limit: %v", ok)
	}
	if list, ok := mail.ParseMailboxes([]byte("x" + long)); len(list) != 1 || ok {
		t.Errorf("one byte past the limit: %d mailboxes, %v", len(list), ok)
	}
}

func FuzzParseMailboxes(f *testing.F) {
	f.Add([]byte(`"A, \"b\"" (c) <"d@e"@f.jp>, g: h@i;, =?utf-8?q?<?= j@k <<l@m>` + "\x1b$B%d\x1b(B"))
	f.Add([]byte(`"\"\"\"\"<<"<@a,@b:c@d`))
	f.Fuzz(func(t *testing.T, value []byte) {
		list, ok := mail.ParseMailboxes(value)
		if ok && len(list) == 0 {
			t.Error("nothing, yet well-formed")
		}
		for _, b := range list {
			for _, s := range []string{b.Name.Shown, b.Address, b.Local, b.Domain} {
				if !utf8.ValidString(s) {
					t.Errorf("not UTF-8: %q", s)
				}
			}
			if len(b.Local)+len(b.Domain) > 0 && b.Address == "" {
				t.Errorf("%+v has no address", b)
			}
			if b.Domain != "" {
				if again, ok := mail.ASCIIDomain(b.Domain); !ok || again != b.Domain {
					t.Errorf("domain %q is not in its final form", b.Domain)
				}
			}
		}
	})
}
