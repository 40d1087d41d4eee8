package dkim

import (
	"bytes"
	"errors"
)

var (
	errMalformedTag = errors.New("malformed tag list")
	errDuplicateTag = errors.New("a tag occurs twice")
	errTooManyTags  = errors.New("too many tags")
)

// tag is one name=value of a tag list (RFC 6376, section 3.2).
type tag struct {
	name       []byte
	value      []byte // without the white space around it
	start, end int    // place of the value in the list, with the white space around it
}

type tagList []tag

// parseTags appends the tags of s to list. Names are case-sensitive. Empty
// elements are passed over, since real signers write ";;"; a tag that occurs
// twice makes the whole list invalid, as the RFC says.
func parseTags(list tagList, s []byte) (tagList, error) {
	for at := 0; at < len(s); {
		end := len(s)
		if i := bytes.IndexByte(s[at:], ';'); i >= 0 {
			end = at + i
		}
		spec := s[at:end]
		name, value, ok := bytes.Cut(spec, []byte{'='})
		name = trimFWS(name)
		switch {
		case !ok && len(name) == 0:
		case !ok || len(name) == 0:
			return nil, errMalformedTag
		case len(list) >= MaxTags:
			return nil, errTooManyTags
		case list.get(string(name)) != nil:
			return nil, errDuplicateTag
		default:
			list = append(list, tag{name: name, value: trimFWS(value), start: end - len(value), end: end})
		}
		at = end + 1
	}
	return list, nil
}

// get returns the tag called name, nil when there is none.
func (l tagList) get(name string) *tag {
	for i := range l {
		if string(l[i].name) == name {
			return &l[i]
		}
	}
	return nil
}

func isFWS(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

func trimFWS(b []byte) []byte {
	for len(b) > 0 && isFWS(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isFWS(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// stripFWS returns b without any white space; b itself when it has none.
func stripFWS(b []byte) []byte {
	i := 0
	for i < len(b) && !isFWS(b[i]) {
		i++
	}
	if i == len(b) {
		return b
	}
	out := make([]byte, i, len(b))
	copy(out, b)
	for _, c := range b[i:] {
		if !isFWS(c) {
			out = append(out, c)
		}
	}
	return out
}

// elements calls yield for each part of a colon-separated list, without white
// space around it (sig-h-tag-value and its like).
func elements(list []byte, yield func(part []byte) bool) {
	for {
		part, rest, more := bytes.Cut(list, []byte{':'})
		if !yield(trimFWS(part)) || !more {
			return
		}
		list = rest
	}
}

// contains reports whether word is in a colon-separated list, whatever the case.
func contains(list []byte, word string) bool {
	found := false
	elements(list, func(part []byte) bool {
		found = equalFold(part, word)
		return !found
	})
	return found
}

type text interface{ ~string | ~[]byte }

// equalFold compares ASCII text without regard to case.
func equalFold[A, B text](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
