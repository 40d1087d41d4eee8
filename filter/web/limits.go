package web

import "time"

const (
	maxForm      = 16 << 10 // bytes of a request's body
	maxHeaders   = 32 << 10 // bytes of a request's header
	maxQuery     = 200      // bytes of a search
	maxDays      = 3660     // that a search goes back
	maxReason    = 300      // bytes of an exception's reason
	maxException = 365      // days

	perPage         = 50
	maxShownReports = 200 // in the list of reports

	maxShownFields = 200       // header fields of a message
	maxShownField  = 2 << 10   // bytes of one of them
	maxShownText   = 64 << 10  // bytes of its text
	maxShownLinks  = 100       //
	maxShownParts  = 100       //
	maxShownHTML   = 512 << 10 // bytes of its HTML part that are rewritten
	maxDefanged    = 5000      // URLs in a text; the text is plain in any case
	maxParsed      = 16 << 20  // bytes of a message that are read for its page; a longer one can be downloaded
	maxReading     = 4         // messages read at a time; who comes next waits
	maxRefusals    = 30        // refused links a minute that are written down; all are counted
	maxShownAudit  = 200       // lines
	maxAuditRead   = 256 << 10 // bytes at the end of the audit log that are read for them

	sessionIdle   = 30 * time.Minute
	sessionLife   = 12 * time.Hour
	sessionRotate = 15 * time.Minute
	sessionGrace  = 30 * time.Second // an id that was replaced: requests under way still have it
	maxSessions   = 10_000
	maxOfUser     = 20 // sessions of one user; the oldest ends

	nameTries    = 10 // failed log-ins for a name
	addressTries = 30 // failed log-ins from an address
	triesWindow  = 15 * time.Minute
	maxTracked   = 20_000 // names and addresses that have failed

	providerTime = 10 * time.Minute // between leaving for the provider and coming back
	askProvider  = 15 * time.Second // one request to it
	maxLeft      = 1000             // people on their way

	maxPolicyLines = 2000
	maxExplainID   = 998 // bytes: a message id is on one line (RFC 5322, section 2.1.1)
	maxAccounts    = 20  // decisions under one id that are told
	maxGroups      = 100 // groups of messages in the list of campaigns
	chartHours     = 24
	chartAge       = 10 * time.Second // how long one count serves
	maxCharts      = 100
)
