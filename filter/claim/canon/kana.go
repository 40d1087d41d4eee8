package canon

import "unicode/utf8"

const longVowel = 'ー'

// kana reports a katakana letter or mark, the only kana in folded text.
func kana(r rune) bool { return r >= 'ァ' && r <= 'ヾ' && r != '・' }

// kanaBefore is called before a kana is put out. If the character before it is
// Han that looks like a kana, and another kana stands before that, it was meant
// to be read as kana.
func (f *folder) kanaBefore() {
	twin := kanaTwin(f.last)
	if twin == 0 || len(f.out) < 6 {
		return
	}
	if r, _ := utf8.DecodeRune(f.out[len(f.out)-6:]); kana(r) {
		f.replaceLast(twin)
	}
}

// kanaTwin returns the kana that a Han character looks like, or 0.
func kanaTwin(r rune) rune {
	switch r {
	case '一':
		return longVowel
	case '力':
		return 'カ'
	case '口', '囗':
		return 'ロ'
	case '二':
		return 'ニ'
	case '夕':
		return 'タ'
	case '卜':
		return 'ト'
	case '八':
		return 'ハ'
	case '工':
		return 'エ'
	case '才':
		return 'オ'
	case '千':
		return 'チ'
	case '三':
		return 'ミ'
	case '丿':
		return 'ノ'
	case '了':
		return 'ア'
	}
	return 0
}

// voice joins a voiced mark to the kana before it; where there is none the mark
// stands for itself.
func (f *folder) voice(i int, mark class) {
	if r := voiced(f.last, mark); r != 0 {
		f.replaceLast(r)
		return
	}
	if mark == voicedMark {
		f.put(i, '゛')
	} else {
		f.put(i, '゜')
	}
}

// voiced returns r with a voiced mark, or 0 where the two do not join.
func voiced(r rune, mark class) rune {
	h := r >= 'ハ' && r <= 'ホ' && (r-'ハ')%3 == 0
	switch {
	case mark == halfVoicedMark && h:
		return r + 2
	case mark == halfVoicedMark:
		return 0
	case h, r >= 'カ' && r <= 'チ' && (r-'カ')%2 == 0, r == 'ツ', r == 'テ', r == 'ト', r == 'ヽ':
		return r + 1
	case r == 'ウ':
		return 'ヴ'
	case r >= 'ワ' && r <= 'ヲ':
		return r + 'ヷ' - 'ワ'
	}
	return 0
}
