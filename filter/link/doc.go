// Package link makes and checks the links in mail to recipients.
//
// A link is the authority to act on one item of the quarantine for the one recipient
// whom it is held for, until a time. It names the item, the recipient (as an HMAC: an
// address has no place in the logs of proxies), the digest that it was sent in and the
// time, and ends in an HMAC with SHA-256 (RFC 2104) over all of it. Nothing is looked
// up for one that is not genuine. That it is good once is for the quarantine to see to,
// which knows it by its ID.
//
// The keys are in a file: 32 bytes in base64 on each line. The first one signs, all
// check: to change keys, put a new one on the first line, and take the old one away
// when its links have expired. Hosts that share a quarantine share the file.
//
// Limits are in limits.go: keys in the file, length of a link.
package link
