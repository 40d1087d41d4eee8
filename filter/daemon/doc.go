// Package daemon puts the rooms together and runs them: new, run, reload, shut
// down. Flags and signals are its caller's; tests run it in-process.
//
// A reload reads settings, policies and brands as one checked set. The set is
// swapped whole, or, on any error, not at all: the old one goes on, the error is
// logged and counted. What is bound to sockets or folders (listen, admin, dns,
// quarantine) keeps its value until a restart; a reload that changes it says so.
package daemon
