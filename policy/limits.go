package policy

const (
	maxFileBytes = 64 << 10 // one policy file
	maxFiles     = 200_000  // domain files of one directory
	maxGroups    = 10_000   // group files
	maxDepth     = 8        // groups that build on each other
	maxDomains   = 2_000    // domains named by one group file
	maxMailboxes = 100      // entries of one file; each is held against every recipient of the domain
	maxPoints    = 100      // one finding's points
	maxThreshold = 1000     // a threshold's points
	maxPrefix    = 128      // bytes of the subject prefix, which shares a line with the subject
	maxReply     = 200      // bytes of a reply text
	maxKeepDays  = 3650

	maxAllowance  = 100_000 // false alarms
	maxBudgetDays = 365

	maxForwarders  = 100 // entries of one file's list; each is held against a message that failed
	maxNetworks    = 32  // of one entry
	minNetworkBits = 8   // registries give no one more
	maxReason      = 200 // bytes; of an owner too

	maxExceptions = 500  // entries of one file; each is held against every message
	maxBrands     = 1000 // brands that a policy treats in a way of its own
	maxBrandID    = 64   // bytes
	maxGlob       = 64   // bytes of a pattern for local parts, which have as many (RFC 5321, section 4.5.3.1.1)
	maxGroupName  = 64   // bytes
)
