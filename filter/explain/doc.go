// Package explain tells from a stored decision alone why a message met its verdict:
// the facts, who it claims to be, who it is proved to be, what does not fit, what
// each recipient's policy made of it, and what was done.
//
// The decision is made again from the facts, to show that it reproduces; and it is
// made under suppositions, to tell what would have to change for another outcome:
// a finding less, a proof more, points up to the next threshold, an exception.
// Nothing of that is guessed: each is an outcome that the same policies come to.
//
// What was seen in the message is in the words of the record; everything around it
// is in the reader's language, Japanese or English.
//
// Limits: recipients with one outcome are told together, up to maxGroups outcomes
// and maxNamed addresses of each.
package explain
