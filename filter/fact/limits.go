package fact

// Limits of one message's facts; a message within all of them takes a few
// kilobytes as JSON.
const (
	maxMailboxes   = 16   // From, Sender and Reply-To, each
	maxAttachments = 50   // parts that are no text to be read
	maxLinks       = 200  // links to be followed, each host and kind once
	maxClaims      = 60   // claims
	maxIdentities  = 30   // proved domains, and signatures
	maxDeviations  = 60   // names of deviations
	maxText        = 500  // bytes of a subject, name or address
	maxURL         = 1000 // bytes of a link
)
