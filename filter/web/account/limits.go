package account

const (
	// MinPassword is how many bytes a password has at least.
	MinPassword = 12

	maxPassword = 1 << 10
	maxName     = 64
	maxNote     = 100
	maxUsers    = 10_000
	maxTokens   = 20  // of one user
	maxScope    = 500 // domains, or addresses, of one user
	maxFile     = 64 << 20

	maxChecks = 2 // passwords checked at a time: each takes hashMemory
)
