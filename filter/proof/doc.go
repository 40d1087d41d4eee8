// Package proof finds out who a message is proved to be.
//
// A Proof holds the results of SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989),
// ARC (RFC 8617) where a policy asks for it, and of the client's reverse name (RFC
// 8601, section 3), facts about the client, and the summary that everything later
// uses: the set of domains that the message has proved to come from, each with how
// and how strongly. It comes from one of three sources:
//
//   - Checker.Check asks DNS, everything at once, DMARC at last;
//   - FromResults believes an Authentication-Results field;
//   - Unproved takes the author's word for nothing.
//
// Checker.Prover chooses between the first two by who the client is.
//
// How an identity is obtained:
//
//   - DKIM: a signature passes. Its domain is d=. Signatures with l= never count.
//   - SPF: the client may send for the MAIL FROM domain, or for the HELO name
//     when the path is null (RFC 7208, section 2.4).
//   - DMARC: only from a field that states dmarc=pass for the From domain and
//     nothing that is aligned with it.
//
// An identity is aligned when it has the organisational domain of the From
// domain by the public suffix list, or is equal to the From domain where its
// DMARC record asks for that (adkim=s, aspf=s); also when DMARC passed by its
// own tree walk. A mail service's shared signature is an identity like any
// other here: only Aligned tells whether it speaks for the author, and package
// finding, which knows the mail services, counts it only then.
//
// An ARC chain proves no identity here, whoever sealed it. It is verified only for
// a message whose author is not proved without it, and Seals say what each sealer
// states; whose word counts is for the recipient's policy to say.
//
// Several From fields, mailboxes of several domains, none, or a malformed one leave
// FromDomain empty and DMARC at "permerror": never does the first one win. Several
// mailboxes of one domain have that domain (RFC 9989, section 5.3.1).
//
// What the sender's own domains cost in time and questions takes nothing from the
// author's policy: it is looked up from the start, out of a budget of its own.
//
// DKIM2 is a draft. Verifying it would be a package beside dkim, started with the
// other checks, and its signatures identities with a Method of their own; it binds
// the envelope, which the checks are handed already.
//
// Limits are in limits.go. Check never returns later than its context or its
// time limit allows; what is not known by then is "temperror". It reads the
// message in the caller's goroutine only.
//
// Whether DNSSEC has proved a key or a DMARC record is kept as a fact where the
// resolver is trusted to know (dns.TrustAD); no result depends on it.
//
// Cost of a whole Check of a small message when the resolver has everything in its
// cache: SPF for two identities, DKIM with RSA-2048, DMARC, the reverse name, as
// CPU time on one core (BenchmarkCheck):
//
//	signatures  CPU     memory
//	1            69 µs  18 KB in 163 pieces
//	2           120 µs  28 KB in 206 pieces
//
// With the body, only DKIM's part grows. This is what it takes for the relaxed
// form, beside its floor: SHA-256 of the body and one RSA verification for each
// signature (package dkim has more).
//
//	body    1 signature  over floor  4 signatures  over floor
//	2 KB     43 µs       1.4         148 µs        1.3
//	20 KB    57 µs       1.4         161 µs        1.3
//	80 KB   104 µs       1.4         210 µs        1.3
//	1 MB    813 µs       1.3         922 µs        1.3
package proof
