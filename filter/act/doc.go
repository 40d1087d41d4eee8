// Package act turns verdicts into what the MTA is asked to do.
//
// Build takes the verdict of every recipient of one message and makes one Plan:
// what SMTP can say for the whole transaction, which recipients are taken off
// it, and how the header changes. It does no I/O. Recipients in Outcome.Held
// have to be on disk before the plan is answered; when that fails the answer is
// StoreFailed.
//
// The rules, in the order in which they are tried:
//
//  1. one recipient to be tried later: the whole transaction is; the sender
//     keeps the message and nothing is lost;
//  2. all recipients reject: the transaction is rejected, with the code that
//     fits the cause (RFC 7372);
//  3. nobody is to get it now and every recipient's policy asks for the MTA's
//     hold queue: hold;
//  4. otherwise those who reject or quarantine are held and taken off the
//     envelope, and the rest get the message; when no one is left the MTA
//     discards its copy.
//
// What recipients can see, a subject prefix and a banner in the body (package
// banner), is there only when all who get the message ask for the same. Split says
// who needs a copy of their own, so that it is always there; Apply makes the copy.
//
// Header fields follow RFC 5322 (section 2.2.3 for folding), subjects RFC 2047,
// statuses RFC 3463, RFC 5321 and RFC 7372, results RFC 8601. Limits are in
// limits.go: forged fields removed, names listed, length of a subject prefix.
package act
