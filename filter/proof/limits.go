package proof

import "time"

// Limits on checking one message; Options can change them.
const (
	// DefaultTimeout is how long the checks may take together.
	DefaultTimeout = 15 * time.Second

	// DefaultLookups is how many questions may go to DNS servers. SPF may need
	// 10 terms of up to 10 addresses each (RFC 7208, section 4.6.4), DMARC 8
	// (RFC 9989) and DKIM 8; hardly any message needs 30.
	DefaultLookups = 150

	// maxSeals is how many sets of an ARC chain, the newest first, are asked what
	// they saw. Few chains have more than three.
	maxSeals = 10
)
