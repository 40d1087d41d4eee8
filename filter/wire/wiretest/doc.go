// Package wiretest plays the MTA's side of the milter protocol, for tests: what
// Postfix sends, and on request what no MTA would.
//
// It offers protocol version 6 and follows what the filter answers: it waits for
// replies only where they were agreed, and sends header values with or without
// their leading blank. It reads at most 1 MiB for one frame.
package wiretest
