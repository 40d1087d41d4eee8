package authres

// Limits on what Parse reads. A value past one of them is refused.
const (
	MaxValueBytes = 16 << 10 // value of the field with its folding
	MaxResults    = 64       // results in a field
	MaxProperties = 32       // properties of a result
	MaxNesting    = 16       // comments within comments
)

// Limits on what Format writes, so that a line stays below the 998 octets of
// RFC 5322, section 2.1.1. Longer text is cut at a rune.
const (
	MaxTextBytes = 400 // a property value, a reason, a comment or the authserv-id
	MaxWordBytes = 64  // a method, result word, property type or property name
	foldAt       = 78  // RFC 5322, section 2.1.1: lines should not be longer
)
