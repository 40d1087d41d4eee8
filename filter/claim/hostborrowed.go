package claim

import (
	"slices"
	"strings"
)

// endings are the first labels of the ends of domain names, as impostors write
// them below a domain of their own.
var endings = [...]string{"ac", "co", "com", "go", "gov", "ne", "net", "or", "org"}

// countries are ends of domain names that stand behind a brand's name where its
// address is written with hyphens.
var countries = [...]string{"at", "au", "be", "br", "ca", "ch", "cn", "co", "de", "es", "eu", "fr", "in", "it", "jp", "kr", "mx", "nl", "pl", "pt", "tw", "uk", "us"}

// borrowed returns the names before what looks like the end of their own domain,
// but stands in front of another: brand.co.jp.evil.example, brand.com-x.example.
// Whoever writes that wants it read as the brand's address, so that everyday words
// and names with letters around them count as well.
func (h hostNames) borrowed(labels []string) []hostName {
	for i := 1; i < len(labels); i++ {
		first, _, hyphened := strings.Cut(labels[i], "-")
		if !slices.Contains(endings[:], first) || i == len(labels)-1 && !hyphened {
			continue
		}
		label := strings.TrimPrefix(labels[i-1], "www")
		if n := h.words(label); n != nil {
			return n
		}
		if n := h.longest(label, func(n hostName) bool { return !n.composed && !n.broad && (len(n.name) >= minInside || !n.everyday) }); n != nil {
			return n
		}
		if n := h.misspelt(label); n != nil {
			return n
		}
	}
	for _, label := range labels[:len(labels)-1] {
		if n := h.endingWithin(label); n != nil {
			return n
		}
		if rest, ok := strings.CutPrefix(label, "www"); ok && rest != "" { // as if the dot were there
			if n := h.longest(rest, func(n hostName) bool { return !n.composed && !n.broad && len(n.name) >= minInside }); n != nil {
				return n
			}
		}
	}
	return nil
}

// endingWithin returns the name that a registered label joins to what looks like
// the end of a Japanese domain name: amazon-co-jp, smbccojp.
func (h hostNames) endingWithin(label string) []hostName {
	words := labelWords(label)
	for i := 1; i+1 < len(words); i++ {
		if second(words[i]) && strings.HasPrefix(words[i+1], "jp") {
			return h.before(strings.Join(words[:i], "-"))
		}
	}
	for _, end := range [...]string{"cojp", "nejp", "orjp", "gojp"} {
		if before, ok := strings.CutSuffix(label, end); ok && before != "" {
			return h.before(strings.TrimSuffix(before, "-"))
		}
	}
	return nil
}

func second(word string) bool {
	return word == "co" || word == "ne" || word == "or" || word == "go"
}

// before returns the names in the part of a label before an ending.
func (h hostNames) before(label string) []hostName {
	if n := h.words(label); n != nil && !n[0].broad {
		return n
	}
	return firm(h.longest(label, func(n hostName) bool { return !n.composed && (len(n.name) >= minInside || !n.everyday) }))
}
