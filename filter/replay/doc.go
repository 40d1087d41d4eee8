// Package replay judges archives of mail, with the same gate as the daemon, and
// sums up what came of them: to try a policy or a catalogue on mail that one
// already has, and to measure how much is caught and how much honest mail is
// hurt.
//
// Messages are judged by several workers, and told in the order of the archive
// whatever the order in which they are done. A run writes a line of JSON for each
// message; a state file holds the same lines, so that a run that was interrupted
// goes on where it stopped.
//
// Labels say what a message truly is. Of the kind "impersonation" is mail that
// poses as a brand and should be caught; spam, scam, legit and ham should not be
// held for a brand claim, since none in it is false. Mail of any other kind is counted
// but speaks neither for nor against. Shares are given with the 95 % interval of
// Wilson (Journal of the American Statistical Association 22, 1927, 209-212),
// which holds for small numbers and for shares near 0 and 1.
//
// Memory does not grow with the archive, but for the names in a state file: a
// few messages are open at a time, and lists keep MaxListed entries.
package replay
