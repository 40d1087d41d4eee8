package dkim

// Limits on what is verified and reported. Those on what is read are in package
// signature. Together they bound one message with a body of 1 MB at about 40 ms
// of work, whatever it holds (BenchmarkHostile).
const (
	// MaxSignatures is how many signatures of a message are verified and
	// reported. Where there are more, those whose domain the caller prefers are
	// kept, then the topmost.
	MaxSignatures = 8

	// WeakKeyBits is the length below which an RSA key is noted as weak (RFC
	// 8301, section 3.2). Keys below 1024 bits prove nothing at all.
	WeakKeyBits = 2048
)
