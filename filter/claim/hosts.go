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
}

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
	for b := range c.All() {
		for _, a := range b.Aliases {
			h.add(b.ID, joined(strings.ToLower(a.Name)), everyday)
		}
		for _, d := range b.Domains {
			if label, _, _ := strings.Cut(d, "."); strings.Contains(label, "-") && !strings.HasPrefix(label, "xn--") {
				h.add(b.ID, joined(label), everyday)
			}
		}
	}
	return h
}

// add takes one token. Host names are compared as they are written, in ASCII, so
// tokens with other letters are left out.
func (h hostNames) add(id, token string, everyday map[string]bool) {
	if len(token) < minHostToken || everyday[token] {
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
	for _, n := range h.tokens[token] {
		if n.brand == id {
			return
		}
	}
	h.tokens[token] = append(h.tokens[token], hostName{id, token})
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
// out.
func (h hostNames) in(host string) []hostName {
	suffix, _ := publicsuffix.PublicSuffix(host)
	rest := strings.TrimSuffix(strings.TrimSuffix(host, suffix), ".")
	var names []hostName
	for label := range strings.SplitSeq(rest, ".") {
		names = append(names, h.inLabel(label)...)
	}
	return names
}

// inLabel returns the names in one label or local part: as a whole, as words
// between hyphens, or joined with a word that impostors add.
func (h hostNames) inLabel(label string) []hostName {
	words := strings.FieldsFunc(label, func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '+'
	})
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
