// Package listed reads lists of senders and pages that phishing has used, as
// brands and the bodies that fight phishing publish them, with the meaning of
// each entry.
//
// An entry is an address, a domain or host, or the address of a page; the brand
// that it was seen to claim; and a kind. An attacker's address is somebody's whom
// nobody has to hear of again. A spoofed one is real: impostors put it into From,
// and its owner goes on writing from it, so the entry says something only about
// mail that is not proved.
//
// Lists are written in haste and by machines, and whoever can add a line to one
// could stop a brand's own mail. An entry that says that a brand's own domain, or
// one that everybody shares, is an attacker's is therefore left out when the list
// is loaded ([Lists.Refused]), and told. A list that cannot be read at all is an
// error.
//
// Files ending in .csv have a header line; the columns are found by name. All
// others hold one entry a line, with what holds for all of them in lines before
// ("# kind: spoofed"). See the README of the catalogue's data for both.
//
// Limits: [MaxFile], [MaxFiles], [MaxEntries].
package listed
