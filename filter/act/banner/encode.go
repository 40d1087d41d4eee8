package banner

import (
	"bytes"
	"encoding/base64"
	"strings"

	"sekisho/filter/mail/entity"
)

// encodeBase64 writes lines of 76 characters (RFC 2045, section 6.8), the last one
// with its line end where the part had one.
func encodeBase64(data []byte, ended bool) []byte {
	all := base64.StdEncoding.EncodeToString(data)
	out := make([]byte, 0, len(all)+len(all)/maxLine*2+4)
	for len(all) > maxLine {
		out = append(append(out, all[:maxLine]...), '\r', '\n')
		all = all[maxLine:]
	}
	out = append(out, all...)
	if ended {
		out = append(out, '\r', '\n')
	}
	return out
}

// encodeQP writes quoted-printable (RFC 2045, section 6.7) that decodes to data
// byte for byte. CRLF is a line end, all other controls are escaped; so are a
// hyphen, a dot and "From " where a line begins with them, which relays and
// delimiters could be mistaken about.
func encodeQP(data []byte) []byte {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(data)+len(data)/2)
	col := 0
	for i := 0; i < len(data); i++ {
		c := data[i]
		if c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			out, col = append(out, '\r', '\n'), 0
			i++
			continue
		}
		atEnd := i+1 == len(data) || data[i+1] == '\r' && i+2 < len(data) && data[i+2] == '\n'
		plain := c > ' ' && c <= '~' && c != '=' || (c == ' ' || c == '\t') && !atEnd
		if col == 0 && (c == '-' || c == '.' || bytes.HasPrefix(data[i:], []byte("From "))) {
			plain = false
		}
		width := 1
		if !plain {
			width = 3
		}
		room := maxLine - 1 // for the "=" of a soft line break
		if atEnd {
			room = maxLine
		}
		if col+width > room {
			out, col = append(out, "=\r\n"...), 0
			plain = plain && c != '-' && c != '.' && !bytes.HasPrefix(data[i:], []byte("From "))
			if !plain {
				width = 3
			}
		}
		if plain {
			out = append(out, c)
		} else {
			out = append(out, '=', hex[c>>4], hex[c&15])
		}
		col += width
	}
	return out
}

// setCharset puts UTF-8 in place of the charset of a Content-Type value, and adds
// it where there is none. All else stays as it is written. False where the value
// cannot be read with certainty.
func setCharset(value []byte) (string, bool) {
	old := entity.ParseMedia(value)
	v := string(value)
	start, end, ok := parameter(v, "charset")
	switch {
	case !ok:
		return "", false
	case start < 0:
		v = strings.TrimRight(v, "; \t") + "; charset=UTF-8"
	default:
		v = v[:start] + "UTF-8" + v[end:]
	}
	if len(v) > maxValue {
		return "", false
	}
	for i := range len(v) {
		if v[i] < ' ' && v[i] != '\t' || v[i] > '~' {
			return "", false
		}
	}
	now := entity.ParseMedia([]byte(v))
	for _, name := range []string{"boundary", "format", "delsp", "name"} {
		if now.Param(name) != old.Param(name) {
			return "", false
		}
	}
	return v, now.Type == old.Type && strings.EqualFold(now.Param("charset"), "utf-8")
}

// parameter finds the value of a parameter, its quotes included. start is -1 when
// there is none; ok is false for comments, the continuations and extensions of RFC
// 2231 to this name, and quotes that do not end.
func parameter(v, name string) (start, end int, ok bool) {
	start = -1
	at := strings.IndexByte(v, ';')
	for at >= 0 && at < len(v) {
		at++ // the semicolon
		stop, quoted := at, false
		for ; stop < len(v) && (quoted || v[stop] != ';'); stop++ {
			switch {
			case quoted && v[stop] == '\\':
				stop++
			case v[stop] == '"':
				quoted = !quoted
			case !quoted && v[stop] == '(':
				return -1, 0, false
			}
		}
		if quoted || stop > len(v) {
			return -1, 0, false
		}
		key, value, found := strings.Cut(v[at:stop], "=")
		key = strings.ToLower(strings.TrimSpace(key))
		switch {
		case found && key == name:
			end = stop - len(value) + len(strings.TrimRight(value, " \t"))
			start = stop - len(strings.TrimLeft(value, " \t"))
		case strings.HasPrefix(key, name+"*"):
			return -1, 0, false
		}
		at = stop
	}
	return start, end, !strings.Contains(v[:max(strings.IndexByte(v, ';'), 0)], "(")
}
