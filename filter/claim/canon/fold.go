package canon

import (
	"math"
	"unicode/utf8"
)

// Fold folds s. It never fails; bytes that are not UTF-8 become U+FFFD.
func Fold(s string) Text {
	t := Text{source: s}
	if len(s) > MaxSource {
		end := MaxSource
		for end > MaxSource-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, t.Cut = s[:end], true
	}
	f := folder{table: tables(), out: make([]byte, 0, len(s)+len(s)/64+8)}
	f.text(s)
	t.end = int32(len(s))
	if n := len(f.out); n > 0 && f.out[n-1] == ' ' {
		f.out = f.out[:n-1]
		t.end = f.space
		for k := len(f.runs); k > 0 && int(f.runs[k-1].out) >= n-1; k-- {
			f.runs = f.runs[:k-1]
		}
	}
	lettersForDigits(f.out)
	t.Folded, t.Stripped, t.runs = string(f.out), f.stripped, f.runs
	return t
}

// folder holds one folding. out never begins with a space and never holds two
// in a row.
type folder struct {
	*table
	out      []byte
	runs     []run
	delta    int   // source minus out of the present run
	last     rune  // last character put out; 0 at the start
	before   rune  // last character read, ignorables left aside: what variation selectors dress
	space    int32 // where in the source the last space of out came from
	stripped bool
	memo     *[memoSize]spelling // of foldRune, by the low bits of the character; nil until one is needed
}

// spelling is what foldRune said of a character.
type spelling struct {
	of rune
	as string
}

func (f *folder) text(s string) {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i = f.ascii(s, i)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r <= 0xffff && f.simple[r] != 0 {
			f.put(i, rune(f.simple[r]))
			f.before = r
		} else {
			f.hard(i, r)
		}
		i += size
	}
}

// ascii folds s from i up to the next character that is not ASCII and returns
// where that is.
func (f *folder) ascii(s string, i int) int {
	for i < len(s) && s[i] == '-' && kana(f.last) {
		f.put(i, longVowel)
		i++
	}
	f.mark(i)
	out := f.out
	for ; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			break
		}
		if b := f.lower[c]; b != 0 {
			out = append(out, b)
			continue
		}
		if !whiteASCII(c) {
			f.stripped = true
		} else if len(out) > 0 && out[len(out)-1] != ' ' {
			f.space = int32(i)
			out = append(out, ' ')
			continue
		}
		f.out = out
		f.mark(i + 1)
	}
	f.out = out
	if len(out) > 0 && out[len(out)-1] < utf8.RuneSelf {
		f.last = rune(out[len(out)-1])
		f.before = f.last
	}
	return i
}

func whiteASCII(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// mark notes that what is put out next comes from the source at i.
func (f *folder) mark(i int) {
	n := len(f.out)
	if i-n == f.delta && len(f.runs) > 0 {
		return
	}
	f.delta = i - n
	if k := len(f.runs); k > 0 && int(f.runs[k-1].out) == n {
		f.runs[k-1].src = int32(i)
		return
	}
	f.runs = append(f.runs, run{out: int32(n), src: int32(i)})
}

// put puts out one folded character that came from the source at i.
func (f *folder) put(i int, r rune) {
	if kana(r) {
		f.kanaBefore()
	}
	if r == '-' && kana(f.last) {
		r = longVowel
	} else if r == longVowel && !kana(f.last) {
		r = '-'
	}
	f.mark(i)
	if r >= 0x800 && r <= 0xffff {
		f.out = append(f.out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
	} else {
		f.out = utf8.AppendRune(f.out, r)
	}
	f.last = r
}

// putSpace puts out white space that came from the source at i.
func (f *folder) putSpace(i int) {
	if len(f.out) == 0 || f.last == ' ' {
		return
	}
	f.mark(i)
	f.out = append(f.out, ' ')
	f.last, f.space = ' ', int32(i)
}

// hard folds a character that needs more than a table look-up.
func (f *folder) hard(i int, r rune) {
	kind := classify(r)
	if kind == invisible {
		f.stripped = f.stripped || !dresses(r, f.before)
		return
	}
	f.before = r
	switch kind {
	case white:
		f.putSpace(i)
	case voicedMark, halfVoicedMark:
		f.voice(i, kind)
	case combining:
		if !losesMarks(f.last) && !strange(r, f.last) {
			f.put(i, r)
		}
	default:
		f.spell(i, r)
	}
}

// spell puts out all that one character stands for.
func (f *folder) spell(i int, r rune) {
	for _, x := range f.spelling(r) {
		if losesMarks(f.last) && classify(x) == combining {
			continue
		}
		f.put(i, x)
		f.delta = math.MinInt // each of them came from i: no run goes on from here
	}
}

func (f *folder) spelling(r rune) string {
	if f.memo == nil {
		f.memo = new([memoSize]spelling)
	}
	known := &f.memo[uint32(r)%memoSize]
	if known.of != r || known.as == "" {
		*known = spelling{of: r, as: foldRune(r)}
	}
	return known.as
}

// replaceLast puts r in the place of the last character put out. Both are of
// three bytes.
func (f *folder) replaceLast(r rune) {
	utf8.EncodeRune(f.out[len(f.out)-3:], r)
	f.last = r
}
