package act

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrName says that a name cannot be the name of a header field.
var ErrName = errors.New("not a header field name")

// field is the edit that puts a field on top of the header. Every value that we
// write passes through here, but for the subject, which keeps foreign bytes.
func field(name, value string) (Edit, error) {
	if !validName(name) {
		return Edit{}, fmt.Errorf("%w: %q", ErrName, name)
	}
	return Edit{Op: Insert, Index: 0, Name: name, Value: fold(len(name)+len(": "), value)}, nil
}

// validName reports whether name is a field name: printable ASCII without
// blanks and colon (RFC 5322, section 3.6.8), not over-long.
func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return true
}

// fold writes a field body whose first line has col characters before it (RFC
// 5322, section 2.2.3). Lines are folded at 78 characters where there is white
// space; line ends in value that white space follows stay folds. The result is
// ASCII: controls and stray line ends count as a blank, so nothing can begin a
// field of its own; other characters become "?". Blanks are collapsed, none is
// left at either end, and no line is blank.
func fold(col int, value string) string {
	var b strings.Builder
	b.Grow(len(value) + len(value)/32)
	for len(value) > 0 {
		gap := strings.IndexFunc(value, visible)
		if gap < 0 {
			break
		}
		folded := hasFold(value[:gap])
		value = value[gap:]
		end := strings.IndexFunc(value, func(r rune) bool { return !visible(r) })
		if end < 0 {
			end = len(value)
		}
		word := ascii(value[:end])
		value = value[end:]
		for first := true; first || len(word) > 0; first = false {
			part := word[:min(len(word), maxWord)]
			word = word[len(part):]
			switch {
			case b.Len() == 0:
			case !first || folded || col+1+len(part) > maxLine:
				b.WriteString("\r\n\t")
				col = 1
			default:
				b.WriteByte(' ')
				col++
			}
			b.WriteString(part)
			col += len(part)
		}
	}
	return b.String()
}

// visible reports whether r is part of a word rather than white space or a
// control.
func visible(r rune) bool { return r > ' ' && r != 0x7f }

// hasFold reports whether the white space in gap holds a fold: a line end with
// a blank behind it.
func hasFold(gap string) bool {
	i := strings.LastIndexByte(gap, '\n')
	return i >= 0 && i+1 < len(gap) && (gap[i+1] == ' ' || gap[i+1] == '\t')
}

// ascii returns s with every character beyond ASCII, and every byte that is no
// UTF-8, as "?".
func ascii(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if r >= utf8.RuneSelf {
					return '?'
				}
				return r
			}, s)
		}
	}
	return s
}
