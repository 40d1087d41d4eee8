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

	// MaxPeople is how many people one protected organisation may have.
	MaxPeople = 2000

	minFooterRunes = 8   // characters of a footer print
	minAliasRunes  = 2   // shorter names would be found everywhere
	minJoined      = 8   // bytes a name of several words needs to be known without its blanks too
	minTwinned     = 4   // letters a Latin name needs to be known with l for i
	longTwin       = 6   // letters from which l may stand for i; in shorter names only 1 may
	shortName      = 4   // names of the broad tier below this many characters count only as written
	shortKana      = 3   // kana names up to this length count only as whole katakana words
	minNear        = 6   // letters of a name whose misspellings by one edit are looked for
	minNearShort   = 7   // and of one that may lack two inner letters
	minNearTwice   = 9   // and of one for two edits
	maxNearEdits   = 2   // most edits of a misspelling
	maxPersonWords = 6   // words of a person's name
	maxPersonBytes = 512 // bytes of a display name searched for people
	maxNameWords   = 32  // and its words
	maxTitleBytes  = 40  // of a title behind a name without a blank
	maxNearBytes   = 40  // longest such name
	maxNearText    = 128 // longest text in which misspellings are looked for, in bytes
	maxNearWords   = 8   // and its most words
	maxNearRun     = 4   // most words of a misspelt name
	maxHost        = 253 // bytes of a host name, RFC 1035 section 2.3.4
	maxLabel       = 63  // bytes of a label, there too
)
