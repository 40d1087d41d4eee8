package banner

const (
	// MaxBody is the size in bytes of the largest body that gets a banner. The
	// MTA is sent all of it once more, so that for as long as that takes there
	// are two copies beside the original.
	MaxBody = 16 << 20

	// MaxText is the number of decoded bytes of the longest text that gets one.
	MaxText = 2 << 20

	// MaxParts is how many parts, containers included, a message may have, and
	// MaxDepth how many containers may lie in each other.
	MaxParts = 200
	MaxDepth = 20

	// MaxFields is how many header fields a part may have.
	MaxFields = 200

	// MaxBrand is the number of characters of a brand's name that are shown.
	MaxBrand = 60

	maxValue = 900 // bytes of a Content-Type that is written anew: it becomes one line (RFC 5322, section 2.1.1)

	maxLine = 76 // characters of an encoded line: RFC 2045, sections 6.7 and 6.8
)
