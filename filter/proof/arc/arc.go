package arc

import (
	"time"

	"sekisho/filter/proof/authres"
)

// Result is a chain validation status (RFC 8617, section 4.4), or TempError. The
// zero value means that nobody looked.
type Result string

const (
	None Result = "none" // there is no chain
	Pass Result = "pass"
	Fail Result = "fail" // worth no more than none (section 5.2)

	// TempError says that a key could not be fetched and nothing else was found
	// wrong. RFC 8601 has no such word for ARC: write "fail" where others read it.
	TempError Result = "temperror"
)

// Set is what one handler of the message added (RFC 8617, section 4.2).
type Set struct {
	Instance  int       // i=, from 1
	Domain    string    // sealer: d= of the ARC-Seal, A-label in lower case
	Selector  string    // s= of the ARC-Seal
	Algorithm string    // a= of the ARC-Seal, as in "rsa-sha256"
	KeyBits   int       // of the ARC-Seal's key: RSA modulus bits, 256 for ed25519; 0 when no key was read
	CV        Result    // cv=: what the sealer found of the chain before it
	Signer    string    // d= of the ARC-Message-Signature, nearly always that of the seal
	Sealed    time.Time // t= of the ARC-Seal; zero when absent

	// Results is the rest of the ARC-Authentication-Results field behind "i=N;":
	// authserv-id and results, folded as they came and not safe to print.
	Results string
}

// AuthResults reads Results. An error says why nothing in them may be believed.
func (s Set) AuthResults() (authres.Field, error) { return authres.Parse(s.Results) }

// Check is the outcome for a message.
type Check struct {
	Result Result
	Length int    // highest instance seen; 0 when there is no chain
	Sets   []Set  // by instance, from 1; nil when the chain is not whole; what a chain that does not pass says is not to be believed
	Reason string // for people; never contains CR, LF or controls

	// OldestPass is the lowest instance whose ARC-Message-Signature still
	// verifies, with all above it; 0 when all do: the message is as the first
	// sealer saw it (RFC 8617, section 5.2). Only where Result is Pass.
	OldestPass int
}

// OldestTrusted returns the oldest set that may be believed: its sealer and each
// later one are trusted. A sealer can write whatever it likes about what came
// before it, so trust ends at the first one that is not trusted, from the newest
// on. False if the chain does not pass or its newest sealer is not trusted.
func (c Check) OldestTrusted(trusted func(domain string) bool) (Set, bool) {
	if c.Result != Pass {
		return Set{}, false
	}
	i := len(c.Sets)
	for i > 0 && trusted(c.Sets[i-1].Domain) {
		i--
	}
	if i == len(c.Sets) {
		return Set{}, false
	}
	return c.Sets[i], true
}
