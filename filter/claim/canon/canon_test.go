package canon

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"empty", "", ""},
		{"case and white space", "  Amazon \t\r\n Pay　", "amazon pay"},
		{"only white space", " \u00a0　\n", ""},
		{"full width", "ＰａｙＰａｙ　銀行", "paypay 銀行"},
		{"half-width kana with voiced marks", "ｱﾏｿﾞﾝ ﾌﾟﾗｲﾑ", "アマゾン プライム"},
		{"hiragana", "らくてん", "ラクテン"},
		{"combining voiced mark", "か\u3099は\u309aう゛", "ガパヴ"},
		{"a voiced mark that joins nothing", "ア゛", "ア゛"},
		{"iteration mark", "さゝげ", "サヽゲ"},
		{"squared word", "㌔㍿", "キロ株式会社"},
		{"dashes after kana are long vowels", "カスタマセンタ-サ―ビ−ス", "カスタマセンターサービース"},
		{"dashes elsewhere are dashes", "e−Tax Wi‐Fi ーA", "e-tax wi-fi -a"},
		{"Han one as long vowel", "メ一ルセンタ一から", "メールセンターカラ"},
		{"Han that poses as kana", "アプリ力ード メル力リ ハ口ーワーク", "アプリカード メルカリ ハローワーク"},
		{"Han beside kana stays", "三井カ 力士 ト三", "三井カ 力士 ト三"},
		{"kana never becomes Han", "カ ロ ニ ヘ", "カ ロ ニ ヘ"},
		{"old forms", "樂天 國税廳 髙島屋 野村證券 劵", "楽天 国税庁 高島屋 野村証券 券"},
		{"simplified forms", "乐天 银行 运输 横橫 铁路", "楽天 銀行 運輸 横横 鉄路"},
		{"words of today", "机 叶 云 芦屋", "机 叶 云 芦屋"},
		{"radicals", "⻄日本 ⽇本", "西日本 日本"},
		{"zero width and soft hyphen", "Ama\u200bzon\u00ad 楽\u2060天", "amazon 楽天"},
		{"bidi controls", "\u202eama\u2066zon\u2069", "amazon"},
		{"control characters", "ama\x00zon\x7f", "amazon"},
		{"Cyrillic", "Аmаzоп РауРаӏ", "amazon paypal"},
		{"Greek, by the shape of each case", "Νetflix νisa Ηulu αmex", "netflix visa hulu amex"},
		{"Armenian, Cherokee, Lisu", "gооցlе ᎪᎷᎪᏃՕΝ ꓮꓑꓑꓡꓰ", "google amazon apple"},
		{"mathematical and enclosed letters", "𝐀𝗆𝒶𝔷𝕠𝓷 Ⓐⓜⓐⓩⓞⓝ 🅰🅿🅿🅻🅴", "amazon amazon apple"},
		{"marks on letters", "Ámäzøṉ a\u0323m\u0301a", "amazon ama"},
		{"marks stay on other scripts", "เก\u0e49า", "เก\u0e49า"},
		{"digits in words", "amaz0n paypa1 G00GLE 0ffice", "amazon paypal google office"},
		{"digits in numbers and codes", "100 v10 a01 365 abc2010 O2 N26 1g", "100 v10 a01 365 abc2010 o2 n26 1g"},
		{"quotes", "McDonald’s “A”", "mcdonald's \"a\""},
		{"sharp s", "Straße", "strasse"},
		{"invalid bytes", "a\xffb", "a\ufffdb"},
		{"emoji", "❤️楽天👍🏽", "❤楽天👍🏽"},
		{"too long to expand", "\ufdfa", "\ufdfa"},
	} {
		if got := Fold(c.in).Folded; got != c.want {
			t.Errorf("%s: Fold(%q) = %q, want %q", c.why, c.in, got, c.want)
		}
	}
}

func TestStripped(t *testing.T) {
	for in, want := range map[string]bool{
		"楽天": false, "楽\u200b天": true, "a\u00adb": true, "\u202e": true, "a\x01": true, "a\tb\r\n": false,
		"❤\ufe0f": false, "👨\u200d👩": false, "葛\U000e0100": false, "楽\ufe0f": true, "a\u200db": true, "a\U000e0100": true,
	} {
		if got := Fold(in).Stripped; got != want {
			t.Errorf("Fold(%q).Stripped = %v, want %v", in, got, want)
		}
	}
}

