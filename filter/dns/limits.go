package dns

import "time"

const (
	maxName    = 253      // bytes of a name in text, without the final dot (RFC 1035, section 3.1)
	maxLabel   = 63       // bytes of a label (RFC 1035, section 3.1)
	maxRecords = 256      // records read of one answer; those after it are left out
	maxTXT     = 16 << 10 // bytes of one TXT record; a longer one is left out
	maxAliases = 8        // CNAME records followed for one question

	udpSize    = 1232 // EDNS buffer that crosses every usual path unfragmented (RFC 6891, DNS flag day 2020)
	maxStray   = 16   // datagrams read that do not belong to the question before the server is given up
	maxRounds  = 2    // times each server is tried for one question
	maxServers = 8

	// maxInFlight bounds sockets. Ten busy messages with twenty look-ups each
	// stay far below it.
	maxInFlight = 512

	maxTTL         = 24 * time.Hour
	maxNegativeTTL = 15 * time.Minute // a domain that adds a record is seen soon (RFC 2308, section 5, allows hours)
	bareTTL        = 5 * time.Second  // negative answers without an SOA, which some forwarders strip
	failureTTL     = 2 * time.Second  // failures; RFC 9520, section 3.2, asks for at least one second

	defaultTimeout    = 5 * time.Second
	defaultTryTimeout = 1500 * time.Millisecond
	defaultCacheBytes = 32 << 20
	entryOverhead     = 256 // bytes counted for a cache entry besides its records
)
