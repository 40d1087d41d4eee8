package claim

import (
	"slices"
	"strings"

	"sekisho/policy/brand"
)

const (
	minHostToken  = 5  // letters of a name that counts in hosts by itself; shorter ones stand inside too many words
	minShortToken = 3  // and of one that counts in company
	minBroadToken = 6  // minHostToken for names of the broad tier
	minAloneToken = 4  // and of one that counts as a whole label
	minEmbedded   = 4  // letters of a name found with other letters beside it
	minInside     = 5  // the same in a label that somebody registered
	minMisspelt   = 8  // letters of a word that may misspell a name
	maxHostToken  = 32 // letters of the longest name looked for inside a word
	maxHostWords  = 3  // words between hyphens that one name may have
)

// hostNames are the names of brands as they are spelled in host names: letters
// and digits only.
type hostNames struct {
	catalogue *brand.Catalogue
	tokens    map[string][]hostName
	squat     map[string]struct{}
}

// hostName is one name of a brand.
type hostName struct {
	brand    string // catalogue id
	name     string // as looked for
	broad    bool   // of the broad tier
	faint    bool   // short, or also an everyday word: counts in company only
	everyday bool   // also an everyday word
}

// squatWords are what impostors put beside a brand's name in one label.
const squatWords = `account accounts admin alert alerts app auth bank bill billing bonus card cards care center check claim client co com confirm confirmation contact customer customers delivery gift help helpdesk home id info information invoice jp japan locked login logon mail mailer member members mypage my net news no noreply notice notification notify offer offers official online order orders org parcel password pay plus payment payments point points portal post prize promo refund reply reward rewards safe safety sale secure security server service services shop shopping sign signin sms statement statements store support survey surveys team track tracking unlock update updates us user verification verify vip wallet warning web win`

// plainLabels are first labels of brands' domains that are words for other things
// too.
var plainLabels = [...]string{"bank", "courts", "customs", "dynamics", "family", "free", "global", "inter", "link", "live", "mbank", "office", "outlook", "prime", "snap", "windows"}

// newHostNames collects the names of c's brands: aliases, and the first labels of
// own domains.
func newHostNames(c *brand.Catalogue) hostNames {
	h := hostNames{catalogue: c, tokens: map[string][]hostName{}, squat: map[string]struct{}{}}
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
				h.addBrand(c, b, everyday)
			}
		}
	}
	return h
}

func (h hostNames) addBrand(c *brand.Catalogue, b *brand.Brand, everyday map[string]bool) {
	name := hostName{brand: b.ID, broad: b.Tier == brand.Broad}
	common := func(token string) bool {
		return everyday[token] || c.Everyday(token) || slices.Contains(plainLabels[:], token)
	}
	for _, a := range b.Aliases {
		name.name = joined(strings.ToLower(a.Name))
		name.everyday = a.Ambiguous || common(name.name)
		h.add(name)
	}
	if name.broad {
		return
	}
	for _, d := range b.Domains {
		label, suffix, _ := strings.Cut(d, ".")
		if !strings.HasPrefix(label, "xn--") && !slices.Contains(b.TLDs, suffix) && b.Category != "government" {
			name.name = joined(label)
			name.everyday = common(name.name)
			h.add(name)
		}
	}
}

// add takes one token. Host names are compared as they are written, in ASCII, so
// tokens with other letters are left out. A name of the full tier keeps one of
// the broad tier out.
func (h hostNames) add(n hostName) {
	token := n.name
	n.faint = n.everyday || len(token) < minHostToken
	if len(token) < minShortToken || n.broad && (n.faint || len(token) < minBroadToken || len(h.tokens[token]) > 0) {
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
	for cutAt := minShortToken; cutAt < len(word); cutAt++ {
		if n := h.tokens[word[:cutAt]]; n != nil && h.isSquat(word[cutAt:]) {
			return n
		}
	}
	for cutAt := 1; cutAt <= len(word)-minShortToken; cutAt++ {
		if n := h.tokens[word[cutAt:]]; n != nil && h.isSquat(word[:cutAt]) && word[cutAt:] != ending {
			return n
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

// strength is how much the name claims in a domain of the author's choice.
func (n hostName) strength() Strength {
	if n.faint {
		return Weak
	}
	return Medium
}
