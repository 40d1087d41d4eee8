package dkim

import "time"

// Limits on what is read and reported. They bound one message with a body of
// 1 MB at about 40 ms of work, whatever it holds (BenchmarkHostile).
const (
	// MaxSignatures is how many signatures of a message are verified and
	// reported. Where there are more, those whose domain the caller prefers are
	// kept, then the topmost.
	MaxSignatures = 8

	// MaxSignatureBytes is the longest DKIM-Signature field that is read.
	MaxSignatureBytes = 16 << 10

	// MaxTags is the largest number of tags in a signature or key record.
	MaxTags = 64

	// MaxSignedNames is the largest number of names in h=.
	MaxSignedNames = 256

	// MaxFields and MaxHeaderBytes bound the header. The signatures of a larger
	// one are not verified.
	MaxFields      = 2000
	MaxHeaderBytes = 1 << 20

	// MaxKeyBytes is the longest key record that is read, and MaxKeyRecords the
	// number of TXT records looked at under one name.
	MaxKeyBytes   = 8 << 10
	MaxKeyRecords = 8

	// MinKeyBits is the shortest RSA key that can prove anything (RFC 8301,
	// section 3.2); below WeakKeyBits a key is noted as weak (same place);
	// above MaxKeyBits verifying costs too much.
	MinKeyBits  = 1024
	WeakKeyBits = 2048
	MaxKeyBits  = 8192

	// MaxClockSkew is how far in the future t= may lie (RFC 6376, section 3.5).
	MaxClockSkew = 24 * time.Hour
)
