package signature

import "time"

// Limit names the limit that a signature was past, for counting. The words are
// metric labels.
type Limit string

const (
	LimitField  Limit = "field"  // MaxFieldBytes
	LimitNames  Limit = "names"  // MaxSignedNames
	LimitTags   Limit = "tags"   // taglist.MaxTags
	LimitHeader Limit = "header" // MaxFields or MaxHeaderBytes
	LimitKey    Limit = "key"    // MaxKeyBytes, MaxKeyRecords or MaxKeyBits
)

// Limits on what is read. What is past one settles the signature, with a reason.
const (
	// MaxFieldBytes is the longest signature field that is read.
	MaxFieldBytes = 16 << 10

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
	// section 3.2); above MaxKeyBits verifying costs too much.
	MinKeyBits = 1024
	MaxKeyBits = 8192

	// MaxClockSkew is how far in the future t= may lie (RFC 6376, section 3.5).
	MaxClockSkew = 24 * time.Hour
)
