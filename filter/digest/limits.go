package digest

import "time"

const (
	maxEntries = 50      // in one digest; the rest is a number
	maxBrands  = 5       // whose advice is in one digest
	maxRead    = 4 << 20 // bytes of a message that is read for its subject; of a longer one the journal tells
	maxText    = 120     // characters of a text of a sender's
	maxMarks   = 2       // marks on one character: more of them run over the lines around
	maxOwn     = 4       // names of a brand
	maxSent    = 10_000  // digests to one domain in one round

	firstPause = time.Minute // before a recipient who was refused is tried again, twice as long each time
	lastPause  = 6 * time.Hour
	maxPauses  = 10_000 // recipients whose pauses are remembered
)
