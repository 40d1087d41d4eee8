// Package load gives messages their turn, so that no more are worked on at once than
// the processors can do, and says how much is to be left out while they wait.
//
// What counts is how long messages wait, as in CoDel (RFC 8289): a queue that is
// never empty for a whole interval is overload, one that a burst makes and that is
// worked off is not. So it holds for few processors and for many, for light messages
// and for heavy ones. While even the message that waited least in an interval has
// waited too long, the level rises by one step; once one waits less than half of
// that, it falls by one. Memory counts in the same way.
//
// Limits: maxSteps, and those that the settings name.
package load
