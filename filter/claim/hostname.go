package claim

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"sekisho/filter/claim/canon"
	"sekisho/policy/brand"
)

// in returns the names of brands in host, its public suffix left out.
//
// The registered label is its owner's choice and may be his own name: there the bare
// name of a brand counts only under a top-level name that brands do not register
// in, a disguised one (paypa1) always, and one among other words if all of them are
// what impostors add. Below the registered label anybody writes what he likes, and
// so does the tenant of a hosting service in its place: there a word that begins or
// ends with the name is enough, or one of many letters that holds it. Short names
// and everyday words need company that tells a borrowed address: www.etc.login,
// aeon.co.jp.
func (h hostNames) in(host string) []hostName {
	suffix, managed := publicsuffix.PublicSuffix(host)
	rest := strings.TrimSuffix(strings.TrimSuffix(host, suffix), ".")
	if rest == "" {
		return nil
	}
	labels := strings.Split(rest, ".")
	s := site{known: managed || !strings.Contains(suffix, ".")}
	s.bargain, s.young = bargain(suffix, managed)
	var names []hostName
	if !s.known || len(labels) > maxHostLabels {
		names = h.below(labels[max(0, len(labels)-maxHostLabels):], s)
	} else {
		names = h.below(labels[:len(labels)-1], s)
		names = append(names, h.registered(labels[len(labels)-1], s, managed)...)
	}
	if len(names) == 0 && len(labels) <= maxHostLabels {
		names = h.borrowed(labels)
	}
	return names
}

// registered looks at the label that somebody registered.
func (h hostNames) registered(label string, s site, managed bool) []hostName {
	if seen := asciiLabel(label); seen != label {
		if n := h.tokens[seen]; n != nil && !n[0].faint && h.tokens[label] == nil {
			return n // disguised: no firm writes its own name so
		}
		if strings.HasPrefix(label, "xn--") {
			label = seen
		}
	}
	if found := h.endingWithin(label); len(found) > 0 {
		return found
	}
	if n := h.tokens[strings.ReplaceAll(label, "-", "")]; n != nil {
		if n[0].faint || n[0].broad {
			return nil
		}
		if s.young || !managed {
			return n
		}
		return nil // a further domain of the brand, or of another firm of its name
	}
	names := h.words(label)
	for _, n := range names {
		if h.dressed(label, n.name) && (!n.faint || s.bargain || h.presses(label)) {
			return []hostName{n}
		}
	}
	if len(names) > 0 && h.remarkable(names[0], label, s) {
		return firm(names)
	}
	if !s.bargain {
		return nil
	}
	if found := firm(h.embedded(label, minInside)); len(found) > 0 {
		return found
	}
	return h.misspelt(label)
}

// remarkable reports whether n, which stands among words that impostors do not
// all use, is still no chance: a name that is no everyday word under a suffix for
// anybody or beside a word that asks for an account (the names that firms give to
// their machines do not), an everyday one beside letters that are no word.
func (h hostNames) remarkable(n hostName, label string, s site) bool {
	switch {
	case n.everyday:
		return s.bargain && slices.ContainsFunc(labelWords(label), func(w string) bool { return w != n.name && jumble(w) })
	case s.bargain:
		return true
	}
	return len(n.name) >= minAloneToken && h.presses(label)
}

// firm leaves out names of the broad tier, and makes what is left faint: a name
// among other letters may be chance.
func firm(names []hostName) []hostName {
	var kept []hostName
	for _, n := range names {
		if !n.broad {
			n.faint = true
			kept = append(kept, n)
		}
	}
	return kept
}

// below looks at the labels under the registered one.
func (h hostNames) below(labels []string, s site) []hostName {
	var names []hostName
	for i, label := range labels {
		tenant := !s.known && i == len(labels)-1
		for _, n := range h.found(label, tenant) {
			alone := label == n.name && len(label) >= minAloneToken && !n.everyday
			if !n.faint || s.bargain || alone || h.company(labels, n.name) {
				names = append(names, n)
			}
		}
	}
	return names
}

// found returns the names in one label below the registered one: by themselves,
// with other letters beside them, or misspelt. Hosts are called after the software they run,
// so a name of the broad tier counts only where a tenant dressed it with words of
// impostors.
func (h hostNames) found(label string, tenant bool) []hostName {
	broad := func(n hostName) bool { return n.broad && !(tenant && h.dressed(label, n.name)) }
	look := func(in func(string) []hostName) []hostName {
		if names := slices.DeleteFunc(slices.Clone(in(label)), broad); len(names) > 0 {
			return names
		}
		seen := asciiLabel(label)
		if seen == label {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(in(seen)), broad)
	}
	for _, in := range [...]func(string) []hostName{h.words, func(l string) []hostName { return h.embedded(l, minEmbedded) }, h.within} {
		if names := look(in); len(names) > 0 {
			return names
		}
	}
	return look(h.misspelt)
}

