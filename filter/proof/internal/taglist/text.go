package taglist

import "bytes"

// IsFWS reports whether b can be part of folding white space.
func IsFWS(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// TrimFWS returns b without the white space around it.
func TrimFWS(b []byte) []byte {
	for len(b) > 0 && IsFWS(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && IsFWS(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// StripFWS returns b without any white space; b itself when it has none.
func StripFWS(b []byte) []byte {
	i := 0
	for i < len(b) && !IsFWS(b[i]) {
		i++
	}
	if i == len(b) {
		return b
	}
	out := make([]byte, i, len(b))
	copy(out, b)
	for _, c := range b[i:] {
		if !IsFWS(c) {
			out = append(out, c)
		}
	}
	return out
}

// Elements calls yield for each part of a colon-separated list, without white
// space around it (sig-h-tag-value and its like), until yield says no.
func Elements(list []byte, yield func(part []byte) bool) {
	for {
		part, rest, more := bytes.Cut(list, []byte{':'})
		if !yield(TrimFWS(part)) || !more {
			return
		}
		list = rest
	}
}

// Contains reports whether word is in a colon-separated list, whatever the case.
func Contains(list []byte, word string) bool {
	found := false
	Elements(list, func(part []byte) bool {
		found = EqualFold(part, word)
		return !found
	})
	return found
}

// Text is what EqualFold compares.
type Text interface{ ~string | ~[]byte }

// EqualFold compares ASCII text without regard to case.
func EqualFold[A, B Text](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if Lower(a[i]) != Lower(b[i]) {
			return false
		}
	}
	return true
}

// Lower returns an ASCII letter in lower case and any other byte as it is.
func Lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
