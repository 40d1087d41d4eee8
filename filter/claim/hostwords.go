package claim

import (
	"slices"
	"strings"
)

const (
	maxSquats = 3 // words of impostors joined in one
	minSquat  = 2 // letters of one of them
)

// dressed reports whether label is token and at least one word of impostors, and
// nothing else.
func (h hostNames) dressed(label, token string) bool {
	words := labelWords(label)
	for i := range words {
		for j := i + 1; j <= min(len(words), i+maxHostWords); j++ {
			core := strings.Join(words[i:j], "")
			bare := core == token || core == token+"s"
			if !bare && (j > i+1 || !h.dressesWord(core, token)) {
				continue
			}
			others := slices.Concat(words[:i], words[j:])
			if (!bare || len(others) > 0) && !slices.ContainsFunc(others, func(w string) bool { return !h.isSquats(w) }) {
				return true
			}
		}
	}
	return false
}

// dressesWord reports whether word is token with words of impostors joined to it, or
// a number. Before those the name may stand in the plural.
func (h hostNames) dressesWord(word, token string) bool {
	letters := strings.Trim(word, "0123456789")
	before, after, ok := strings.Cut(letters, token)
	if before == "" && (after == "" || after == "s") {
		return ok && after == "" && letters != word
	}
	if !ok {
		return false
	}
	return h.isSquats(before) && (h.isSquats(after) || h.isSquats(strings.TrimPrefix(after, "s")))
}

// squatted returns the names in a word such as "amazonlogin" or "securepaypal42".
func (h hostNames) squatted(word string) []hostName {
	word = strings.Trim(word, "0123456789")
	if n := h.tokens[word]; n != nil {
		return n
	}
	for i := range min(len(word), maxHostToken) {
		if i > 0 && !h.isSquats(word[:i]) {
			continue
		}
		for j := min(len(word), i+maxHostToken); j >= i+minShortToken; j-- {
			n := h.tokens[word[i:j]]
			if n == nil || i > 0 && word[i:j] == ending {
				continue
			}
			if rest := word[j:]; h.isSquats(rest) || h.isSquats(strings.TrimPrefix(rest, "s")) {
				return n
			}
		}
	}
	return nil
}

// ending is a name that is also the ending of words: tracking, billing, banking.
const ending = "ing"

// isSquat reports whether word is one of impostors; a number alone is one too.
func (h hostNames) isSquat(word string) bool {
	word = strings.Trim(word, "0123456789")
	_, ok := h.squat[word]
	return ok || word == ""
}

// isSquats reports whether word is one or a few words of impostors, one after the
// other: helpcenter, cardid.
func (h hostNames) isSquats(word string) bool { return h.squats(word, maxSquats) }

func (h hostNames) squats(word string, most int) bool {
	if h.isSquat(word) {
		return true
	}
	if most == 1 || len(word) > maxHostToken {
		return false
	}
	for cutAt := minSquat; cutAt <= len(word)-minSquat; cutAt++ {
		if _, ok := h.squat[word[:cutAt]]; ok && h.squats(word[cutAt:], most-1) {
			return true
		}
	}
	return false
}

// presses reports whether one of the words of label, which are hyphened to others,
// asks for an account.
func (h hostNames) presses(label string) bool {
	words := labelWords(label)
	return len(words) > 1 && slices.ContainsFunc(words, func(w string) bool {
		_, ok := h.pressing[w]
		return ok
	})
}

// odd reports whether a name holds two letters that follow each other in no everyday
// word.
func (h hostNames) odd(name string) bool {
	for i := range len(name) - 1 {
		if _, ok := h.pairs[name[i:i+2]]; !ok && digitless(name[i:i+2]) {
			return true
		}
	}
	return false
}

func digitless(s string) bool { return !strings.ContainsAny(s, "0123456789") }

// unspoken reports whether word has no vowel, which no word of a language lacks.
func unspoken(word string) bool { return !strings.ContainsAny(word, "aeiouy") }

// jumble reports whether word is letters without a vowel, and no abbreviation of
// a technique that firms call their machines after.
func jumble(word string) bool {
	return len(word) >= minShortToken && unspoken(word) && digitless(word) && !slices.Contains(techniques[:], word)
}

// techniques are the common words without a vowel.
var techniques = [...]string{"cdn", "crm", "css", "dns", "ftp", "gps", "html", "http", "https", "php", "rss", "smtp", "sms", "sql", "ssh", "ssl", "vpn", "www", "xml"}
