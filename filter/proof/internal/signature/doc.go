// Package signature reads and verifies signature fields that are tag lists:
// DKIM-Signature, and on its model ARC-Message-Signature and ARC-Seal.
//
// It holds what RFC 6376 and RFC 8617 share: the tags, the canonical forms of
// header and body, the key records, and the limits on them (limits.go). RFC
// 8301 (no SHA-1, no RSA key below 1024 bits), RFC 8463 (Ed25519) and RFC 8616
// (internationalised domains) change both. What only one of the two fields has is
// left to packages dkim and arc, and so is how their results are put together.
//
// Line ends in the header and the body must be CRLF, as mail.Message holds them;
// a CR or LF on its own is an ordinary byte of its line in the body, and white
// space in a field.
package signature
