package journal

import "time"

// MaxFound is how many records Find returns at most.
const MaxFound = 1000

const (
	maxQueued      = 4096     // decisions that wait to be written
	maxQueuedBytes = 32 << 20 // of their facts and recipients; one decision alone may have more
	maxBatch       = 256      // decisions in one transaction
	maxPruned      = 1024     // decisions that one step removes; more than a batch, or it would never catch up
	maxFreed       = 256      // pages that one step gives back to the file system
	maxFactBytes   = 16 << 20 // of one record's facts as JSON, when they are read

	pageDecisions  = 256    // decisions that a reader has in hand
	pageRecipients = 20_000 // and their recipients, one decision at least

	batchTime   = 200 * time.Millisecond // how long the first of a batch waits for others
	idleTime    = time.Minute            // between two looks at what has ended, without traffic
	retryTime   = 30 * time.Second       // between two attempts to open
	busyTimeout = 5 * time.Second        // wait for another process's transaction
	walBytes    = 4 << 20                // of the write-ahead log that stay on disk
)
