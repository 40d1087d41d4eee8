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
// Where receivers read section 4.10 differently: several records at the author
// domain itself. Some take that for the end of the search. But "if multiple DMARC
// Policy Records are returned for a single target, they are all discarded" (step
// 2), and "if no valid DMARC Policy Record is found by the first query, then
// perform a DNS Tree Walk" (section 4.10.1): the record above applies. Otherwise a
// stray second record at a subdomain would take the organisation's policy away.
//
// Limits: eight queries a walk (section 4.10); further ones are in limits.go.
package dmarc
