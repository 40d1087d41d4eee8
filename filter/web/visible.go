package web

import (
	"strings"
	"unicode"

	"sekisho/filter/mail/weburl"
)

// visible is text of a stranger's with each character shown that would not be seen
// as itself: controls, and those that turn the direction of writing around.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == unicode.ReplacementChar || !unicode.IsGraphic(r):
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// defang writes a URL so that nothing takes it for one: hxxps://evil[.]example/path.
func defang(u string) string {
	u = visible(u)
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok {
		return strings.NewReplacer(":", "[:]", ".", "[.]").Replace(u)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if lower := strings.ToLower(scheme); strings.HasPrefix(lower, "http") {
		scheme = "hxxp" + scheme[4:]
	} else {
		scheme = strings.ReplaceAll(scheme, "t", "x")
	}
	return scheme + "://" + strings.ReplaceAll(rest[:end], ".", "[.]") + rest[end:]
}

// defanged is a text with its URLs defanged.
func defanged(text string) string {
	var b strings.Builder
	at := 0
	for _, span := range weburl.Find(nil, text, maxDefanged) {
		b.WriteString(visible(text[at:span.Start]))
		u := text[span.Start:span.End]
		if strings.Contains(u, "://") {
			b.WriteString(defang(u))
		} else {
			b.WriteString(strings.ReplaceAll(visible(u), ".", "[.]"))
		}
		at = span.End
	}
	b.WriteString(visible(text[at:]))
	return b.String()
}

// cut shortens a text to so many bytes, at the end of a character.
func cut(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	return strings.ToValidUTF8(s[:n], ""), true
}
