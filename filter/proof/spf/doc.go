// Package spf checks whether a client may send mail for a domain.
//
// RFC 7208, with RFC 8616 for internationalised domains. The evaluation is that
// of blitiri.com.ar/go/spf; this package adds what it leaves out: identities are
// brought into shape before and malformed ones give "none" (section 4.3), a
// record is checked against the whole grammar before any of it counts (section
// 4.6), only the client's address family is asked for (section 5), over-long
// names are cut from the left (section 7.3), %{p} is the client's validated name
// (section 7.3), and the directive that matched is reported.
//
// Limits are those of section 4.6.4: ten terms that cause look-ups, two void
// look-ups, ten names for mx and ptr. Further ones are in limits.go. "exp=" is
// checked but its text is never fetched.
package spf
