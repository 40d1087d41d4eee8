package brand

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/claim/canon"
)

var shared = sync.OnceValues(Embedded)

func catalogue(tb testing.TB) *Catalogue {
	tb.Helper()
	c, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func matches(c *Catalogue, t canon.Text) []string {
	var got []string
	for _, m := range c.Match(t) {
		got = append(got, m.Brand.ID+": "+t.Seen(m.Start, m.End))
	}
	return got
}

func TestMatch(t *testing.T) {
	c := catalogue(t)
	for _, k := range []struct {
		why, text string
		want      []string
	}{
		{"plain", "Amazon", []string{"amazon: Amazon"}},
		{"opener", "【楽天】アカウントは停止されています", []string{"rakuten: 楽天"}},
		{"longest of all brands", "三井住友カードと楽天カードとイオン銀行とPayPay銀行", []string{
			"smbc-card: 三井住友カード", "rakuten-card: 楽天カード", "aeon-bank: イオン銀行", "paypay-bank: PayPay銀行"}},
		{"old form and zero width", "樂\u200b天カード", []string{"rakuten-card: 樂\u200b天カード"}},
		{"half width", "ｱﾏｿﾞﾝをご利用", []string{"amazon: ｱﾏｿﾞﾝ"}},
		{"hiragana", "らくてん です", []string{"rakuten: らくてん"}},
		{"Han that poses as kana", "メル力リ", []string{"mercari: メル力リ"}},
		{"look-alikes and digits", "Аmаz0n PаyPаl", []string{"amazon: Аmаz0n", "paypal: PаyPаl"}},
		{"blanks set and left out", "楽天 カード Amazon ギフト券 auPAYカード AmericanExpress", []string{
			"rakuten-card: 楽天 カード", "amazon: Amazon ギフト券", "au-pay-card: auPAYカード", "amex: AmericanExpress"}},
		{"Latin inside words", "amazonian pamazon amazon2 Xamazon", nil},
		{"Latin beside CJK", "新Amazonの", []string{"amazon: Amazon"}},
		{"katakana inside words", "ライオン サイオン シーイオン", nil},
		{"short katakana before hiragana", "イオンの", []string{"aeon: イオン"}},
		{"ambiguous katakana that goes on", "アップルパイ アップルサポート", nil},
		{"long katakana that goes on", "メルカリサポート", []string{"mercari: メルカリ"}},
		{"katakana name in hiragana text", "おれいくださいもういおんがくかい", nil},
		{"exact kana", "すいか わくわく スイカ", []string{"mobile-suica: スイカ"}},
		{"hiragana name with grammar around it", "今回はみずほです", []string{"mizuho: みずほ"}},
		{"hiragana name in katakana", "ミズホ", []string{"mizuho: ミズホ"}},
		{"longer Han words", "楽天的な楽天家、娯楽天国", nil},
		{"after a longer Han word", "楽天的な楽天", []string{"rakuten: 楽天"}},
		{"exact case", "line Line LINE, ing Ing ING, visa Visa VISA, chase Chase", []string{
			"line: LINE", "ing: ING", "visa: Visa", "visa: VISA", "chase: Chase"}},
		{"lower-case name", "au AU Au", []string{"au: au"}},
		{"exact case with look-alikes", "Vіsa L1NE М1сrosoft mlcrosoft", []string{
			"visa: Vіsa", "line: L1NE", "microsoft: М1сrosoft", "microsoft: mlcrosoft"}},
		{"a word that is like a short name with l for i", "praveen.antal ANTAI", []string{"impots-gouv: ANTAI"}},
		{"names with signs", "Yahoo! JAPAN, AT&T", []string{"yahoo-japan: Yahoo! JAPAN", "att: AT&T"}},
		{"Cyrillic", "Сбербанк, сбербанка", []string{"sberbank: Сбербанк"}},
		{"nothing", "お世話になっております。資料をお送りします。", nil},
	} {
		if diff := cmp.Diff(k.want, matches(c, canon.Fold(k.text))); diff != "" {
			t.Errorf("%s: %q (-want +got)\n%s", k.why, k.text, diff)
		}
	}
	if diff := cmp.Diff([]string{"amazon: A-m-a-z-o-n", "rakuten: 楽 天"}, matches(c, canon.Squeeze("A-m-a-z-o-n【楽 天】"))); diff != "" {
		t.Error(diff)
	}
}

// Each alias, written as it is in the files, is found, and as its own.
func TestEveryAlias(t *testing.T) {
	for b := range catalogue(t).All() {
		for i := range b.Aliases {
			a := &b.Aliases[i]
			if b.silent(a) {
				continue
			}
			text := canon.Fold("「" + a.Name + "」")
			found := catalogue(t).Match(text)
			if len(found) != 1 || found[0].Alias != a || text.Seen(found[0].Start, found[0].End) != a.Name {
				t.Errorf("%s: %q gives %v", b.ID, a.Name, matches(catalogue(t), text))
			}
		}
	}
}

func TestMaxMatches(t *testing.T) {
	c := catalogue(t)
	at := strings.Repeat("楽天。", MaxMatches)
	if n := len(c.Match(canon.Fold(at))); n != MaxMatches {
		t.Errorf("at the limit: %d", n)
	}
	if n := len(c.Match(canon.Fold(at + "楽天。"))); n != MaxMatches {
		t.Errorf("past the limit: %d", n)
	}
}

// Matches are those of the naive search: the leftmost of what is accepted, and
// the longest there, none across another.
func TestSettle(t *testing.T) {
	words := []string{"三井", "三井住友", "住友", "住友カード", "三井住友カード", "カード", "楽天", "天カ"}
	for _, k := range []struct {
		text string
		want []string
	}{
		{"三井住友カード", []string{"三井住友カード"}},
		{"三井住友銀行", []string{"三井住友"}},
		{"住友カード三井", []string{"住友カード", "三井"}},
		{"楽天カード", []string{"楽天", "カード"}},
		{"三井楽天", []string{"三井", "楽天"}},
	} {
		var found []Match
		newAutomaton(words).scan(k.text, func(_ int32, start, end int) bool {
			found = settle(found, Match{Start: start, End: end})
			return true
		})
		var got []string
		for _, m := range found {
			got = append(got, k.text[m.Start:m.End])
		}
		if diff := cmp.Diff(k.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", k.text, diff)
		}
	}
}

var bodies = map[string]string{
	"english":  "Dear customer, we noticed a sign-in to your Amazon account from a new device. If this was not you, please confirm your details within 24 hours at the address below, or call our support team. Your apple pie order, invoice 2291, will be charged to the card on file.\n",
	"japanese": "平素より楽天市場をご利用いただき、誠にありがとうございます。お客様のアカウントにて、第三者による不正なログインを検知いたしましたので、カードの利用を一部制限しております。ご不便をおかけしますが、下記のリンクよりご本人確認をお願い申し上げます。\n",
}

func BenchmarkMatch(b *testing.B) {
	c := catalogue(b)
	for name, body := range bodies {
		text := canon.Fold(strings.Repeat(body, 80<<10/len(body)))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text.Folded)))
			b.ReportAllocs()
			for b.Loop() {
				c.Match(text)
			}
		})
	}
}

// The cost of a scan must hardly grow with the number of words.
func BenchmarkScan(b *testing.B) {
	for _, n := range []int{3_000, 100_000} {
		a := newAutomaton(synthetic(n))
		for name, body := range bodies {
			text := canon.Fold(strings.Repeat(body, 80<<10/len(body))).Folded
			b.Run(strings.Join([]string{name, map[int]string{3_000: "3000", 100_000: "100000"}[n]}, "/"), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					a.scan(text, func(int32, int, int) bool { return true })
				}
			})
		}
	}
}
