package claim

// Place says where in the message a claim stands. The words are an interface:
// they appear in JSON, logs and metrics.
type Place string

const (
	FromName       Place = "from-name"       // display name of From
	SubjectBracket Place = "subject-bracket" // 【brand】 or [brand] that opens the subject
	Subject        Place = "subject"         // elsewhere in the subject
	Heading        Place = "heading"         // heading or opening lines of the body
	Signature      Place = "signature"       // signature block, copyright or operator line
	LinkText       Place = "link-text"       // visible text of a link
	LinkHost       Place = "link-host"       // host of a link, when it is not the brand's own
	FromAddress    Place = "from-address"    // local part or domain of the From address
	ReplyTo        Place = "reply-to"        // name or domain of Reply-To
	Asset          Place = "asset"           // a picture loaded from the brand's own host, while all links lead elsewhere
	LogoAlt        Place = "logo-alt"        // alt text of an image
	Body           Place = "body"            // running text: a mention
)

// Strength says how much a place claims. A mention is not a claim of being the
// brand and never stands alone.
type Strength string

const (
	Strong  Strength = "strong"
	Medium  Strength = "medium"
	Weak    Strength = "weak"
	Mention Strength = "mention"
)

// Claim is one statement by the message of being a brand.
type Claim struct {
	Brand     string // catalogue id
	Alias     string // the catalogue's alias that matched, or the domain for hosts
	Place     Place
	Strength  Strength
	Ambiguous bool   // the alias is also an everyday word: needs a second, independent place
	Shop      bool   // the name of a market with the word for a shop on it: 楽天市場店
	Beside    bool   // words of another name stand in the same text: "freee Support Yamada Office"
	Unnamed   bool   // the display name of From names nobody: it is empty or words of a service alone
	Veiled    bool   // characters that nobody sees stand inside the name
	Seen      string // the text as the reader sees it, cut to 200 bytes at a rune edge
	Folded    string // the part that matched, after folding
}
