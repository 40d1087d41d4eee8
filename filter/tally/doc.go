// Package tally counts how often, and when last, each exception of the policies had
// an effect, over restarts: one that nobody needs any longer is to be seen.
//
// Counting is for one message at a time and never waits for the disk. The counts
// are written to a small file now and then, whole; after a crash those since the
// last time are missing. Exceptions that are gone are forgotten some time after
// their last hit.
//
// Limits: MaxEntries exceptions are counted, those hit longest ago go first.
package tally
