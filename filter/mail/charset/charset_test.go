package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"sekisho/filter/mail/charset"
)

func encode(tb testing.TB, enc encoding.Encoding, s string) string {
	tb.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestDecode(t *testing.T) {
	const text = "楽天カードからのお知らせ"
	sjis := encode(t, japanese.ShiftJIS, text)
	euc := encode(t, japanese.EUCJP, text)
	jis := encode(t, japanese.ISO2022JP, text)
	tests := []struct {
		name, in, label, want string
		outcome               charset.Outcome
	}{
		{"ascii", "Rakuten", "", "Rakuten", charset.Fitting},
		{"ascii under utf-8", "Rakuten", "utf-8", "Rakuten", charset.Fitting},
		{"ascii under nonsense", "Rakuten", "x-unheard-of", "Rakuten", charset.Unknown},
		{"utf-8", text, "UTF-8", text, charset.Fitting},
		{"utf-8 without label", text, "", text, charset.Unlabelled},
		{"utf-8 under us-ascii", text, "us-ascii", text, charset.Wrong},
		{"utf-8 under iso-2022-jp", text, "iso-2022-jp", text, charset.Wrong},
		{"utf-8 cut inside a character", text[:len(text)-1], "utf-8", text[:len(text)-3] + "\uFFFD", charset.Damaged},
		{"jis", jis, "ISO-2022-JP", text, charset.Fitting},
		{"jis with language", jis, "iso-2022-jp*ja", text, charset.Fitting},
		{"jis without label", jis, "", text, charset.Unlabelled},
		{"jis under utf-8", jis, "utf-8", text, charset.Wrong},
		{"jis under iso-8859-1", jis, "iso-8859-1", text, charset.Wrong},
		{"jis without its last escape", strings.TrimSuffix(jis, "\x1b(B"), "iso-2022-jp", text, charset.Fitting},
		{"jis as cp50220", jis, "cp50220", text, charset.Fitting},
		{"jis as cp50220-2", jis, "cp50220-2", text, charset.Fitting},
		{"jis as iso-2022-jp-ms", jis, "iso-2022-jp-ms", text, charset.Fitting},
		{"half-width kana by escape", "\x1b(I6E\x1b(B", "iso-2022-jp", "ｶﾅ", charset.Fitting},
		{"NEC row 13", "\x1b$B-!-j\x1b(B", "iso-2022-jp", "①㈱", charset.Fitting},
		{"korean escapes in jis", "\x1b$(C0!\x1b(B", "iso-2022-jp", "\uFFFD$(C0!", charset.Damaged},
		{"sjis", sjis, "Shift_JIS", text, charset.Fitting},
		{"sjis as cp932", sjis, "cp932", text, charset.Fitting},
		{"sjis as ms932", sjis, "MS932", text, charset.Fitting},
		{"sjis as windows-31j", sjis, "windows-31j", text, charset.Fitting},
		{"sjis as x-sjis", sjis, "x-sjis", text, charset.Fitting},
		{"sjis without label", sjis, "", text, charset.Unlabelled},
		{"sjis under utf-8", sjis, "utf-8", text, charset.Wrong},
		{"sjis under euc-jp", sjis, "euc-jp", text, charset.Wrong},
		{"circled digit of cp932", "\x87\x40", "shift_jis", "①", charset.Fitting},
		{"euc", euc, "EUC-JP", text, charset.Fitting},
		{"euc as eucJP-win", euc, "eucJP-win", text, charset.Fitting},
		{"euc without label", euc, "", text, charset.Unlabelled},
		{"euc, kanji alone", encode(t, japanese.EUCJP, "楽天"), "", "楽天", charset.Unlabelled},
		{"sjis, kanji alone", encode(t, japanese.ShiftJIS, "楽天"), "", "楽天", charset.Unlabelled},
		{"latin-1 without label", "caf\xe9 f\xfcr \xdcberweisung", "", "café für Überweisung", charset.Unlabelled},
		{"latin-1", "caf\xe9", "iso-8859-1", "café", charset.Fitting},
		{"windows-1252", "\x93x\x94", "windows-1252", "“x”", charset.Fitting},
		{"gb2312 is gb18030", encode(t, simplifiedchinese.GB18030, "淘宝網"), "gb2312", "淘宝網", charset.Fitting},
		{"big5", encode(t, traditionalchinese.Big5, "樂天"), "big5", "樂天", charset.Fitting},
		{"euc-kr", encode(t, korean.EUCKR, "라쿠텐"), "ks_c_5601-1987", "라쿠텐", charset.Fitting},
		{"hz", "~{@VLl~}", "hz-gb-2312", "乐天", charset.Fitting},
		{"iso-2022-kr is refused", "abc", "iso-2022-kr", "abc", charset.Unknown},
		{"utf-16be", "\x69\x7d\x59\x29", "utf-16be", "楽天", charset.Fitting},
		{"utf-7", "+aX1ZKQ-", "utf-7", "楽天", charset.Abused},
		{"utf-7 with text", "A+-B +aX0-!", "unicode-1-1-utf-7", "A+B 楽!", charset.Abused},
		{"utf-7 surrogates", "+2D3eAA-", "utf-7", "😀", charset.Abused},
		{"label too long", text, strings.Repeat("x", charset.MaxLabel+1), text, charset.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, outcome := charset.Decode([]byte(tt.in), tt.label)
			if got != tt.want || outcome != tt.outcome {
				t.Errorf("got %q %q, want %q %q", got, outcome, tt.want, tt.outcome)
			}
		})
	}
}

func TestLabelLimit(t *testing.T) {
	at := "utf-8" + strings.Repeat(" ", charset.MaxLabel-len("utf-8"))
	if !charset.Known(at) {
		t.Error("a label at the limit is not looked up")
	}
	if charset.Known(at + " ") {
		t.Error("a label past the limit is looked up")
	}
}

func TestSame(t *testing.T) {
	for _, pair := range [][2]string{
		{"utf-8", "UTF8"}, {"cp932", "Shift_JIS"}, {"iso-2022-jp*ja", "ISO-2022-JP"}, {"x-nobody", "X-Nobody"}, {"utf-32", "utf-32be"},
	} {
		if !charset.Same(pair[0], pair[1]) {
			t.Errorf("%s and %s differ", pair[0], pair[1])
		}
	}
	if charset.Same("utf-8", "shift_jis") || charset.Same("x-a", "x-b") {
		t.Error("different charsets are the same")
	}
}

func FuzzDecode(f *testing.F) {
	for _, label := range []string{"", "utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "utf-7", "hz-gb-2312", "utf-16", "utf-32", "gb18030", "big5", "x"} {
		f.Add([]byte("\x1b$B3ZE7\x1b(B +aX1ZKQ- ~{@VLl~} \x8a\x79\xb3\xda\xff"), label)
	}
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		s, _ := charset.Decode(b, label)
		if !utf8.ValidString(s) {
			t.Errorf("not UTF-8: %q", s)
		}
		if len(s) > 4*len(b)+16 {
			t.Errorf("%d bytes became %d", len(b), len(s))
		}
	})
}
