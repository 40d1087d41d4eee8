// Package hindsight holds stored decisions (package journal) against another
// policy: what would have become of the mail of the last days? It also sums up what
// candidate policies have said in shadow, which the journal holds beside each
// decision.
//
// A decision is a function of facts, policy, address and time, so a record that is
// judged again by the policy of then has the verdict of then. Records are judged by
// several workers and told in the order in which they were recorded. Memory does
// not grow with their number, but for the names of recipients' domains; lists keep
// MaxListed entries.
package hindsight
