package canon

import (
	"math"
	"slices"
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
	table := tables()
	f, ok := table.folders.Get().(*folder)
	if !ok {
		f = &folder{table: table}
	}
	defer table.folders.Put(f)
	f.begin(len(s))
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
	t.Folded, t.Stripped, t.runs = string(f.out), f.stripped, slices.Clone(f.runs)
	return t
}

// begin forgets the last text, save how its characters are spelled; size is that of
// the next.
func (f *folder) begin(size int) {
	out, runs, memo := f.out, f.runs, f.memo
	if cap(out) > maxKeptBytes {
		out, runs = nil, nil
	}
	*f = folder{table: f.table, out: slices.Grow(out[:0], size+size/64+8), runs: runs[:0], memo: memo}
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
		r, size := decode(s, i)
		if r <= 0xffff && f.simple[r] != 0 {
			f.put(i, rune(f.simple[r]))
			f.before = r
		} else {
			f.hard(i, r)
		}
		i += size
	}
}

// decode returns the character at s[i]. Han and kana, which are three bytes of
// little doubt, have a short way.
func decode(s string, i int) (r rune, size int) {
	if c := s[i]; c > 0xe0 && c < 0xed && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
		return rune(c&0x0f)<<12 | rune(s[i+1]&0x3f)<<6 | rune(s[i+2]&0x3f), 3
	}
	return utf8.DecodeRuneInString(s[i:])
}

// ascii folds s from i up to the next character that is not ASCII and returns
// where that is.
func (f *folder) ascii(s string, i int) int {
	for i < len(s) && s[i] == '-' && kana(f.last) {
		f.put(i, longVowel)
		i++
	}
	f.mark(i)
	f.out = slices.Grow(f.out, len(s)-i)
	out, n := f.out[:cap(f.out)], len(f.out)
	lower := &f.lower
	for ; i < len(s); i++ {
		from, to := s[i:], out[n:]
		k := 0
		for k < len(from) && k < len(to) && from[k] < utf8.RuneSelf {
			b := lower[from[k]]
			if b == 0 {
				if from[k] != ' ' || k == 0 || to[k-1] == ' ' {
					break
				}
				b, f.space = ' ', int32(i+k)
			}
			to[k] = b
			k++
		}
		i, n = i+k, n+k
		if i == len(s) || s[i] >= utf8.RuneSelf {
			break
		}
		c := s[i]
		if !whiteASCII(c) {
			f.stripped = true
		} else if n > 0 && out[n-1] != ' ' {
			f.space = int32(i)
			out[n] = ' '
			n++
			continue
		}
		f.out = out[:n]
		f.mark(i + 1)
	}
	f.out = out[:n]
	if n > 0 && out[n-1] < utf8.RuneSelf {
		f.last = rune(out[n-1])
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
