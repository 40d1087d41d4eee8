// Package letters writes mail to measure with: phishing in Japanese that poses as
// the hundred most abused brands, in every charset and disguise that is known to
// be used, and honest mail of the same brands and of people who mention them.
//
// Every text is our own. A letter depends on the seed, its kind and its number
// alone, so that a miss can be looked at again. Who is proved stands in an
// Authentication-Results field (RFC 8601) on top of each letter, as a gateway
// would have written it: judge letters with proof from the header. Senders that
// are not brands lie under .example and .test (RFC 2606) or are made-up schools.
//
// The disguises are the list of Evasions; the README of testdata/generate shows
// each with an example.
//
// Limits: none are needed; nothing here reads data of others.
package letters
