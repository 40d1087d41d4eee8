package word_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/mail/word"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name, in string
		want     word.Reading
	}{
		{"plain", "Hello", word.Reading{Shown: "Hello"}},
		{"base64", "=?UTF-8?B?5qW95aSp?=", word.Reading{Shown: "楽天"}},
		{"q", "=?utf-8?q?caf=C3=A9_au_lait?=", word.Reading{Shown: "café au lait"}},
		{"lower-case hexadecimal", "=?utf-8?q?caf=c3=a9?=", word.Reading{Shown: "café"}},
		{"blank between words is not shown", "=?utf-8?q?a?=  =?utf-8?q?b?= c", word.Reading{Shown: "ab c"}},
		{"blank between charsets is not shown", "=?utf-8?q?a?= =?us-ascii?q?b?=", word.Reading{Shown: "ab"}},
		{"words glued together", "=?utf-8?q?a?==?utf-8?q?b?=", word.Reading{Shown: "ab"}},
		{"text around", "Re: =?UTF-8?B?5qW95aSp?= x", word.Reading{Shown: "Re: 楽天 x"}},
		{"language suffix", "=?ISO-2022-JP*ja?B?GyRCM1pFNxsoQg==?=", word.Reading{Shown: "楽天"}},
		{"cp932", "=?cp932?B?inmTVg==?=", word.Reading{Shown: "楽天"}},
		{"kanji split over two words", "=?ISO-2022-JP?B?GyRCM1pF?= =?ISO-2022-JP?B?NxsoQg==?=",
			word.Reading{Shown: "楽天", Also: []string{"楽\uFFFD7"}, Issues: []word.Issue{word.Split}}},
		{"utf-8 character split over two words", "=?utf-8?Q?=E6=A5?= =?utf-8?Q?=BD=E5=A4=A9?=",
			word.Reading{Shown: "楽天", Also: []string{"\uFFFD\uFFFD天"}, Issues: []word.Issue{word.Split}}},
		{"base64 split inside a quantum", "=?UTF-8?B?5qW95a?= =?UTF-8?B?Sp?=",
			word.Reading{Shown: "楽天", Also: []string{"楽\uFFFDJ"}, Issues: []word.Issue{word.Split}}},
		{"each word without its padding", "=?UTF-8?B?YWI?= =?UTF-8?B?Y2Q?=",
			word.Reading{Shown: "abcd", Also: []string{"ab\uFFFD"}, Issues: []word.Issue{"charset-damaged", word.Split, word.Control}}},
		{"decoded twice", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=",
			word.Reading{Shown: "=?utf-8?q?x?=", Also: []string{"x"}, Issues: []word.Issue{word.Twice}}},
		{"blanks in a word", "=?utf-8?q?a b?=", word.Reading{Shown: "a b", Issues: []word.Issue{word.Broken}}},
		{"word without an end", "=?utf-8?B?5qW95aSp", word.Reading{Shown: "=?utf-8?B?5qW95aSp", Issues: []word.Issue{word.Broken}}},
		{"ends in an equals sign", "=?utf-8?Q?a=?=", word.Reading{Shown: "a="}},
		{"question mark inside", "=?utf-8?Q?who?now?=", word.Reading{Shown: "who?now", Issues: []word.Issue{word.Broken}}},
		{"unknown charset", "=?x-none?Q?abc?=", word.Reading{Shown: "abc", Issues: []word.Issue{"charset-unknown"}}},
		{"unknown encoding", "=?utf-8?X?abc?=", word.Reading{Shown: "=?utf-8?X?abc?="}},
		{"raw utf-8", "楽天", word.Reading{Shown: "楽天"}},
		{"raw jis", "\x1b$B3ZE7\x1b(B", word.Reading{Shown: "楽天", Issues: []word.Issue{word.Raw8Bit}}},
		{"raw sjis", "\x8ay\x93V\x83J\x81[\x83h", word.Reading{Shown: "楽天カード", Issues: []word.Issue{word.Raw8Bit}}},
		{"label of another charset", "=?utf-8?B?inmTVoNKgVuDaA==?=", word.Reading{Shown: "楽天カード", Issues: []word.Issue{"charset-wrong"}}},
		{"utf-7", "=?utf-7?Q?+aX1ZKQ-?=", word.Reading{Shown: "楽天", Issues: []word.Issue{"charset-utf7"}}},
		{"controls", "a\x00b\tc", word.Reading{Shown: "ab c", Issues: []word.Issue{word.Control}}},
		{"controls inside a word", "=?utf-8?Q?a=0D=0Ab=00?=", word.Reading{Shown: "a  b", Issues: []word.Issue{word.Control}}},
		{"zero-width characters stay", "楽\u200b天", word.Reading{Shown: "楽\u200b天"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := word.Decode([]byte(tt.in))
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	tooLong := func(in string) bool { return slices.Contains(word.Decode([]byte(in)).Issues, word.TooLong) }
	if tooLong(strings.Repeat("a", word.MaxText)) {
		t.Error("text at the limit is cut")
	}
	if got := word.Decode([]byte(strings.Repeat("a", word.MaxText+1))); len(got.Shown) != word.MaxText || !slices.Contains(got.Issues, word.TooLong) {
		t.Errorf("one byte past the limit: %d bytes, %v", len(got.Shown), got.Issues)
	}
	if got := word.Decode([]byte(strings.Repeat("=?utf-8?q?a?= ", word.MaxWords))); strings.TrimSpace(got.Shown) != strings.Repeat("a", word.MaxWords) || len(got.Issues) > 0 {
		t.Errorf("words at the limit: %d bytes, %v", len(got.Shown), got.Issues)
	}
	got := word.Decode([]byte(strings.Repeat("=?utf-8?q?a?= ", word.MaxWords+1)))
	if !strings.HasSuffix(strings.TrimSpace(got.Shown), "=?utf-8?q?a?=") || !slices.Contains(got.Issues, word.TooLong) {
		t.Errorf("one word past the limit: %q, %v", got.Shown[max(0, len(got.Shown)-20):], got.Issues)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("Re: =?ISO-2022-JP?B?GyRCM1pF?= =?ISO-2022-JP?B?NxsoQg==?= =?utf-8?q?a=?= \x1b$B3ZE7 \xff"))
	f.Add([]byte("=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := word.Decode(b)
		for _, s := range append([]string{r.Shown}, r.Also...) {
			if !utf8.ValidString(s) {
				t.Errorf("not UTF-8: %q", s)
			}
			if strings.ContainsAny(s, "\r\n\x00") {
				t.Errorf("controls in %q", s)
			}
			if len(s) > 4*len(b)+16 {
				t.Errorf("%d bytes became %d", len(b), len(s))
			}
		}
		if slices.Contains(r.Also, r.Shown) {
			t.Errorf("%q is no other reading", r.Shown)
		}
		if n := word.Match(b); n > len(b) {
			t.Errorf("a word of %d in %d bytes", n, len(b))
		}
	})
}
