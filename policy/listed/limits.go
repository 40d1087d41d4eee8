package listed

const (
	// MaxFile is the largest list, in bytes.
	MaxFile = 64 << 20
	// MaxFiles is how many lists are read.
	MaxFiles = 100
	// MaxEntries is how many entries all lists may have together.
	MaxEntries = 1_000_000
	// MaxRefused is how many entries that were left out are told one by one.
	MaxRefused = 100

	maxEntry = 4 << 10 // bytes of one entry
	maxHost  = 253     // of a host name, RFC 1035 section 2.3.4
)
