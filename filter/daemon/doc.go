// Package daemon puts the rooms together and runs them: load, new, run, reload,
// shut down. Flags and signals are its caller's; tests run it in-process.
//
// Settings, policies and brands are read and checked as one set. A reload swaps
// the set whole or, on any error, not at all: the old one goes on, the error is
// logged and counted. What is bound to sockets, folders or running connections
// keeps its value until a restart; a reload that changes it says so.
//
// A reload is asked for by a signal, by a command over the control socket, or by
// files that changed (setting policy.watch).
//
// The service manager is told of each change of state, gets a sign of life when
// it asks for one, and may hand over sockets (sd_notify(3), sd_listen_fds(3)).
package daemon
