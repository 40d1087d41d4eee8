// Package stamp proves that a message is one that we have sent ourselves.
//
// What leaves the quarantine passes the MTA, and with it this filter, once more. It
// bears a header field that nobody else can write: an HMAC with SHA-256 (RFC 2104,
// RFC 6234), by a key that only we have, over what is sent, to whom, for which item
// of the quarantine, and until when. The field is on top of the header and signed by
// nobody, so that DKIM signatures (RFC 6376) are as valid with it as after it was
// taken off.
//
// A stamp is good once: its nonce is known to the quarantine, which lets it be
// redeemed one time. This package does not see to that; it says what is genuine.
//
// The digest leaves out fields of the stamp's own name, and empty lines at the end
// of the body, which the way over SMTP may change. An MTA that mends a header adds
// at its end the fields that were missing (From, To, Date, Message-ID, or the Resent-
// ones of a message that was sent on): these are left out where the message is genuine
// without them.
//
// Limits are in limits.go: stamps looked at in one message, length of one, fields
// that may have been added.
package stamp
