// Package journal keeps the record of each decision for some days: what the
// policies knew about the message (package fact), and what each recipient's policy
// made of it. With it a decision can be explained when the message is gone, and
// another policy can be tried on the mail of yesterday.
//
// A journal is a folder with one SQLite database. Facts are JSON, compressed with
// zstd (RFC 8878) and a dictionary of what all facts have in common; what
// commands look for or count is in columns. Facts, not mail: no body, no
// attachment.
//
// The mail comes first. Record puts a decision into a queue of bounded size and
// returns; one goroutine writes batches. When the queue is full, or the disk is,
// or the database is broken, the record is dropped and counted, and the message
// never hears of it. A database that is broken is set aside and another one begun.
//
// Records end by age, and the oldest ones when the database has reached its size.
// They are removed a few at a time, between batches.
//
// With Persons switched off, records are made without what people wrote or are
// called: local parts of addresses, display names, subjects, logins, and every text
// that may quote one of them. Verdicts that rest on such texts cannot be reproduced
// from them; Record.Persons tells.
//
// Forms are numbered: the schema by PRAGMA user_version, with a step for each change
// in schema/, and the facts by a column. Readers know all forms up to their own.
package journal
