// Package taglist reads the tag=value lists of signature fields and key records.
//
// It follows RFC 6376, section 3.2, which RFC 8617 borrows. A list holds at most
// MaxTags tags; each byte is looked at once or twice.
package taglist

import (
	"bytes"
	"errors"
)

// MaxTags is the largest number of tags in a list.
const MaxTags = 64

// Errors of Parse and ParseStrict. Nothing in such a list may be believed.
var (
	ErrMalformed = errors.New("malformed tag list")
	ErrDuplicate = errors.New("a tag occurs twice")
	ErrTooMany   = errors.New("too many tags")
)

// Tag is one name=value of a list.
type Tag struct {
	Name       []byte
	Value      []byte // without the white space around it
	Start, End int    // place of the value in the list, with the white space around it
}

// List is a list of tags in their order, no two of one name.
type List []Tag

// Parse appends the tags of s to list. Names are case-sensitive. Empty elements
// are passed over, since real signers write ";;"; a tag that occurs twice makes
// the whole list invalid, as the RFC says.
func Parse(list List, s []byte) (List, error) { return parse(list, s, false) }

// ParseStrict is Parse by the letter of the grammar: only the last element may be
// empty, and names are words.
func ParseStrict(list List, s []byte) (List, error) { return parse(list, s, true) }

func parse(list List, s []byte, strict bool) (List, error) {
	for at := 0; at < len(s); {
		end := len(s)
		if i := bytes.IndexByte(s[at:], ';'); i >= 0 {
			end = at + i
		}
		spec := s[at:end]
		name, value, ok := bytes.Cut(spec, []byte{'='})
		name = TrimFWS(name)
		switch {
		case !ok && len(name) == 0 && (!strict || end == len(s)):
		case !ok || len(name) == 0 || strict && !isName(name):
			return nil, ErrMalformed
		case len(list) >= MaxTags:
			return nil, ErrTooMany
		case list.Get(string(name)) != nil:
			return nil, ErrDuplicate
		default:
			list = append(list, Tag{Name: name, Value: TrimFWS(value), Start: end - len(value), End: end})
		}
		at = end + 1
	}
	return list, nil
}

// isName reports whether b is a letter followed by letters, digits and
// underscores (tag-name).
func isName(b []byte) bool {
	for i, c := range b {
		letter := 'a' <= Lower(c) && Lower(c) <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return len(b) > 0
}

// Get returns the tag called name, nil when there is none.
func (l List) Get(name string) *Tag {
	for i := range l {
		if string(l[i].Name) == name {
			return &l[i]
		}
	}
	return nil
}
