package entity

import "bytes"

// Split returns the body parts between the delimiter lines of boundary (RFC 2046,
// section 5.1.1), until there are limit. closed says that the end boundary was
// found; without it the last part runs to the end of b. Text before the first and
// after the last delimiter is no part.
func Split(b []byte, boundary string, limit int) (parts [][]byte, closed, cut bool) {
	delimiter := append([]byte("--"), boundary...)
	start := -1
	for at := 0; ; {
		line, next, last := findDelimiter(b, delimiter, at)
		if line < 0 {
			break
		}
		if start >= 0 {
			if len(parts) == limit {
				return parts, false, true
			}
			parts = append(parts, chop(b[start:max(line, start)]))
		}
		if last {
			return parts, true, false
		}
		start, at = next, next
	}
	if start >= 0 {
		if len(parts) == limit {
			return parts, false, true
		}
		parts = append(parts, b[start:])
	}
	return parts, false, false
}

// findDelimiter finds the first delimiter line at or after from: where the line
// begins, where the next one does, and whether it is the end boundary.
func findDelimiter(b, delimiter []byte, from int) (line, next int, last bool) {
	for from < len(b) {
		i := bytes.Index(b[from:], delimiter)
		if i < 0 {
			return -1, -1, false
		}
		line = from + i
		from = line + len(delimiter)
		if line > 0 && b[line-1] != '\n' {
			continue
		}
		after := from
		last = after+1 < len(b) && b[after] == '-' && b[after+1] == '-'
		if last {
			after += 2
		}
		next = after + lineEnd(b[after:])
		// Only blanks may follow: "--ab" is no delimiter of "a".
		if last || len(bytes.TrimRight(b[after:next], " \t\r\n")) == 0 {
			return line, next, last
		}
	}
	return -1, -1, false
}

// chop takes off the line end before a delimiter, which belongs to it.
func chop(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
