// Package redact takes the addresses of a message's recipients out of it, so that it
// can be shown to strangers as evidence.
//
// The local part of an address is replaced by a keyed hash, as RFC 6590 asks: the same
// address is the same word in all reports, and nobody without the key can tell whose
// it is or try guesses. The domain stays, since it is that of who reports. Hidden are
// the recipients that are known, all other addresses in their domains, and whoever
// else is named in the fields that name recipients.
//
// An address is found in header fields, encoded words (RFC 2047) and comments; in text
// parts of any charset and transfer encoding, which are decoded first; in full-width
// letters and with invisible characters inside; percent-encoded, as entities of HTML,
// in hexadecimal and in base64 in links; as its MD5, SHA-1 or SHA-256; as
// local=domain and the like; parted over lines that calendars fold; with its domain in
// either form (RFC 5890); and by its local part alone, or that without a detail, where
// it is a word of its own. Addresses of who is proved to have sent the message stay, even
// where To names them. HTML is read once more as its reader would see it. A part in which
// an address is left after all that is taken out whole.
//
// Parts that are not text are left out, with their type, size and hash in their place:
// a document or a picture may hold an address, and nobody can tell. Boundaries and
// parameters of parts are written anew. What comes out is 7-bit, with lines of at most
// 998 bytes (RFC 5322, section 2.1.1), so that it can stand in message/rfc822 as it is
// (RFC 2046, section 5.2.1). DKIM signatures do not survive this.
//
// What cannot be found: a number or a word of the sender's that only the sender can
// turn into an address, one that is encrypted or encoded twice, and people's names in
// running text.
//
// Limits are in limits.go: addresses, fields, parts, depth, and bytes of all of them.
package redact
