// Package dkim verifies the DKIM signatures of a message.
//
// It follows RFC 6376 as changed by RFC 8301 (no SHA-1, no RSA key below 1024
// bits), RFC 8463 (Ed25519) and RFC 8616 (internationalised domains). All
// signatures of a message share one pass over the body for each pair of
// canonicalisation and hash.
//
// Where it differs from the letter of RFC 6376:
//
//   - A signature with l= is "policy", never "pass": anyone may add text behind
//     the signed part (section 8.2).
//   - A signature by a key that is marked as a test (t=y) keeps its result and
//     has Testing set. Section 3.6.1 asks to treat such a message as unsigned;
//     many domains forgot the flag years ago, and the proof is as good.
//   - Of several TXT records at the key's name, those that hold no key are
//     passed over; section 3.6.2.2 leaves this undefined.
//   - q=dns is taken for q=dns/txt, as signers from before RFC 4871 wrote it.
//   - A field never counts as covered by its own signature, even if h= names
//     DKIM-Signature more often than there are others (section 3.5, "h=").
//
// Line ends in the header and the body must be CRLF, as mail.Message holds
// them; a CR or LF on its own is an ordinary byte of its line in the body, and
// white space in a field.
//
// Limits are in limits.go here and in package signature; what is past one is
// reported as "policy" or "permerror" with a reason. Look-ups run in parallel and
// at most once per key. All other work is done in the caller's goroutine, so that
// nothing reads the message after Verify has returned.
//
// Cost, as CPU time on one core with SHA extensions, the least of several runs,
// beside the floor: SHA-256 of the body once and one RSA-2048 verification for
// each signature (BenchmarkVerify). The body is text of short lines in the relaxed
// form, one line in eight indented.
//
//	body    signatures  Verify   floor   ratio
//	2 KB    1            43 µs   30 µs   1.4
//	2 KB    4           148 µs  119 µs   1.3
//	20 KB   1            57 µs   41 µs   1.4
//	20 KB   4           161 µs  129 µs   1.3
//	80 KB   1           104 µs   76 µs   1.4
//	80 KB   4           210 µs  161 µs   1.3
//	1 MB    1           813 µs  610 µs   1.3
//	1 MB    4           922 µs  702 µs   1.3
//
// The simple form takes 1.0 to 1.4 times the floor. The relaxed form costs more
// where a long body has much white space to take out: at 1 MB 1.6 times the floor
// where each line is indented or ends with a blank, 1.9 with two blanks after each
// sentence, 2.1 where each line is indented by tabs. Hashing leaves 0.4 ns a byte
// for 1.5, and such a body needs more.
package dkim
