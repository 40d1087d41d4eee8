package brand

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type hit struct{ Word, Start, End int }

// naive finds words as the automaton promises to, one by one.
func naive(words []string, text string) []hit {
	var hits []hit
	for w, word := range words {
		for i := 0; i+len(word) <= len(text); i++ {
			if text[i:i+len(word)] == word && atEdges(text, i, i+len(word)) {
				hits = append(hits, hit{w, i, i + len(word)})
			}
		}
	}
	order(hits)
	return hits
}

// atEdges reports that no word of an alphabet reaches over start or end.
func atEdges(text string, start, end int) bool {
	return !inWord(text, start) && !inWord(text, end)
}

// inWord reports that the characters on both sides of i belong to a word.
func inWord(text string, i int) bool {
	left, right := false, i < len(text) && kinds[text[i]] == word
	for k := i - 1; k >= 0; k-- {
		if kinds[text[k]] != more {
			left = kinds[text[k]] == word
			break
		}
	}
	return left && right
}

func order(hits []hit) {
	slices.SortFunc(hits, func(a, b hit) int {
		if a.End != b.End {
			return a.End - b.End
		}
		return a.Start - b.Start
	})
}

func found(words []string, text string) []hit {
	var hits []hit
	newAutomaton(words).scan(text, func(w int32, start, end int) bool {
		hits = append(hits, hit{int(w), start, end})
		return true
	})
	return hits
}

func TestScan(t *testing.T) {
	words := []string{"au", "au pay", "pay", "au pay カード", "楽天", "楽天カード", "カード", "yahoo!", "o2", "банк"}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"au", []string{"au"}},
		{"auction au. beau au", []string{"au", "au"}},
		{"xau pay カードy", []string{"pay", "カード"}},
		{"楽天カードau pay", []string{"楽天", "楽天カード", "カード", "au", "au pay", "pay"}},
		{"yahoo!japan yahoo! yahoo", []string{"yahoo!", "yahoo!"}},
		{"o22 o2 no2", []string{"o2"}},
		{"банк банка", []string{"банк"}},
		{"aup pay", []string{"pay"}},
	} {
		var got []string
		for _, h := range found(words, c.text) {
			got = append(got, c.text[h.Start:h.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", c.text, diff)
		}
	}
}

func TestScanStops(t *testing.T) {
	n := 0
	newAutomaton([]string{"楽"}).scan("楽楽楽", func(int32, int, int) bool { n++; return n < 2 })
	if n != 2 {
		t.Errorf("found %d, want 2", n)
	}
	newAutomaton(nil).scan("abc 楽天", func(int32, int, int) bool { t.Error("found nothing's word"); return true })
}

func TestScanAgainstNaive(t *testing.T) {
	letters := []rune("ab0 -.カー楽天я©e")
	some := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 6), func(r []rune) string { return string(r) })
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(some, 1, 30, rapid.ID).Draw(t, "words")
		text := string(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 60).Draw(t, "text"))
		if diff := cmp.Diff(naive(words, text), found(words, text)); diff != "" {
			t.Fatalf("words %q in %q: (-naive +automaton)\n%s", words, text, diff)
		}
	})
}

func FuzzScan(f *testing.F) {
	f.Add("au|au pay|楽天|天", "au pay 楽天")
	f.Add("a|b|ab|ba", "ab aba b")
	f.Fuzz(func(t *testing.T, list, text string) {
		list = strings.Map(printable, strings.ToValidUTF8(list, ""))
		text = strings.Map(printable, strings.ToValidUTF8(text, ""))
		if len(list) > 500 || len(text) > 1000 {
			return
		}
		words := strings.Split(list, "|")
		slices.Sort(words)
		words = slices.DeleteFunc(slices.Compact(words), func(w string) bool { return w == "" })
		if diff := cmp.Diff(naive(words, text), found(words, text)); diff != "" {
			t.Fatalf("words %q in %q: (-naive +automaton)\n%s", words, text, diff)
		}
	})
}

// printable drops the edges, which folded text never holds.
func printable(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

// Every word finds itself, also among many.
func TestManyWords(t *testing.T) {
	words := synthetic(20_000)
	a := newAutomaton(words)
	for i, w := range words {
		ok := false
		a.scan(w, func(got int32, start, end int) bool {
			ok = ok || int(got) == i && start == 0 && end == len(w)
			return true
		})
		if !ok {
			t.Fatalf("%q does not find itself", w)
		}
	}
}

// synthetic makes names of firms that do not exist.
func synthetic(n int) []string {
	first := []string{"north", "blue", "alpha", "kita", "東海", "日本", "みどり", "大和", "サン", "グローバル", "三洋", "prime"}
	second := []string{" bank", " card", "銀行", "カード", "証券", "電力", " mobile", "ネット", " post", "運輸"}
	words := make([]string, n)
	for i := range words {
		f, s := first[i%len(first)], second[i/len(first)%len(second)]
		words[i] = strings.TrimSpace(strings.ReplaceAll(fmt.Sprintf("%s%s%s", name3(i), f, s), "み", "ミ"))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// name3 is a short name that differs for each number: Latin or katakana.
func name3(i int) string {
	var b strings.Builder
	latin := i%2 == 0
	for n := i; n > 0 || b.Len() == 0; n /= 23 {
		if latin {
			b.WriteByte(byte('b' + n%23))
		} else {
			b.WriteRune('カ' + rune(n%23))
		}
	}
	return b.String()
}
