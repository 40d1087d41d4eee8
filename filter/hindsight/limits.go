package hindsight

const (
	// MaxListed is how many differences a Summary keeps; how many there were is
	// counted beyond it.
	MaxListed = 500

	tableRows = 20  // rows of a long list in a table for a terminal
	samples   = 10  // differences that a table for a terminal shows
	batchSize = 64  // records that a worker takes at once
	inFlight  = 4   // batches per worker that may wait for one before them
	maxWhy    = 300 // bytes of a reason in a table
)
