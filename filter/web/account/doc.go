// Package account keeps who may use the web pages and the API.
//
// A Book is one file, users.json, that commands write and a running daemon reads
// again when it has changed. Passwords are kept as argon2id (RFC 9106, section 4,
// the second recommended choice with one lane), tokens as SHA-256: they are 160
// random bits, which nobody guesses. A change takes a lock beside the file, writes
// a new one, syncs it and renames it to its place.
//
// What somebody sees follows from the role: an admin everything, a domain admin
// the recipients in some domains, a recipient their own addresses.
//
// Limits are in limits.go: users, tokens of one, domains and addresses of one, the
// length of names and passwords, the size of the file, and how many passwords are
// checked at a time.
package account
