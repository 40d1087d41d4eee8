package act

const (
	// MaxRemovals is how many forged fields a delivered message may carry. The
	// MTA walks its queue file for each removal, so thousands of them are an
	// attack on the MTA: a message with more is refused, or held as its
	// recipients' policies say, but never delivered.
	MaxRemovals = 256

	// MaxSubjects is how many Subject fields get the visible prefix. RFC 5322,
	// section 3.6, allows one; clients disagree about which of several counts.
	MaxSubjects = 4

	// MaxSubject is the length in bytes of the longest subject that gets the
	// visible prefix. A longer one is delivered with the other fields only.
	MaxSubject = 32 << 10

	// MaxListed is how many brands and how many findings the verdict field names.
	MaxListed = 32

	// MaxPrefix is the length in bytes (UTF-8) of a subject prefix; a longer one
	// is cut at a rune edge.
	MaxPrefix = 128

	// MaxToken is the length in bytes of one value in a verdict field or of a
	// trace in a reply text.
	MaxToken = 128

	// MaxCopies is how many copies beside the one that stays a message is split
	// into; with more, all read one without visible tags.
	MaxCopies = 8

	bottom      = 1 << 15 // place in the header below all fields: more than any header has
	maxLine     = 78      // RFC 5322, section 2.1.1: characters a line should not pass
	maxWord     = 900     // a word is cut here, so that no line passes 998 (same section)
	maxName     = 76      // characters of a field name
	maxMIMELine = 76      // RFC 2047, section 2: a line that holds an encoded word
	wordText    = 39      // bytes of text in one encoded word: 64 characters encoded, fits behind "Subject: "
)
