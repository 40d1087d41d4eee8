package redact

const (
	// MaxKnown is how many recipients are looked for in each of the ways. Further ones
	// are hidden where they stand as addresses in a domain of the known ones.
	MaxKnown = 50

	maxNamed       = 200       // other addresses taken from fields that name recipients
	maxFields      = 300       // header fields of one entity; further ones are left out
	maxFieldBytes  = 16 << 10  // of one field; a longer one is left out
	maxHeaderBytes = 128 << 10 // of the fields of one entity together
	maxParts       = 100       // of a message; further ones are left out
	maxDepth       = 10        // of parts inside each other; what is deeper is left out
	maxText        = 1 << 20   // decoded bytes of one text part; a longer one is cut
	maxTexts       = 2 << 20   // decoded bytes of all text parts together; further ones are left out
	maxHashed      = 16 << 20  // decoded bytes of a part that is left out, of which the hash is told
	maxAddress     = 320       // bytes of an address: 64, "@", 255 (RFC 5321, section 4.5.3.1)
	maxToken       = 8 << 10   // bytes of a word that is decoded to look inside
	minBare        = 4         // letters of a local part that is hidden where it stands alone
	maxLine        = 998       // RFC 5322, section 2.1.1
)
