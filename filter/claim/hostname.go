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
// ends with the name is enough. Short names and everyday words need company
// that tells a borrowed address: www.etc.login, aeon.co.jp.
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
	return names
}

// site is where a host name ends.
type site struct {
	bargain bool // under a suffix that stands open to anybody for little money
	young   bool // which is a new one, in which firms do not register for themselves
	known   bool // the suffix is a registry's, not that of a service with tenants
}

// oldTops are the general top-level names in which firms register; besides them
// they use those of countries.
var oldTops = [...]string{"com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "jobs", "mobi", "name", "pro", "aero", "coop", "museum", "asia", "cat", "tel", "travel", "post"}

// openTops are names among those, and of countries, that are sold to anybody
// by the thousand.
var openTops = [...]string{"asia", "biz", "cc", "cf", "cn", "co", "ga", "gq", "info", "me", "ml", "pw", "tk", "ws"}

// bargain reports a suffix that stands open to anybody for little money, and
// whether it is a new one, in which firms do not register for themselves.
func bargain(suffix string, managed bool) (open, young bool) {
	if slices.Contains(openTops[:], suffix) {
		return true, false
	}
	young = managed && len(suffix) > 2 && !strings.Contains(suffix, ".") && !strings.HasPrefix(suffix, "xn--") && !slices.Contains(oldTops[:], suffix)
	return young, young
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
	if n := h.tokens[strings.ReplaceAll(label, "-", "")]; n != nil {
		if n[0].faint || n[0].broad {
			return nil
		}
		if s.young || !managed {
			return n
		}
		return nil // a further domain of the brand, or of another firm of its name
	}
	for _, n := range h.words(label) {
		if h.dressed(label, n.name) && !(n.faint && !s.bargain) {
			return []hostName{n}
		}
	}
	if !s.bargain {
		return nil
	}
	if names := h.words(label); len(names) > 0 && !names[0].everyday {
		return firm(names)
	}
	return firm(h.embedded(label, minInside))
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
	for _, in := range [...]func(string) []hostName{h.words, func(l string) []hostName { return h.embedded(l, minEmbedded) }} {
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
		for _, w := range labelWords(label) {
			switch {
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

// words returns the names in one label: as a whole, as words between hyphens, or
// joined with a word that impostors add.
func (h hostNames) words(label string) []hostName {
	words := labelWords(label)
	for i := range words {
		for j := min(len(words), i+maxHostWords); j > i; j-- { // rakuten-card before rakuten
			if n := h.tokens[strings.Join(words[i:j], "")]; n != nil {
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

// embedded returns the names with which a word of a label begins or ends, other
// letters beside them: rakutens, myrakuten, auoneojp.
func (h hostNames) embedded(label string, least int) []hostName {
	words := labelWords(label)
	if len(words) > 1 {
		words = append(words, strings.Join(words, ""))
	}
	for _, word := range words {
		for size := min(len(word)-1, maxHostToken); size >= least; size-- {
			for _, part := range [...]string{word[:size], word[len(word)-size:]} {
				if n := h.tokens[part]; n != nil && !n[0].everyday {
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
