// Package dmarc finds the DMARC policy of an author domain and whether a
// message meets it.
//
// RFC 9989: organisational domains by DNS tree walk (section 4.10), policies p,
// sp and np with the test flag t (section 4.7), psd. The former "pct" is
// ignored. RFC 7489's view with the public suffix list is worked out beside it,
// for comparison only.
//
// A check that could not be made is never a failure: when DNS does not answer,
// or when SPF or DKIM is undecided for a domain that would align, the result is
// "temperror" (section 5.3.6). An undecided domain that would not align changes
// nothing, so a sender cannot win a temperror by signing for a broken domain.
//
// Limits: eight queries a walk (section 4.10); further ones are in limits.go.
package dmarc