func TestSeen(t *testing.T) {
	for _, c := range []struct{ in, part, want string }{
		{"お知らせ【樂\u200b天】様", "楽天", "樂\u200b天"},
		{"x ＡＭＡＺＯＮ y", "amazon", "ＡＭＡＺＯＮ"},
		{"ｱﾏｿﾞﾝ様", "アマゾン", "ｱﾏｿﾞﾝ"},
		{"  A  b  ", "a b", "A  b"},
		{"㍿楽天", "株式", "㍿"},
		{"㍿楽天", "会社楽", "㍿楽"},
		{"㍿", "株式会社", "㍿"},
		{"a\xffb", "\ufffd", "\xff"},
		{"センタ-", "センター", "センタ-"},
		{"Ámä", "ama", "Ámä"},
		{"\u200bpaypa1\u200b", "paypal", "paypa1\u200b"},
	} {
		text := Fold(c.in)
		i := strings.Index(text.Folded, c.part)
		if i < 0 {
			t.Errorf("%q is not in %q", c.part, text.Folded)
			continue
		}
		if got := text.Seen(i, i+len(c.part)); got != c.want {
			t.Errorf("Fold(%q).Seen(%q) = %q, want %q", c.in, c.part, got, c.want)
		}
	}
	text := Fold("a\u200bb c")
	if !text.StrippedIn(0, 2) || text.StrippedIn(2, 4) {
		t.Errorf("StrippedIn = %v, %v", text.StrippedIn(0, 2), text.StrippedIn(2, 4))
	}
	if before, after := Fold("ラ\u200bイオン\u200bノ").Around(3, 12); before != 'ラ' || after != 'ノ' {
		t.Errorf("Around = %c, %c", before, after)
	}
	var zero Text
	if got := zero.Seen(-1, 5); got != "" {
		t.Errorf("zero.Seen = %q", got)
	}
}

func TestSqueeze(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"A-m-a-z-o-n", "amazon"},
		{"A m a z o n のお知らせ", "amazon ノオ知ラセ"},
		{"【楽 天】お知らせ", "【楽天】オ知ラセ"},
		{"楽・天・カ・ー・ド", "楽天カード"},
		{"A . m . a . z . o . n", "a . m . a . z . o . n"},
		{"A. m. a. z. o. n", "amazon"},
		{"PayPaI GoogIe", "paypal google"},
		{"arnazon vvise", "amazon wise"},
		{"WiFI IP LinkedIn", "wifi ip linkedln"},
		{"三井 住友 カード", "三井 住友 カード"},
		{"plan b c d", "plan b c d"},
		{"J.A.L U.P.S", "jal ups"},
		{"U.C.カ.ー.ド", "ucカード"},
		{"J-A-バ-ン-ク", "jaバンク"},
		{"Y a h o o ! J A P A N", "yahoo!japan"},
		{"イ ー タ ッ ク ス", "イータックス"},
		{"ポ_ケ_ッ_ト_カ_ー_ドサポート", "ポケットカードサポート"},
		{"N H K プ ラ ス", "nhkプラス"},
		{"A 組 B", "a 組 b"},
		{"4pp13アカウント", "appleアカウント"},
		{"V1S4 N30B4NK 4mazon", "vlsa neobank amazon"},
		{"J4バンク SB1証券", "jaバンク sbl証券"},
		{"office365 a380 4k 2024 mp3", "officee6s a380 4k 2024 mpe"},
		{"order 11284848abc", "order 11284848abc"},
		{"", ""},
	} {
		if got := Squeeze(c.in).Folded; got != c.want {
			t.Errorf("Squeeze(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	text := Squeeze("x A-m-a-z-o-n y")
	if i := strings.Index(text.Folded, "amazon"); text.Seen(i, i+6) != "A-m-a-z-o-n" {
		t.Errorf("Seen = %q", text.Seen(i, i+6))
	}
	long := strings.Repeat("a ", MaxSqueeze/2)
	if got := Squeeze(long).Folded; strings.Contains(got, " ") {
		t.Error("at the limit: not squeezed")
	}
	if got := Squeeze(long + "a").Folded; !strings.Contains(got, " ") {
		t.Error("past the limit: squeezed")
	}
}

func TestMaxSource(t *testing.T) {
	at := strings.Repeat("a", MaxSource-3) + "楽"
	if got := Fold(at); got.Cut || len(got.Folded) != MaxSource {
		t.Errorf("at the limit: cut %v, %d bytes", got.Cut, len(got.Folded))
	}
	past := strings.Repeat("a", MaxSource-2) + "楽"
	if got := Fold(past); !got.Cut || len(got.Folded) != MaxSource-2 {
		t.Errorf("past the limit: cut %v, %d bytes", got.Cut, len(got.Folded))
	}
}

// Every character there is, alone and between others, keeps the promises.
func TestEveryCharacter(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r >= 0x10000 && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf) ||
			unicode.Is(unicode.Han, r) && norm.NFKC.IsNormalString(string(r)) && hanVariants[r] == 0 && r > 0x4eff {
			continue // unassigned, or one of 90,000 that fold alike
		}
		for _, s := range []string{string(r), "a" + string(r) + "b", "ア" + string(r) + "ア", string(r) + string(r) + "\u0301\u3099"} {
			if why := broken(s); why != "" {
				t.Fatalf("%U in %q: %s", r, s, why)
			}
		}
	}
}

