package canon

import "bytes"

// lettersForDigits reads 0 and 1 as o and l where they stand in a Latin word: one or
// two of them, beside a letter, in a word of some letters. Words keep their
// length.
func lettersForDigits(b []byte) {
	if bytes.IndexByte(b, '0') < 0 && bytes.IndexByte(b, '1') < 0 {
		return
	}
	done := 0 // words that end here or before were looked at
	for i := 0; i < len(b); i++ {
		if b[i]|1 != '1' {
			continue
		}
		start, end, letters := i, i, 0
		for start > done && alnum(b[start-1]) {
			start--
		}
		for end < len(b) && alnum(b[end]) {
			end++
		}
		for _, c := range b[start:end] {
			if letter(c) {
				letters++
			}
		}
		if letters >= minLeetLetters {
			readWord(b[start:end])
		}
		i, done = end, end
	}
}

func readWord(word []byte) {
	for i := 0; i < len(word); {
		if letter(word[i]) {
			i++
			continue
		}
		end, plain := i, true
		for ; end < len(word) && !letter(word[end]); end++ {
			plain = plain && word[end] <= '1'
		}
		if plain && end-i <= maxLeetRun {
			for k := i; k < end; k++ {
				word[k] = "ol"[word[k]-'0']
			}
		}
		i = end
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' }
func alnum(c byte) bool  { return letter(c) || c >= '0' && c <= '9' }
