// Package banner puts a warning for the reader into a message.
//
// Insert writes it at the top of the first text/plain part and of the first
// text/html part that a client displays (RFC 2046, sections 5.1.3, 5.1.4 and RFC
// 2387 say which these are), in the part's own charset and transfer encoding (RFC
// 2045). HTML gets it in ASCII with character references, and so in any charset.
// A text/plain part whose charset lacks the characters becomes UTF-8; that, and a
// transfer encoding where one is needed, are the only changes to a header. All
// other bytes stay as they are, and the changed message is read again and compared
// before it is handed out.
//
// Never touched are messages with anything signed or encrypted among what is
// displayed: multipart/signed and multipart/encrypted (RFC 1847), S/MIME (RFC
// 8551), OpenPGP (RFC 3156) and OpenPGP in the text itself (RFC 9580). Messages
// inside the message and attachments are left alone. What is malformed, or is
// read differently by different clients, is left as it is, with the reason told.
// text/x-amp-html gets no banner.
//
// A banner changes the body, so DKIM signatures (RFC 6376) and ARC seals (RFC
// 8617) that cover it do not hold any more behind us. That is meant: the text is
// not the signer's. It is why a banner is only for where the mail stays, never for
// what is forwarded to other domains.
//
// Limits are in limits.go: size of a body, of a text, parts, depth, length of a
// brand's name. A message past one is left as it is.
package banner
