package fact

// Limits of one message's facts; a message within all of them takes a few
// kilobytes as JSON.
const (
	MaxMailboxes   = 16   // From, Sender and Reply-To, each
	MaxAttachments = 50   // parts that are no text to be read
	MaxLinks       = 200  // links to be followed, each host and kind once
	MaxClaims      = 60   // claims
	MaxIdentities  = 30   // proved domains, and signatures
	MaxDeviations  = 60   // names of deviations
	MaxText        = 500  // bytes of a subject, name or address
	MaxURL         = 1000 // bytes of a link
)
