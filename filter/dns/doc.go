// Package dns asks recursive DNS servers what the checks of a message need to
// know, and remembers the answers.
//
// A [Resolver] has the look-up methods of net.Resolver. Each error is a bare
// *net.DNSError: IsNotFound for a name without such records (permanent),
// IsTemporary for SERVFAIL, REFUSED, a broken or missing answer and a used-up
// budget (asking later may help), IsTimeout besides when time ran out.
// [ErrNoName] and [ErrNoData] tell the two ways of not being found apart.
//
// Whether DNSSEC has proved an answer is known of servers that are trusted to say
// so ([TrustAD]) and told by [Resolver.LookupTXTAuthentic]. It is kept with the
// answer in the cache. Nothing is validated here.
//
// RFC 1035 (messages), RFC 2308 (negative answers), RFC 6891 (EDNS, 1232 bytes
// over UDP; not used
// with servers that do not know it), RFC 6840 (AD bit), RFC 7766 (TCP on truncation), RFC 8020 (NXDOMAIN), RFC 9520
// (failures are remembered for moments).
//
// Limits, in limits.go: names are checked before they are asked for; at most
// maxRecords records of an answer and maxTXT bytes of a TXT record are read,
// maxAliases CNAME records followed, maxInFlight questions asked at once. The
// cache is bounded in bytes. [WithBudget] bounds the questions of one message.
package dns
