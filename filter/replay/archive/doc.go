// Package archive lists the messages of mail archives and opens them one at a
// time.
//
// An archive is a folder with .eml files at any depth, a Maildir, an mbox file or
// a single message. A folder is read in the order of its names, so that two walks
// over an archive that nobody changed meet the same messages in the same order.
// Maildir (maildir(5)): a folder with cur and new; every file in those two is a
// message, those in tmp are not delivered yet. mbox (RFC 4155): messages begin at
// a "From " line at the top or below an empty line; one ">" is taken off ">From "
// lines, as the mboxrd form wants it.
//
// Limits: nothing but a name is kept of a message until it is opened. A line of
// an mbox may be of any length. The size of one message is limited where it is
// read, by mail.MaxFile.
package archive
