// Package session holds the milter conversation of one connection: what the MTA
// says becomes a message with its envelope, what the judge plans becomes
// modifications and a reply.
//
// Header fields are put together again byte for byte (RFC 5322, section 2.2), as
// far as the MTA tells: with the blank after the colon as it was sent if the
// MTA can say so, with CRLF at each fold. Reply texts follow RFC 5321, section
// 4.2, and RFC 3463.
//
// A plan is carried out as a whole or not at all: when the MTA did not agree to
// an action that it needs, or an edit could damage the header, or nobody made
// the plan, the answer is a temporary failure and the sender keeps the message. A
// banner is the exception: where the MTA does not let bodies be changed, the
// message goes on without.
//
// Limits are in limits.go, with what happens to a message past one of them. Such
// a message is not kept in memory and not judged.
package session
