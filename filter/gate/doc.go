// Package gate is the heart: it asks of each message who it claims to be and who
// it is proved to be, lets the policy of each recipient decide, commits what must
// be held to the quarantine, and says what the MTA is to do.
//
// The order is that of the house: read, then proof and claim side by side, then
// findings, then one decision per recipient, then store, then reply. What is held
// is on disk before the reply leaves. Whatever goes wrong on the way ends in a
// temporary failure, so that the sender keeps the message.
package gate
