package trial

import (
	"time"

	"sekisho/filter/proof/dkim"
)

// Limits of the tests of one directory. Past one of them is a mistake of the files,
// or of the run.
const (
	maxFiles      = 1000               // in tests/
	maxFileBytes  = 1 << 20            // one of them
	maxCases      = 5000               // over all files
	maxMessage    = 1 << 20            // bytes of one message
	maxBytes      = 32 << 20           // of all files and messages, which are in memory at once
	maxExpected   = 100                // recipients of one case with an expectation
	maxRecipients = 2000               // of one case's envelope
	maxName       = 200                // bytes of a case's name
	maxSignatures = dkim.MaxSignatures // stated for one case
	maxSeals      = 10                 // stated for one case, as many as are asked
	maxTime       = 30 * time.Second   // for all cases of one run
	maxTold       = 20                 // failures that an error tells; all others are counted
)
