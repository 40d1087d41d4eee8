package quarantine

import "time"

const (
	// MaxMessage is the size in bytes of the largest message that is stored,
	// and the most that is ever unpacked from one file.
	MaxMessage = 256 << 20

	// MaxRecipients is how many recipients one entry may have. The settings of
	// the daemon allow no larger transaction.
	MaxRecipients = 100_000

	// MaxList is how many items List returns at most.
	MaxList = 10_000

	maxLooked   = 20_000                    // items that one Find looks at where no index answers
	maxWords    = 10                        // of a search; more are not looked for
	maxText     = 4096                      // bytes that a search looks through of one entry
	maxSubject  = 500                       // bytes kept of a subject
	maxID       = 64                        // bytes of an item's id
	defaultList = 100                       // items in a list that sets no limit
	maxBatch    = 64                        // entries in one transaction of the index
	maxCopies   = 1000                      // copies that one Deliver tries to send
	maxUntold   = 10_000                    // recipients that one Untold returns
	maxUnknown  = 3                         // tries to send a copy of which nobody knows what came
	maxErase    = 256                       // items erased in one transaction
	maxFree     = 16                        // files removed in one transaction, which keeps others from writing
	maxKeys     = 100                       // in a key file
	maxTries    = 5                         // of storing a message of which an equal one is being erased
	maxReplies  = 1 << 16                   // bytes of replies read from a release target
	maxWindow   = 8 << 20                   // bytes of zstd window that a file may ask for
	maxSealed   = MaxMessage + MaxMessage/8 // bytes of a message packed and sealed; packing makes what is random a little larger
	window      = 1 << 20                   // bytes of zstd window in files that we write

	orphanAge     = time.Hour           // before it a message without an entry may be one that is being stored
	traceOfErased = 90 * 24 * time.Hour // how long an erased item is told of

	maxReportTries = 12                 // of sending a report, over about a day
	reportPause    = time.Minute        // before the second one, twice as long each time
	reportWindow   = 7 * 24 * time.Hour // in which what says the same to the same target is one report
	reportDay      = 24 * time.Hour     // that ReportLimits are about

	maxRows       = 100                   // of one statement
	changeTimeout = time.Minute           // one transaction, so that a database that does not answer holds up nobody for ever
	retryPause    = 20 * time.Millisecond // before a transaction is tried again, times the number of tries

	busyTimeout    = 10 * time.Second // wait for another process's transaction
	releaseTimeout = 5 * time.Minute  // one delivery, unless the caller says otherwise
	stampGrace     = time.Minute      // that a stamp is good for longer than the delivery may take
	dialTimeout    = 15 * time.Second
	quitTimeout    = time.Second
)
