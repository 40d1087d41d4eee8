package campaign

import "time"

const (
	window    = time.Hour           // in which messages count together
	openTime  = 6 * time.Hour       // an incident without another copy for so long is over
	keepTime  = 30 * 24 * time.Hour // then it is listed
	peakTime  = 24 * time.Hour      // in which what a sender is used to halves
	saveEvery = time.Minute         // the file is that old at most, but for new incidents
)

// What raises an incident.
const (
	manyMessages   = 20  // of one sender within the window, or
	manyRecipients = 100 // of one sender within the window, in
	fewMessages    = 3   // messages at least
	unusual        = 4   // times more than the sender's busiest window before
	manyOrgs       = 3   // that make the same claim within the window
)

// What makes two bodies alike.
const (
	nearBits    = 6    // of 64 that differ: copies of one text, whatever they link to
	likeBits    = 16   // of 64 that differ, behind links of the same shape
	shingle     = 4    // characters that are hashed together
	minShingles = 40   // of a text that can be told from others
	maxShingles = 4096 // that are looked at
)

// FileName is the file of incidents in the state folder.
const FileName = "campaigns.json"

// Memory.
const (
	maxSenders    = 4096
	maxClaims     = 4096 // clusters of one claim
	maxAlike      = 64   // clusters of one brand
	maxOrgs       = 16   // organisations of a cluster or incident
	maxBrands     = 10   // brands of an incident
	maxSites      = 8    // sites of one message, and of a cluster
	maxShapes     = 20   // hosts whose shape is looked at
	maxShapeBytes = 300
	maxEarlier    = 20  // messages before an incident that are remembered
	maxTraces     = 100 // traces of an incident, the earliest
	maxIncidents  = 200
	maxFileBytes  = 16 << 20
)
