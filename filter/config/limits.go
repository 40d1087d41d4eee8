package config

import "time"

const (
	maxFileBytes  = 1 << 20
	maxListen     = 32  // sockets
	maxServers    = 16  // DNS servers
	maxBrandFiles = 100 // files of brands, and lists
	maxGateways   = 32  // gateways whose results are believed
	maxNetworks   = 64  // of one gateway
	minNetwork    = 8   // bits: who believes a whole registry's addresses believes anyone
	maxSocketPath = 107 // bytes of a unix socket's path: sun_path of unix(7) less its NUL

	minTime        = 10 * time.Millisecond // below this no look-up and no check ends in time
	maxDNSTime     = time.Minute
	maxMessageTime = time.Hour // Postfix waits for milter_content_timeout, 300 s unless changed
	maxShutdown    = time.Hour
	minWatch       = 100 * time.Millisecond // between two looks a change has to show in a file's time
	maxWatch       = time.Hour

	maxDigestDomains = 10_000
	maxDigestTimes   = 24
	minLinkLife      = time.Hour
	maxURL           = 200 // bytes; refusals have it too
	maxLinkLife      = 90 * 24 * time.Hour

	maxReportsPerDay = 10_000
	maxAbuseDesks    = 1000

	minKeep         = time.Hour
	maxKeep         = 10 * 366 * 24 * time.Hour
	minJournalBytes = 1 << 20
	maxJournalBytes = 1 << 40

	maxConnections  = 1 << 20
	minMessageBytes = 64 << 10  // below this ordinary mail does not fit
	maxMessageBytes = 256 << 20 // the most that the quarantine takes
	minHeaderBytes  = 64 << 10  // below this mail with long lists of recipients does not fit
	maxHeaderBytes  = 64 << 20
	minHeaderFields = 100 // mail over many relays has more than fifty
	maxHeaderFields = 100_000
	minRecipients   = 100 // RFC 5321, section 4.5.3.1.8: a server takes at least 100
	maxRecipients   = 100_000
	maxMemoryBytes  = 1 << 40
	maxTurns        = 1 << 16
)
