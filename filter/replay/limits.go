package replay

import "time"

const (
	// MaxListed is the number of messages that each list of a Summary keeps; how
	// many there were is counted beyond it.
	MaxListed = 500

	// MaxPoints is the last bar of the histogram: it counts all from there on.
	MaxPoints = 30

	// MaxStateLine is the longest line of a state file that is read, in bytes. A
	// longer one is an error: no run has written it.
	MaxStateLine = 8 << 20

	// MaxLabelColumns is the number of columns of a labels file.
	MaxLabelColumns = 100

	// inFlight is how many messages per worker may wait for one before them to be
	// told.
	inFlight = 16

	// maxShown is the number of bytes kept of a From or Subject for people.
	maxShown = 300

	// drawEvery is the time between two states of a progress line on a terminal,
	// and tellEvery between two lines elsewhere.
	drawEvery = 200 * time.Millisecond
	tellEvery = 10 * time.Second
)
