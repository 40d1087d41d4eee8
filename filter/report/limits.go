package report

import "time"

const (
	maxRead     = 50 << 20  // bytes of a message that is read; of a larger one no report is made
	maxEvidence = 512 << 10 // bytes of a message in a report; of a longer one the header is shown
	maxLinks    = 20        // in one report
	maxURI      = 984       // bytes of one, so that its field is one line (RFC 5322, section 2.1.1); a longer one is left out
	maxDomains  = 20        // reported in one report
	maxProved   = 5         // domains that the text names
	maxShown    = 200       // characters of a text of the sender's
	maxDesks    = 50        // in the file
	maxPerRound = 100       // reports sent in one round

	dateForm = time.RFC1123Z
)