// company reports whether words stand beside name that make it look like the
// address of its owner: parts of domain names, or what impostors add.
func (h hostNames) company(labels []string, name string) bool {
	if len(labels) > 1 && labels[0] == "www" && labels[1] == name {
		return true
	}
	for _, label := range labels {
		words := labelWords(label)
		for i, w := range words {
			switch {
			case w == name && i+1 < len(words) && slices.Contains(countries[:], words[i+1]):
				return true
			case w == name:
			case w == "www" && label == "www": // stands before any name
			case w == "www", slices.Contains(domainWords[:], w), h.isSquat(w), strings.Contains(w, name):
				return true
			}
		}
	}
	return false
}

// domainWords are the ends of domain names, as they stand in the middle of
// borrowed ones, and what is written for them.
var domainWords = [...]string{"co", "com", "jp", "or", "ne", "go", "ac", "ip", "www2", "page", "plus", "user", "userinfo", "userinformation", "meisai"}

// words returns the names in one label: as a whole, as words between hyphens (in
// the plural too), or joined with words that impostors add.
func (h hostNames) words(label string) []hostName {
	words := labelWords(label)
	for i := range words {
		for j := min(len(words), i+maxHostWords); j > i; j-- { // rakuten-card before rakuten
			word := strings.Join(words[i:j], "")
			if n := h.tokens[word]; n != nil {
				return n
			}
			if n := h.tokens[strings.TrimSuffix(word, "s")]; n != nil && j > i+1 {
				return n
			}
		}
		if n := h.squatted(words[i]); n != nil {
			return n
		}
	}
	return nil
}

// inLabel is words for local parts of addresses, without the faint ones.
func (h hostNames) inLabel(label string) []hostName {
	return slices.DeleteFunc(slices.Clone(h.words(label)), func(n hostName) bool { return n.faint })
}

// embedded returns the longest of the names with which a word of a label begins
// or ends, other letters beside them: rakutens, myrakuten, auoneojp.
func (h hostNames) embedded(label string, least int) []hostName {
	return h.longest(label, func(n hostName) bool {
		return !n.everyday && !n.composed && (len(n.name) >= least || n.odd)
	})
}

// longest returns the longest of the names fit for it with which a word of a
// label begins or ends.
func (h hostNames) longest(label string, fit func(hostName) bool) (best []hostName) {
	words := labelWords(label)
	if len(words) > 1 {
		words = append(words, strings.Join(words, ""))
	}
	size := 0
	for _, word := range words {
		for n := min(len(word)-1, maxHostToken); n >= max(minEmbedded, size+1); n-- {
			for _, part := range [...]string{word[:n], word[len(word)-n:]} {
				if names := h.tokens[part]; names != nil && fit(names[0]) && n > size {
					best, size = names, n
				}
			}
		}
	}
	return best
}

// within returns the name that stands in the middle of a word.
func (h hostNames) within(label string) []hostName {
	for _, word := range labelWords(label) {
		for i := 1; i+minWithin < len(word); i++ {
			for size := min(len(word)-i-1, maxWithin); size >= minWithin; size-- {
				if n := h.tokens[word[i:i+size]]; n != nil && !n[0].everyday {
					return n
				}
			}
		}
	}
	return nil
}

// misspelt returns the name that a label misspells, or one of its words.
func (h hostNames) misspelt(label string) []hostName {
	for _, word := range append(labelWords(label), strings.ReplaceAll(label, "-", "")) {
		if len(word) < minMisspelt {
			continue
		}
		if m, ok := h.catalogue.Near(canon.Fold(word)); ok && m.Brand.Tier != brand.Broad {
			return []hostName{{brand: m.Brand.ID, name: word, faint: true}}
		}
	}
	return nil
}

// asciiLabel returns the letters that a label looks like: an international one
// is folded, and digits are read as the letters they stand for.
func asciiLabel(label string) string {
	if !strings.ContainsAny(label, "0123456789") && !strings.Contains(label, "rn") && !strings.Contains(label, "vv") && !strings.HasPrefix(label, "xn--") {
		return label // as it looks; most are
	}
	shown := label
	if strings.HasPrefix(label, "xn--") {
		if decoded, err := idna.Punycode.ToUnicode(label); err == nil {
			shown = decoded
		}
	}
	folded := canon.Fold(shown).Folded
	if squeezed := canon.Squeeze(strings.ReplaceAll(shown, "-", "\u2010")).Folded; len(squeezed) <= len(folded) {
		folded = strings.ReplaceAll(squeezed, "\u2010", "-")
	}
	return folded
}

func labelWords(label string) []string {
	return strings.FieldsFunc(label, func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '+'
	})
}
