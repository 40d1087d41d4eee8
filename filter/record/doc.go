// Package record keeps what was decided about a message and why, and tells it:
// as one log line, as metrics, as a JSON object, and as an account for people.
//
// A Decision is complete: the verdict can be explained from it alone. Label sets
// of metrics are closed (policy names, finding names, catalogue brands); personal
// data (recipients, sender addresses, subjects) stays out of the log unless
// switched on.
package record
