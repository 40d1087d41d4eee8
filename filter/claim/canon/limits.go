package canon

const (
	// MaxSource is how many bytes of a text are folded; what is beyond them is
	// left out, with Text.Cut set.
	MaxSource = 16 << 20
	// MaxGrowth bounds the output: it is at most MaxGrowth times as long as the
	// source. Compatibility characters that stand for more (U+FDFA) stay as
	// they are.
	MaxGrowth = 6
	// MaxSqueeze is the longest source, in bytes, that Squeeze looks into; a
	// longer one is only folded.
	MaxSqueeze = 2000
	// MaxCut is how many bytes of a text Cut looks at for what is to be seen.
	MaxCut = 64 << 10

	memoSize       = 128      // costly characters whose folding is remembered
	maxKeptBytes   = 64 << 10 // of a folding's memory that is kept for the next
	minLeetLetters = 3        // letters a word needs before its 0 and 1 are read as letters
	maxLeetRun     = 2        // digits in a row that may be letters; longer runs are numbers
	maxLeetRow     = 3        // digits in a row that Squeeze reads as letters
	minGlued       = 3        // letters that stand apart before one that a word follows
	maxLeetWord    = 40       // bytes of a word looked at to each side of such a digit
	minFlagLetters = 5        // regional indicators in a row that are read as letters; two are a flag
	minDoubled     = 7        // letters of a Latin word whose last letter may be doubled
)
