package redact

import (
	"strings"
	"unicode/utf8"
)

// householders are the local parts of known addresses in one domain. What it costs to
// look for them does not grow with how many they are: a message can have many
// recipients, and a text that nearly names them all.
type householders struct {
	hidden  map[string]string // local part -> what to write
	lengths map[byte][]int    // of local parts, by their last byte
}

func (h *householders) add(local, hidden string) {
	if local == "" || h.hidden[local] != "" {
		return
	}
	h.hidden[local] = hidden
	last := local[len(local)-1]
	for _, n := range h.lengths[last] {
		if n == len(local) {
			return
		}
	}
	h.lengths[last] = append(h.lengths[last], len(local))
}

// endingAt is the local part that ends at end, and does not begin before from.
func (h *householders) endingAt(low string, from, end int) string {
	if end <= from {
		return ""
	}
	for _, n := range h.lengths[low[end-1]] {
		if start := end - n; start >= from && h.hidden[low[start:end]] != "" && (start == 0 || !alnum(low[start-1])) {
			return low[start:end]
		}
	}
	return ""
}

// parted hides known addresses with something else between their halves: local=domain
// of VERP, local-at-domain, "local @ domain", local#domain.
func (r *Redactor) parted(s string) string {
	for _, domain := range r.domains {
		who := r.loose[domain]
		if who == nil {
			continue
		}
		low := lower(s)
		var out strings.Builder
		from := 0
		for at := 0; ; {
			n := strings.Index(low[at:], domain)
			if n < 0 {
				break
			}
			end := at + n
			at = end + len(domain)
			local, sep := who.before(low, from, end)
			if local == "" {
				continue
			}
			out.WriteString(s[from : end-sep-len(local)])
			out.WriteString(who.hidden[local])
			from = end - sep
		}
		if from > 0 {
			out.WriteString(s[from:])
			s = out.String()
		}
	}
	return s
}

const maxSeparator = 28 // bytes of what parts(…) takes

// before is the local part that stands before a domain, with the length of what is
// between them.
func (h *householders) before(low string, from, domain int) (local string, sep int) {
	for n := 1; n <= maxSeparator && domain-n > from; n++ {
		if !parts(low[domain-n : domain]) {
			continue
		}
		if local := h.endingAt(low, from, domain-n); local != "" {
			return local, n
		}
	}
	return "", 0
}

// parts reports whether a text may stand for "@": no letters, or few around "at" and
// the like.
func parts(s string) bool {
	if mark(s, 6) {
		return true
	}
	for _, word := range []string{"at", "40", "2540", "3d"} {
		if a, b, ok := strings.Cut(s, word); ok && mark(a, 3) && mark(b, 3) {
			return true
		}
	}
	return false
}

// mark reports whether a text has no letters and digits of ASCII, and is no longer
// than so many characters.
func mark(s string, most int) bool {
	for i := range len(s) {
		if alnum(s[i]) {
			return false
		}
	}
	return utf8.RuneCountInString(s) <= most
}

// alone hides local parts of known addresses that are words of their own.
func (r *Redactor) alone(s string) string {
	if len(r.words) == 0 {
		return s
	}
	low := lower(s)
	var out strings.Builder
	from := 0
	for i := 0; i+minBare <= len(low); {
		word := r.wordAt(low, i)
		if word == "" {
			i++
			continue
		}
		out.WriteString(s[from:i])
		out.WriteString(r.words[word])
		i += len(word)
		from = i
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// wordAt is the local part that begins at a place and is a word of its own.
func (r *Redactor) wordAt(low string, start int) string {
	if start > 0 && alnum(low[start-1]) && !escaped(low[:start]) {
		return ""
	}
	for _, word := range r.starts[low[start:start+minBare]] {
		if end := start + len(word); strings.HasPrefix(low[start:], word) && (end == len(low) || !alnum(low[end])) {
			return word
		}
	}
	return ""
}
