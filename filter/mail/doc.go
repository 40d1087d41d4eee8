// Package mail reads a message the way people's mail clients would show it.
//
// Fields and addresses follow RFC 5322 and RFC 6532, encoded words RFC 2047, MIME
// RFC 2045, 2046, 2183 and 2231; each is read as forgivingly as clients read it,
// since a filter that is stricter than the client sees another message than the
// victim. Where clients disagree, Text.Also keeps the other readings. Every
// departure is kept as a Deviation, which is evidence and not an error: Parse
// never fails.
//
// Sub-packages do one step each: charset (bytes to UTF-8), word (header text),
// transfer (base64, quoted-printable), entity (fields, parameters, multiparts),
// htmltext (what HTML shows) with css (what hides it), calendar (invitations),
// pdflink (where PDF documents lead), qr (codes in pictures and drawings), weburl
// (what a link opens). Text marked format=flowed is joined by RFC 3676.
//
// Pictures cost milliseconds, so they are only searched for QR codes where one is
// likely; a message without pictures does not pay for them.
//
// Limits: limits.go names them all. When one is hit, what was read until then is
// kept, the rest is left unread, and a Deviation "limit-..." says so.
package mail
