// Package finding relates who a message claims to be to who it is proved to be,
// and names what does not fit.
//
// A claim (package claim) is met when the message is authenticated, in alignment
// with its From field, for a domain that the claimed brand owns. What is left are
// unmet claims; links, wording and the kind of sender speak against a message
// only in relation to one of them, because honest mail has foreign links and
// urgent words every day. Findings that need no claim, such as a failed DMARC
// check (RFC 9989, RFC 7208, RFC 6376, RFC 8601), stand for themselves.
//
// Two kinds of proof speak for nobody: the domain of a mail service that signs for
// anyone, unless From is in it too, and any domain at all where From names no
// single well-formed author, save for the brand that signed it. Such a message proves at most who handled it.
//
// Where no brand of the catalogue is claimed, weaker findings say that somebody
// speaks as an office or firm that has nothing to do with where the message comes
// from; they are made to add up. Addresses and links that lists know count together
// with the proof alone, and the operator's own people are held against theirs.
//
// Findings are about the message alone. Where a recipient's policy trusts the path
// it came by, Detour.Override says what that explains, and what it never does.
//
// Each name appears at most once among the findings of a message, so that points
// add up over kinds of evidence, never over repetitions of one kind. Limits on
// what is looked at are in limits.go.
package finding
