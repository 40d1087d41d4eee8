// Package servers starts what a shared quarantine needs, for tests: a PostgreSQL
// of Debian's package and an S3-compatible server, each in a private folder, with
// nothing but this process and its children to talk to. Where a program is
// missing the error is ErrAbsent, and tests skip with it.
package servers
