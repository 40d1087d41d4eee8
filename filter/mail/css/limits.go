package css

const (
	// MaxSheet is the number of bytes that are read over all style sheets of a
	// document.
	MaxSheet = 256 << 10

	// MaxRules is the number of selectors with a declaration that matters that are
	// kept.
	MaxRules = 2000

	// MaxSelector is the number of compounds in one selector.
	MaxSelector = 16

	// MaxAncestors is the number of different compounds before the last of a
	// selector.
	MaxAncestors = 64

	// MaxClasses is the number of classes of one element or compound that are looked
	// at.
	MaxClasses = 16

	// MaxMatches is the number of rules that are tried over all elements of a
	// document.
	MaxMatches = 250_000

	// maxBlocks is how deep blocks in blocks are followed.
	maxBlocks = 16
)
