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
	minWithin     = 8  // letters of a name found in the middle of a word, where anybody writes what he likes
	maxWithin     = 16 // and of the longest one looked for there
	maxHostToken  = 32 // letters of the longest name looked for inside a word
	maxHostWords  = 3  // words between hyphens that one name may have
)

// hostNames are the names of brands as they are spelled in host names: letters
// and digits only.
type hostNames struct {
	catalogue *brand.Catalogue
	tokens    map[string][]hostName
	squat     map[string]struct{}
	pressing  map[string]struct{}
	pairs     map[string]struct{} // letters that follow each other in everyday words
}

// hostName is one name of a brand.
type hostName struct {
	brand    string // catalogue id
	name     string // as looked for
	broad    bool   // of the broad tier
	faint    bool   // short, or also an everyday word: counts in company only
	everyday bool   // also an everyday word
	composed bool   // a letter and a word of impostors, such as ymail: ends other words by chance
	odd      bool   // holds two letters that follow each other in no everyday word: no chance in others
}

// squatWords are what impostors put beside a brand's name in one label.
const squatWords = `account accounts activity admin alert alerts app auth authentication bank banking bill billing bonus box cancel card cards care center check claim client co com confirm confirmation contact customer customers delivery device expired failed fee free gift help helpdesk home id identity info information invoice jp japan limited link locked login logon mail mailer member members mypage my net news no noreply notice notification notify offer offers official online order orders org package page parcel password pay plus payment payments pending point points portal post prize promo recover recovery refund renew renewal reply resolve restore review reviews reward rewards safe safety sale secure security server service services session shop shopping sign signin sms statement statements store support survey surveys suspended team track tracking unlock unusual update updates us user validate validation verification verify vip wallet warning web win`

// foreignSquat are the same in other languages.
const foreignSquat = `acceso accesso acesso aktualisierung anmeldung aplicativo assistance assistenza atendimento banca banco banque cadeau cliente clientes clienti client colis compte conferma confirmacao confirmacion conta conto cuenta dostawa entrega envio espace factura fatura fattura gutschein klant klanten konto kunde kunden kundenservice livraison mijn mein meine meu mon notificacion paczka pagamento pago pagos paket premio promocao rechnung regalo securite seguranca seguridad sendung servico servicio servizi sicherheit sicurezza soporte suporte suivi verificacao verifica verifizierung zahlung`

// pressingWords are those of them with which accounts are asked for; few firms
// register them beside an everyday word that is another's name.
const pressingWords = `account accounts alert alerts auth authentication billing confirm confirmation customer customers locked login logon password payment recovery refund secure security signin statement suspended unlock validation verification verify`

// plainLabels are first labels of brands' domains that are words for other things
// too.
var plainLabels = [...]string{"bank", "canada", "chat", "courts", "customs", "digital", "donotreply", "dynamics", "economia", "family", "global", "inter", "justice", "live", "mbank", "medicare", "metro", "notifications", "office", "outlook", "prime", "snap", "state", "tokyo", "treasury", "windows"}

// newHostNames collects the names of c's brands: aliases, and the first labels of
// own domains.
func newHostNames(c *brand.Catalogue) hostNames {
	h := hostNames{catalogue: c, tokens: map[string][]hostName{}, squat: map[string]struct{}{}, pressing: map[string]struct{}{}, pairs: map[string]struct{}{}}
	for _, w := range strings.Fields(squatWords + " " + foreignSquat) {
		h.squat[w] = struct{}{}
	}
	for _, w := range strings.Fields(pressingWords) {
		h.pressing[w] = struct{}{}
	}
	for w := range c.EverydayWords() {
		for i := range len(w) - 1 {
			h.pairs[w[i:i+2]] = struct{}{}
		}
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
		if !strings.HasPrefix(label, "xn--") && !slices.Contains(b.TLDs, suffix) {
			name.name = joined(label)
			name.everyday = common(name.name)
			if b.Category == "government" { // an office is called after its work, or by its first letters
				if name.everyday || len(label) < minAloneToken {
					continue
				}
				name.everyday = true
			}
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
	_, n.composed = h.squat[token[1:]]
	n.odd = len(token) >= minEmbedded && h.odd(token)
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

// strength is how much the name claims in a domain of the author's choice.
func (n hostName) strength() Strength {
	if n.faint {
		return Weak
	}
	return Medium
}
