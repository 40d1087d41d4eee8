package entity

import "bytes"

// Field is one header field as found: Raw holds it with its line ends.
type Field struct {
	Name []byte // without trailing blanks; empty for a line that is no field
	Raw  []byte
}

// Fields splits the header section off b and returns the rest: what follows the
// empty line. A line that is no field does not end the section when the next
// line goes on with it, as in clients; otherwise the rest begins there, with
// missing set (the empty line is missing). Lines may end in LF or CRLF.
func Fields(b []byte, limit int) (fields []Field, rest []byte, missing, cut bool) {
	for len(b) > 0 {
		line := lineEnd(b)
		if blank(b[:line]) {
			return fields, b[line:], false, cut
		}
		colon := fieldName(b[:line])
		if colon < 0 && !(len(fields) > 0 && goesOn(b[line:])) {
			return fields, b, true, cut
		}
		end := line
		for end < len(b) && (b[end] == ' ' || b[end] == '\t') {
			end += lineEnd(b[end:])
		}
		if len(fields) == limit {
			cut = true
		} else {
			f := Field{Raw: b[:end]}
			if colon > 0 {
				f.Name = bytes.TrimRight(b[:colon], " \t")
			}
			fields = append(fields, f)
		}
		b = b[end:]
	}
	return fields, nil, false, cut
}

// goesOn reports whether b continues a header section: with an empty line, a
// field or nothing.
func goesOn(b []byte) bool {
	line := lineEnd(b)
	return blank(b[:line]) || fieldName(b[:line]) > 0
}

// lineEnd returns the length of the first line of b with its line end.
func lineEnd(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// blank reports whether line is empty but for its line end.
func blank(line []byte) bool {
	return len(line) == 0 || line[0] == '\n' || line[0] == '\r' && (len(line) == 1 || line[1] == '\n')
}

// fieldName returns where the colon of a field stands, or -1 when line is no
// field. Blanks before the colon are tolerated (RFC 5322, section 4.5).
func fieldName(line []byte) int {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return -1
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c <= ' ' || c == 0x7f {
			return -1
		}
	}
	if len(name) == 0 {
		return -1
	}
	return colon
}

// Value returns the body of a field without its name, folding (RFC 5322, section
// 2.2.3), outer blanks and final line end. It copies only folded fields.
func Value(raw []byte) []byte {
	v := raw
	if colon := fieldName(raw[:lineEnd(raw)]); colon >= 0 {
		v = raw[colon+1:]
	}
	v = bytes.Trim(v, " \t\r\n")
	if bytes.IndexByte(v, '\n') < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for len(v) > 0 {
		line := lineEnd(v)
		out = append(out, bytes.TrimRight(v[:line], "\r\n")...)
		v = v[line:]
	}
	return out
}
