// Package e2e runs the built sekisho behind a real Postfix, with a real DNS server
// for the cases' zones and an SMTP sink for what is delivered. Tests only.
//
// Everything listens on free ports of 127.0.0.1 and lives in a private folder; no
// configuration of the machine is read or changed. Postfix has to be started by
// root, and its Debian package must be there: without either the tests skip and
// say so.
package e2e
