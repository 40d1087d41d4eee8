// Package arc verifies the Authenticated Received Chain of a message.
//
// It follows RFC 8617, section 5.2, and never seals. The signatures in a chain
// are read as DKIM's are, with what RFC 8301 (no SHA-1, no RSA key below 1024
// bits), RFC 8463 (Ed25519) and RFC 8616 say of those.
//
// A chain that passes says that its sealers wrote what stands in it and that the
// newest of them had this body and these signed fields in hand. It says nothing
// about whether they told the truth: anyone can seal. What a chain is worth
// depends on who sealed it; Check.OldestTrusted draws that line.
//
// Where it differs from the letter of RFC 8617:
//
//   - A key that can't be fetched for now is "temperror", not "fail" (section
//     5.2.1 has all errors permanent, since a sealer has to write down one of
//     them). Other methods know a difference, and so does who decides.
//   - ARC-Message-Signature may name ARC-Authentication-Results and
//     ARC-Message-Signature in h= (section 4.1.2 tells signers not to): chains of
//     before the RFC do, and section 5.2 does not ask. ARC-Seal in h= fails.
//   - It may name Authentication-Results for the same reason. Such a signature
//     breaks where the field is removed, as the section warns.
//   - An ARC-Message-Signature that leaves From unsigned fails, as RFC 6376,
//     section 6.1.1, has it for DKIM-Signature, and so does one with l= (section
//     8.2 there): an attacker could put either under another message.
//
// Limits are in limits.go, those of single signatures and keys in package
// signature. A chain past one fails. Keys are looked up in two rounds, those of
// the newest set first, each at most once. All other work is done in the caller's
// goroutine, so that nothing reads the message after Verify has returned.
//
// Cost, as CPU time on one core with SHA extensions, beside the floor: SHA-256 of
// the body once, and one RSA-2048 verification for each seal and each message
// signature. A message without a chain costs 0.3 µs.
//
//	body    sets  Verify   floor   ratio  body hashed before, for DKIM
//	20 KB   1       90 µs   71 µs   1.3     73 µs
//	20 KB   5      414 µs  305 µs   1.4    391 µs
package arc
