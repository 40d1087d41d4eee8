// Package wire makes the milter connection safe: what reaches a Session has the
// right shape, in the right order, within stated limits, and what a Session
// answers reaches the MTA in one piece.
//
// The protocol engine is github.com/emersion/go-milter. It runs once per
// connection behind a checking net.Conn, which hands it one well-formed frame
// at a time and gathers what it writes. The connection itself
//
//   - refuses an MTA that does not offer an action that we need, and asks for
//     nothing that was not offered;
//   - negotiates "no reply" for each step before the end of the message and
//     header values with their leading space, when offered;
//   - takes header fields, macros, DATA, UNKNOWN and QUIT_NC itself, which the
//     engine keeps badly or not at all;
//   - separates messages by ABORT, also for an MTA that does not;
//   - watches the MTA while a message is judged: it hears that work goes on, and
//     the judgement is cancelled when the MTA goes away;
//   - sends modifications and final answer in one write, and acknowledges TCP
//     segments at once: with delayed acknowledgement Postfix's small writes
//     wait 40 ms for each message.
//
// There is no RFC for the milter protocol; the reference is libmilter's
// mfdef.h, and Postfix's milter8.c for what an MTA really sends.
//
// Limits are in limits.go. Whatever breaks one is counted, logged and ends that
// connection, which makes the MTA apply its default action (Postfix:
// milter_default_action) to the mail at hand; no mail is let through or lost by
// a broken connection.
package wire
