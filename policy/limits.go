package policy

const (
	maxFileBytes = 64 << 10 // one policy file
	maxFiles     = 200_000  // domain files of one directory
	maxPoints    = 100      // one finding's points
	maxThreshold = 1000     // a threshold's points
	maxPrefix    = 128      // bytes of the subject prefix, which shares a line with the subject

	maxForwarders  = 100 // entries of one file's list; each is held against a message that failed
	maxNetworks    = 32  // of one entry
	minNetworkBits = 8   // registries give no one more
	maxReason      = 200 // bytes
)
