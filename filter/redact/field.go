package redact

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/mail/entity"
)

// forClause is what a Received field says of the recipient (RFC 5321, section 4.4).
var forClause = regexp.MustCompile(`(?i)\bfor\s+<?[^\s;<>]+>?`)

// namesRecipients reports whether a field, by its name in lower case, says for whom a
// message is or was: its addresses are hidden whoever's they are, and the names beside
// them go.
func namesRecipients(name string) bool {
	switch strings.TrimPrefix(name, "resent-") {
	case "to", "cc", "bcc", "apparently-to", "delivered-to", "envelope-to", "x-original-to", "x-envelope-to", "x-rcpt-to", "x-forwarded-to",
		"x-delivered-to", "x-real-to", "x-to", "x-receiver", "x-recipient", "x-failed-recipients", "original-recipient", "final-recipient",
		"disposition-notification-to", "x-gm-original-to", "x-forwarded-for", "x-apparently-to":
		return true
	}
	return false
}

// field is a header field without the addresses, with its line end; nil for one that
// is left out: because it is none, too long, or an address is left in it.
func (r *Redactor) field(name string, raw []byte) []byte {
	if !fieldName(name) || len(raw) > maxFieldBytes || r.Has(name) {
		return nil
	}
	was := string(entity.Value(raw))
	value, low := was, lower(name)
	switch {
	case namesRecipients(low):
		return folded(name, r.recipients(mail.DecodeText([]byte(value)).Shown))
	case low == "received":
		value = forClause.ReplaceAllStringFunc(value, r.forWhom)
	}
	clean := value
	shown := mail.DecodeText([]byte(value))
	// An address may be parted over encoded words: they are read before anything goes.
	for _, reading := range append([]string{shown.Shown}, shown.Also...) {
		if reading != value && r.Has(reading) {
			clean = shown.Shown
			break
		}
	}
	clean = r.Text(clean)
	if clean == was && plainLines(raw) {
		return raw
	}
	if !ascii(clean) {
		clean = inWords(printable(mail.DecodeText([]byte(clean)).Shown))
	}
	// Encoding may have put together what stood apart.
	if back := mail.DecodeText([]byte(clean)); r.Has(clean) || r.Has(back.Shown) {
		return nil
	}
	return folded(name, clean)
}

// inWords is a text with what is not ASCII in encoded words (RFC 2047), and the rest as
// it is: an address has to stay one.
func inWords(s string) string {
	var out, run []string
	end := func() {
		if len(run) > 0 {
			out = append(out, mime.BEncoding.Encode("utf-8", strings.Join(run, " ")))
		}
		run = nil
	}
	for _, word := range strings.Fields(strings.ReplaceAll(s, "<", " <")) {
		if !ascii(word) {
			run = append(run, word)
			continue
		}
		end()
		out = append(out, word)
	}
	end()
	return strings.Join(out, " ")
}

// recipients is the addresses in a text, hidden.
func (r *Redactor) recipients(s string) string {
	var list []string
	for _, a := range addresses(s) {
		if hidden := r.Address(a); ascii(hidden) {
			list = append(list, hidden)
		}
	}
	if len(list) == 0 {
		return "undisclosed-recipients:;" // RFC 5322, section 3.4
	}
	return strings.Join(list, ", ")
}

// forWhom hides the address of a for clause.
func (r *Redactor) forWhom(clause string) string {
	address := strings.Trim(clause[len("for"):], " \t<>")
	if !strings.Contains(address, "@") {
		return "for " + r.hash(address)
	}
	return "for <" + r.Address(address) + ">"
}

// fieldName is RFC 5322, section 2.2: printable ASCII without colon; long ones are nobody's.
func fieldName(name string) bool {
	if name == "" || len(name) > 76 {
		return false
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return true
}

// ascii reports whether a text is printable ASCII.
func ascii(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '\t' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// plainLines reports whether a field can stand as it is.
func plainLines(raw []byte) bool {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		return false
	}
	lines := bytes.Split(raw[:len(raw)-2], []byte("\r\n"))
	for i, line := range lines {
		if len(line) > maxLine || !ascii(string(line)) || i > 0 && (len(bytes.TrimSpace(line)) == 0 || line[0] != ' ' && line[0] != '\t') {
			return false
		}
	}
	return true
}

// printable is a text without controls.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, s)
}

// folded is a field whose lines are short wherever its value has blanks; without any
// it is parted at the limit, which is the end of a line that nobody sends in good
// faith.
func folded(name, value string) []byte {
	var b bytes.Buffer
	b.WriteString(name + ":")
	line := b.Len()
	for i, word := range strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == '\t' }) {
		if line+1+len(word) > 78 && i > 0 {
			b.WriteString("\r\n")
			line = 0
		}
		b.WriteByte(' ')
		line++
		for line+len(word) > maxLine {
			n := maxLine - line
			b.WriteString(word[:n] + "\r\n ")
			word, line = word[n:], 1
		}
		b.WriteString(word)
		line += len(word)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
