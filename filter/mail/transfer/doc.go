// Package transfer undoes the transfer encodings of mail, as forgivingly as mail
// clients do.
//
// RFC 2045, section 6.7 (quoted-printable) and 6.8 (base64). Damage is stepped
// over and reported, never fatal.
//
// Limits: the caller says how many decoded bytes it wants; time and memory are
// linear in that number, not in what an attachment holds.
package transfer
