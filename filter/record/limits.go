package record

import "time"

// Limits of what the metrics hold. Policies, brands, own rules and exceptions are
// the operator's: closed sets, but of any size. Each metric that has one of them as
// a label keeps series of their own for those that come first, and counts what comes
// later together, as "other". A restart begins anew.
// All of them together make fewer than 25,000 series; a test of package daemon holds
// what a whole daemon has.
const (
	maxPolicySeries  = 2500 // of each metric by policy and verdict: 500 policies with five verdicts
	maxFindingSeries = 5000 // by finding and policy
	maxBrandSeries   = 3000 // by brand and place, and by brand and verdict
	maxOtherSeries   = 1000 // by policy and exception, and by policy and forwarder
	maxRules         = 200  // own rules, among the findings and of those that fail
	maxReadLimits    = 100  // names of reading limits
)

// Native histograms have buckets of growing width, each at most so much wider than
// the one before, beside the fixed ones. Where there are too many the histogram
// begins anew, unless it did so a short while ago: then its buckets get wider.
const (
	nativeFactor   = 1.1
	nativeBuckets  = 160
	nativeMinReset = time.Hour
)

// other is what a label says of all that has no series of its own.
const other = "other"
