// Package check judges RFC 5322 files without an MTA, with the same gate as the
// daemon.
//
// The envelope comes from the caller. Proof comes from DNS, from the topmost
// Authentication-Results field of the file (RFC 8601), or from nobody.
//
// Files are judged one after the other. One has at most mail.MaxFile bytes; each
// has the time limit of Options.
package check
