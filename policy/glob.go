package policy

import (
	"fmt"
	"slices"
	"strings"
)

// glob is a pattern for local parts: any text stands for itself, in any letter
// case (RFC 5321, section 2.4, lets receivers ignore it; all of them do), and *
// for any run of characters.
type glob string

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *glob) UnmarshalText(text []byte) error {
	s := strings.ToLower(string(text))
	switch {
	case s == "":
		return fmt.Errorf("wants the part of an address before the @, with * for any run of characters")
	case len(s) > maxGlob:
		return fmt.Errorf("has at most %d bytes, has %d", maxGlob, len(s))
	case strings.Contains(s, "@"):
		return fmt.Errorf("is the part before the @ only, has %q", text)
	case strings.ContainsAny(s, " \t\r\n"):
		return fmt.Errorf("has no blanks, has %q", text)
	}
	*g = glob(s)
	return nil
}

// matches reports whether the pattern fits a text in lower case. It takes time
// proportional to both lengths: after a mismatch only the latest * is tried again.
func (g glob) matches(s string) bool { return fits(string(g), s, '*') }

// covers reports whether g fits every text that o fits: o's own * counts as a
// character that nothing but a * of g takes.
func (g glob) covers(o glob) bool {
	return fits(string(g), strings.ReplaceAll(string(o), "*", "\x00"), '*')
}

func fits(pattern, s string, star byte) bool {
	p, i, backP, backI := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == star:
			backP, backI = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case backP >= 0:
			backI++
			p, i = backP+1, backI
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], string(rune(star))) == ""
}

// sample is a text that g fits.
func (g glob) sample() string { return strings.ReplaceAll(string(g), "*", "x") }

// globs are the patterns of one entry.
type globs []glob

// matches reports whether any pattern fits.
func (gs globs) matches(local string) bool {
	return slices.ContainsFunc(gs, func(g glob) bool { return g.matches(local) })
}

// String returns the patterns as a policy file writes them.
func (gs globs) String() string {
	names := make([]string, len(gs))
	for i, g := range gs {
		names[i] = string(g)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// localPart returns the local part of an address in lower case, without the
// quotes of a quoted string (RFC 5321, section 4.1.2).
func localPart(rcpt string) string {
	at := strings.LastIndexByte(rcpt, '@')
	if at < 0 {
		at = len(rcpt)
	}
	local := rcpt[:at]
	if len(local) >= 2 && local[0] == '"' && local[len(local)-1] == '"' {
		local = unquote(local[1 : len(local)-1])
	}
	return strings.ToLower(local)
}

// unquote takes away the backslash of each quoted pair: any character may stand in
// one.
func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}
