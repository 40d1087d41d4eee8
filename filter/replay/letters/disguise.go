package letters

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// The disguises of a name. Each returns the name as it is when it can do nothing
// with it.

// invisibly puts characters without a shape between the letters.
func invisibly(r *rand.Rand, s string) string {
	return between(s, pick(r, "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f"))
}

// apart sets the letters apart.
func apart(r *rand.Rand, s string) string {
	if strings.ContainsAny(s, " ") {
		return s
	}
	return between(s, pick(r, " ", "\u3000", "・", ".", "-", "_", "\u00a0", "\u2009"))
}

func between(s, gap string) string {
	letters := strings.Split(s, "")
	if len(letters) < 2 {
		return s
	}
	return strings.Join(letters, gap)
}

// wide writes Latin letters as wide as kanji.
func wide(_ *rand.Rand, s string) string {
	return strings.Map(func(c rune) rune {
		if c > ' ' && c < 0x7f {
			return c - '!' + '！'
		}
		return c
	}, s)
}

// narrow writes katakana in half width.
func narrow(_ *rand.Rand, s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Katakana, c) }) {
		return s
	}
	// Half-width kana have their voicing marks beside them.
	return width.Narrow.String(strings.ReplaceAll(strings.ReplaceAll(norm.NFD.String(s), "\u3099", "\uff9e"), "\u309a", "\uff9f"))
}

// otherKana writes katakana as hiragana, or the other way round.
func otherKana(_ *rand.Rand, s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'ァ' && c <= 'ヶ':
			return c - 'ァ' + 'ぁ'
		case c >= 'ぁ' && c <= 'ゖ':
			return c - 'ぁ' + 'ァ'
		}
		return c
	}, s)
}

// oldKanji writes kanji in their old, Chinese or compatibility forms.
func oldKanji(_ *rand.Rand, s string) string {
	return strings.NewReplacer("楽", "樂", "国", "國", "証", "證", "券", "劵", "会", "會", "銀", "银", "済", "濟", "駅", "驛", "関", "關", "東", "东",
		"気", "氣", "電", "电", "運", "运", "輸", "输", "便", "便", "郵", "邮", "図", "圖", "横", "橫", "税", "稅", "庁", "廳", "労", "勞",
		"車", "车", "険", "險", "鉄", "鐵", "戸", "戶", "黒", "黑").Replace(s)
}

// foreign writes Latin letters with their Greek and Cyrillic twins.
func foreign(r *rand.Rand, s string) string {
	return some(r, s, strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "c", "с", "x", "х", "y", "у", "i", "і", "s", "ѕ", "j", "ј",
		"A", "А", "B", "В", "C", "С", "E", "Е", "H", "Н", "K", "К", "M", "М", "N", "Ν", "O", "О", "P", "Р", "S", "Ѕ", "T", "Т", "X", "Х", "Y", "Υ", "I", "І", "J", "Ј", "Z", "Ζ"))
}

// digits writes Latin letters as the digits that look like them.
func digits(r *rand.Rand, s string) string {
	if len(s) < 5 || strings.ContainsAny(s, "0123456789") {
		return s
	}
	return some(r, s, strings.NewReplacer("o", "0", "O", "0", "l", "1", "i", "1", "I", "1", "e", "3", "E", "3", "a", "4", "A", "4"))
}

// some replaces one letter of two, and at least one.
func some(r *rand.Rand, s string, to *strings.Replacer) string {
	var b strings.Builder
	changed := false
	for _, c := range s {
		other := to.Replace(string(c))
		if other != string(c) && (!changed || r.IntN(2) == 0) {
			changed = true
			b.WriteString(other)
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// styled writes Latin letters with the signs that Unicode has for mathematics.
func styled(r *rand.Rand, s string) string {
	start := []rune{'𝐀', '𝑨', '𝖠', '𝗔', '𝙰'}[r.IntN(5)]
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return start + c - 'A'
		case c >= 'a' && c <= 'z':
			return start + 26 + c - 'a'
		}
		return c
	}, s)
}

// circled writes Latin letters in circles.
func circled(_ *rand.Rand, s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return 'Ⓐ' + c - 'A'
		case c >= 'a' && c <= 'z':
			return 'ⓐ' + c - 'a'
		}
		return c
	}, s)
}

// accented puts marks over and under Latin letters.
func accented(r *rand.Rand, s string) string {
	mark := pick(r, "\u0332", "\u0301", "\u0335", "\u0323")
	var b strings.Builder
	for _, c := range s {
		b.WriteRune(c)
		if c < 0x80 && unicode.IsLetter(c) {
			b.WriteString(mark)
		}
	}
	return b.String()
}

// otherCase mixes small and capital letters.
func otherCase(_ *rand.Rand, s string) string {
	upper := false
	return strings.Map(func(c rune) rune {
		if upper = !upper; upper {
			return unicode.ToLower(c)
		}
		return unicode.ToUpper(c)
	}, s)
}

// backwards writes the name from its end, with a sign that makes clients show it
// the right way round (UAX 9).
func backwards(_ *rand.Rand, s string) string {
	letters := []rune(s)
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return "\u202e" + string(letters) + "\u202c"
}

// dashes writes the long vowel mark as something that looks like it.
func dashes(r *rand.Rand, s string) string {
	return strings.ReplaceAll(s, "ー", pick(r, "一", "－", "―", "-", "─"))
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }
