package brand

// Confidence says how sure the domain list of a brand is.
type Confidence string

// What the values mean: High, the main names were confirmed by a second source;
// Medium, they were not, or the list is known to be partial; Low, the names
// stand for many independent bodies, so a claim of them is weak.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Tier says how much a claim of a brand weighs.
type Tier string

// What the values mean: Full, the names and domains were gathered with care and a
// claim counts by itself; Broad, the organisation is known by name and main
// domains alone, so that a claim needs something else that speaks for it.
const (
	Full  Tier = "full"
	Broad Tier = "broad"
)

// Alias is one name that people know a brand by.
type Alias struct {
	Name      string
	Ambiguous bool     // also an everyday word, a personal name or another firm's name
	Exact     bool     // counts only in the letter case (or all capitals) and the kana script it is written in
	Not       []string // longer words that hold the name and mean something else
	Footer    bool     // no name but a footer print, see Brand.FooterPrints
}

// Brand is one entry of the catalogue.
type Brand struct {
	ID                 string // kebab case, unique
	Name               string
	Category           string
	Countries          []string
	Languages          []string
	OwnerGroup         string     // brands of one owner prove each other; "" for none
	Confidence         Confidence // of the domain list; never empty
	Tier               Tier       // never empty
	Aliases            []Alias
	Domains            []string // registrable names the brand or its owner runs; sub-names count
	Suffixes           []string // public suffixes registered only to this owner's kind (go.jp)
	TLDs               []string // top-level names run by the owner
	MailDomains        []string // host names seen as senders, a subset of what Domains allow
	ESPDomains         []string // another firm's domain that sends for the brand
	AssetHosts         []string // registrable names of images and scripts; may be linked, never senders
	UserMail           []string // names under which customers write; prove nothing
	UserMailSubdomains bool     // customers' names lie under UserMail as well
	ReportMail         []string
	ReportPages        []string
	FooterPrints       []string // what only the brand's own mail has at its end: its postal address, say
	Advice             Advice
	Own                bool     // an organisation of the operator's own
	People             []Person // of such an organisation, who are to be protected
}
