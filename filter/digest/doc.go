// Package digest tells recipients by mail what is held for them.
//
// A digest goes to one recipient and names nobody else. It lists what came since the
// last one: whom each message claims to be from, who it is proved to be from, its date,
// sender and subject, and why it is held; and says what to do, also when a link was
// opened, a password typed or a card number given. It is text and HTML (RFC 2046,
// section 5.1.4), in Japanese, English or both, from the null path and marked as
// generated (RFC 3834), so that nothing answers it. It has no List-Unsubscribe: nobody
// subscribed.
//
// What a message says is hostile. In a digest it is plain text of bounded length,
// without controls and characters that turn the direction of writing around, and
// written so that no mail client makes a link of it. The links in a digest are our
// own (package link), and lead to a page that asks before it does anything.
//
// Digests are due at set times of the day. What is held since before such a time, and
// was not told of, is news; the quarantine knows what it was told of (its Tell), so
// that nothing is told twice or left out, whatever was restarted, and however many
// gates share it. A server that does not answer ends a round; a recipient who is
// refused waits longer each time.
//
// Limits are in limits.go: entries in a digest, bytes of a message that are read,
// characters of a text that are shown, pauses.
package digest
