package proof

import "time"

// Limits on checking one message; Options can change them.
const (
	// DefaultTimeout is how long the checks may take together.
	DefaultTimeout = 15 * time.Second

	// DefaultLookups is how many questions may go to DNS servers, the author's
	// policy left aside. SPF may need 10 terms of up to 10 addresses each (RFC
	// 7208, section 4.6.4), DKIM 8 and DMARC 8 for each identifier within the
	// author's organisation (RFC 9989); hardly any message needs 30.
	DefaultLookups = 150

	// policyLookups is how many may go there for the author's policy: 8 for the tree
	// walk (RFC 9989, section 4.10), and 3 at most to know whether the domain exists.
	policyLookups = 11

	// maxSeals is how many sets of an ARC chain, the newest first, are asked what
	// they saw. Few chains have more than three.
	maxSeals = 10
)
