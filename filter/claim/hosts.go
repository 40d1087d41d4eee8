package claim

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// minHostToken is the shortest name looked for in hosts, in letters. Shorter ones
// stand inside too many words.
const minHostToken = 5

// maxHostWords is the number of words between hyphens that one name may have.
const maxHostWords = 3

// hostNames are the names of brands as they are spelled in host names: letters
// and digits only.
type hostNames struct {
	tokens map[string][]hostName
	squat  map[string]struct{}
}

// hostName is one name of a brand.
type hostName struct {
	brand string // catalogue id
	name  string // as looked for
	broad bool   // of the broad tier
}

// minBroadToken is minHostToken for names of the broad tier.
const minBroadToken = 6

// squatWords are what impostors put beside a brand's name in one label.
const squatWords = `account accounts admin alert alerts app auth bank bill billing bonus card cards care center check claim client co com confirm contact customer delivery gift help helpdesk home id info invoice jp login logon mail member members net news no noreply notice notification notify offer offers official online order orders org parcel pay payment payments portal post prize promo refund reply reward rewards safe sale secure security service services shop shopping signin sms store support survey surveys team track tracking update updates us user verification verify vip web wallet win`

// newHostNames collects the names of c's brands: aliases that are nobody else's
// name, and the first labels of own domains that bear a hyphen (eki-net).
func newHostNames(c *brand.Catalogue) hostNames {
	h := hostNames{tokens: map[string][]hostName{}, squat: map[string]struct{}{}}
	for _, w := range strings.Fields(squatWords) {
		h.squat[w] = struct{}{}
	}
	everyday := map[string]bool{}
	for b := range c.All() {
		for _, a := range b.Aliases {
			if a.Ambiguous {
				everyday[joined(strings.ToLower(a.Name))] = true
			}
		}
	}
	for _, tier := range [...]brand.Tier{brand.Full, brand.Broad} {
		for b := range c.All() {
			if b.Tier == tier {
				h.addBrand(b, everyday)
			}
		}
	}
	return h
}

func (h hostNames) addBrand(b *brand.Brand, everyday map[string]bool) {
	broad := b.Tier == brand.Broad
	for _, a := range b.Aliases {
		h.add(hostName{b.ID, joined(strings.ToLower(a.Name)), broad}, everyday)
	}
	for _, d := range b.Domains {
		if label, _, _ := strings.Cut(d, "."); !broad && (b.Own || strings.Contains(label, "-")) && !strings.HasPrefix(label, "xn--") {
			h.add(hostName{b.ID, joined(label), broad}, everyday)
		}
	}
}

// add takes one token. Host names are compared as they are written, in ASCII, so
// tokens with other letters are left out. A name of the full tier keeps one of
// the broad tier out.
func (h hostNames) add(n hostName, everyday map[string]bool) {
	token := n.name
	if len(token) < minHostToken || everyday[token] || n.broad && (len(token) < minBroadToken || len(h.tokens[token]) > 0) {
		return
	}
	for i := range len(token) {
		if token[i] >= 0x80 {
			return
		}
	}
	if _, common := h.squat[token]; common {
		return
	}
	for _, known := range h.tokens[token] {
		if known.brand == n.brand {
			return
		}
	}
	h.tokens[token] = append(h.tokens[token], n)
}

// joined returns the letters and digits of s.
func joined(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '\'' || r == '&' || r == '!' || r == '_' || r == '/' || r == '+' {
			return -1
		}
		return r
	}, s)
}

// in returns the names of brands in the labels of host, its public suffix left
// out. Names of the broad tier count in the registered label only, dressed with words
// of impostors and nothing else: hosts are called after the software they run, and
// the bare name under another suffix, or beside a word of its trade, may well be
// the organisation's own.
func (h hostNames) in(host string) []hostName {
	suffix, _ := publicsuffix.PublicSuffix(host)
	rest := strings.TrimSuffix(strings.TrimSuffix(host, suffix), ".")
	var names []hostName
	for more := rest != ""; more; {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		for _, n := range h.inLabel(label) {
			if !n.broad || !more && h.dressed(label, n.name) {
				names = append(names, n)
			}
		}
	}
	return names
}

// inLabel returns the names in one label or local part: as a whole, as words
// between hyphens, or joined with a word that impostors add.
func (h hostNames) inLabel(label string) []hostName {
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

func labelWords(label string) []string {
	return strings.FieldsFunc(label, func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '+'
	})
}

// dressed reports whether label is token and at least one word of impostors, and
// nothing else.
func (h hostNames) dressed(label, token string) bool {
	words := labelWords(label)
	for i := range words {
		for j := i + 1; j <= min(len(words), i+maxHostWords); j++ {
			core := strings.Join(words[i:j], "")
			if core != token && (j > i+1 || !h.dressesWord(core, token)) {
				continue
			}
			others := slices.Concat(words[:i], words[j:])
			if (core != token || len(others) > 0) && !slices.ContainsFunc(others, func(w string) bool { return !h.isSquat(w) }) {
				return true
			}
		}
	}
	return false
}

// dressesWord reports whether word is token with a word of impostors joined to it.
func (h hostNames) dressesWord(word, token string) bool {
	word = strings.Trim(word, "0123456789")
	before, isAfter := strings.CutSuffix(word, token)
	after, isBefore := strings.CutPrefix(word, token)
	return isAfter && h.isSquat(before) || isBefore && h.isSquat(after)
}

// squatted returns the names in a word such as "amazonlogin" or "securepaypal42".
func (h hostNames) squatted(word string) []hostName {
	word = strings.Trim(word, "0123456789")
	if n := h.tokens[word]; n != nil {
		return n
	}
	for cutAt := minHostToken; cutAt < len(word); cutAt++ {
		if n := h.tokens[word[:cutAt]]; n != nil && h.isSquat(word[cutAt:]) {
			return n
		}
	}
	for cutAt := 1; cutAt <= len(word)-minHostToken; cutAt++ {
		if n := h.tokens[word[cutAt:]]; n != nil && h.isSquat(word[:cutAt]) {
			return n
		}
	}
	return nil
}

func (h hostNames) isSquat(word string) bool {
	_, ok := h.squat[strings.Trim(word, "0123456789")]
	return ok
}

// readHosts finds brand names in the hosts of links that people follow, where the
// host is not the brand's.
func (r *Reader) readHosts(m *mail.Message, found *collection) {
	seen := make([]string, 0, 8)
	for i, l := range m.Links {
		if i == maxLinks || len(seen) == maxHosts {
			return
		}
		if l.Kind == mail.LinkImage || l.Host == "" || len(l.Host) > maxHostBytes || slices.Contains(seen, l.Host) {
			continue
		}
		seen = append(seen, l.Host)
		names := r.hosts.in(l.Host)
		if len(names) == 0 || len(r.catalogue.Owners(l.Host)) > 0 {
			continue
		}
		for _, n := range names {
			if !r.catalogue.Leads(n.brand, l.Host) {
				found.add(Claim{Brand: n.brand, Alias: l.Host, Place: LinkHost, Strength: Weak, Seen: cut(l.URL, maxSeenBytes), Folded: n.name})
			}
		}
	}
}
