// Package dnstest serves DNS zones to tests from a real UDP and TCP server on
// the loopback.
//
// A zone is master-file text (RFC 1035, section 5) with absolute names; a TTL
// that is left out is 300 seconds. Names that are not in the text do not exist
// (NXDOMAIN with an SOA, RFC 2308); names that exist without the type asked for,
// empty non-terminals among them, give no data. Wildcards (RFC 4592) and CNAME
// chains inside the text are followed. Comment lines direct misbehaviour:
//
//	; servfail NAME        answer SERVFAIL
//	; refused NAME         answer REFUSED
//	; silent NAME          never answer
//	; delay NAME 200ms     answer late
//	; truncate NAME        over UDP, answer with the TC bit and no records
//	; nosoa NAME           negative answers come without an SOA
//	; noedns NAME          answer FORMERR to a query with EDNS
//	; secure NAME          set the AD bit, for those who ask; in a CNAME chain every name has to
//
// A directive holds for the one name, whatever the type. Every query is
// recorded, so that tests can count them. Servers are independent of each
// other: parallel tests each start their own.
package dnstest