// broken tells which promise of Fold and Squeeze does not hold for s.
func broken(s string) string {
	once := Fold(s)
	if again := Fold(once.Folded); again.Folded != once.Folded {
		return "not idempotent: " + quote(once.Folded) + " becomes " + quote(again.Folded)
	}
	if len(once.Folded) > MaxGrowth*len(s) {
		return "grows too much"
	}
	if !utf8.ValidString(once.Folded) {
		return "folds to what is not UTF-8"
	}
	for _, text := range []Text{once, Squeeze(s)} {
		last := 0
		for i := 0; i <= len(text.Folded); i++ {
			at := text.Source(i)
			if at < last || at > len(s) {
				return "offsets go back or out: " + quote(text.Folded)
			}
			last = at
		}
		for i, r := range text.Folded {
			if text.Seen(i, i+utf8.RuneLen(r)) == "" {
				return "nothing was seen for a character of " + quote(text.Folded)
			}
		}
	}
	return ""
}

func quote(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\n", " ") }

func TestFoldProperties(t *testing.T) {
	letters := []rune("aAbI01iln-  \t\u00ad\u200bあアァツハうｱﾞﾟｰー―一力二三゛\u3099\u309a楽樂天国аΝé\u0301ß㍿㌔ﷺ・.·\ufe0f❤")
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.SampledFrom(letters)).Draw(t, "s"))
		if why := broken(s); why != "" {
			t.Fatalf("%q: %s", s, why)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"楽\u200b天 Amaz0n", "ｱﾏｿﾞﾝ", "メ一ル", "a\xff\xe3\x81", "㍿㌔ﷺ", "A-m-a-z-o-n", "か\u3099゛"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if why := broken(s); why != "" {
			t.Fatalf("%q: %s", s, why)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"english", "Dear Customer, we have noticed unusual activity in your account. Please confirm 10 details at https://example.com/login.\r\n"},
		{"japanese", "平素より楽天市場をご利用いただき、誠にありがとうございます。お客様のアカウントにて、第三者による不正ログインを検知いたしました。\r\n"},
		{"halfwidth", "ｱﾏｿﾞﾝﾌﾟﾗｲﾑのｶｽﾀﾏｰｾﾝﾀｰです。ＡＭＡＺＯＮ\r\n"},
		{"russian", "Уважаемый клиент, ваш счёт заблокирован. Подтвердите данные.\r\n"},
		{"hostile", "\u200b\u0301👍𝐀ﷲᚠ㍿"},
	} {
		s := strings.Repeat(c.text, 80<<10/len(c.text))
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Fold(s)
			}
		})
	}
}
