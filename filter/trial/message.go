package trial

import (
	"strings"

	"sekisho/filter/mail"
	"sekisho/policy/strictyaml"
)

// inline is a message as it is written into a file of tests.
type inline string

// textKey is the key of the text among header fields.
const textKey = "text"

// UnmarshalValue implements strictyaml.Unmarshaler. A message in keys is in UTF-8 and
// says so, unless it has a Content-Type of its own.
func (i *inline) UnmarshalValue(v strictyaml.Value) {
	if text, ok := v.Text(); ok {
		*i = inline(text)
		return
	}
	var header, body strings.Builder
	typed := false
	v.Each(func(key string, pos strictyaml.Pos, value strictyaml.Value) {
		var text string
		if !value.Decode(&text) {
			return
		}
		switch {
		case key == textKey:
			body.WriteString(text)
		case !fieldName(key):
			v.ErrorAt(pos, "%q is no name of a header field; the text of the message goes below %s", key, textKey)
		case strings.ContainsAny(strings.TrimRight(text, "\n"), "\r\n"):
			value.Errorf("a header field is one line")
		default:
			typed = typed || strings.EqualFold(key, "Content-Type")
			header.WriteString(key + ": " + strings.TrimRight(text, "\n") + "\n")
		}
	})
	if !typed {
		header.WriteString("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n")
	}
	*i = inline(header.String() + "\n" + body.String())
}

// fieldName reports whether s can be the name of a header field (RFC 5322, section
// 2.2).
func fieldName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

// message is a message that was read.
type message struct {
	header mail.Header
	body   []byte
}

func parse(text []byte) (message, error) {
	header, body, err := mail.ReadBytes(text)
	return message{header, body}, err
}
