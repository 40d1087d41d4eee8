package arc

// Limits on a chain. They bound one message with a body of 1 MB at about 40 ms
// of work, whatever it holds (BenchmarkHostile).
const (
	// MaxSets is the largest number of sets (RFC 8617, sections 4.2.1 and 5.2).
	MaxSets = 50

	// MaxResultsBytes is the longest ARC-Authentication-Results field that is
	// read.
	MaxResultsBytes = 16 << 10

	// MaxKeys is how many keys are looked up for one message. A chain whose seals
	// need more fails. Chains of more than five sets are rare, and a set needs one
	// key, seldom two.
	MaxKeys = 20

	// MaxKeyBits is the longest RSA key that is used. RFC 8301, section 3.2, asks
	// for no more, and a chain may cost 100 verifications.
	MaxKeyBits = 4096
)
