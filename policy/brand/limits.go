package brand

import "sekisho/policy/strictyaml"

const (
	// MaxAlias is the longest alias, in bytes after folding.
	MaxAlias = 120
	// MaxMatches is how many matches in one text are kept; the search ends there.
	MaxMatches = 4096
	// MaxFile is the largest data file, in bytes.
	MaxFile = strictyaml.MaxBytes
	// MaxFiles is how many files of operators are read.
	MaxFiles = 1000

	minAliasRunes = 2   // shorter names would be found everywhere
	minJoined     = 8   // bytes a name of several words needs to be known without its blanks too
	minTwinned    = 4   // letters a Latin name needs to be known with l for i
	longTwin      = 6   // letters from which l may stand for i; in shorter names only 1 may
	shortKana     = 3   // kana names up to this length count only as whole katakana words
	maxHost       = 253 // bytes of a host name, RFC 1035 section 2.3.4
	maxLabel      = 63  // bytes of a label, there too
)
