// Package control is how commands speak with a running daemon: requests and
// answers as JSON, over HTTP on a unix socket that only the daemon's user may
// open.
//
// Each request is a constant in request.go that binds a path to the types of its
// question and its answer. To add one: a constant and its two types there, and a
// Handle for it where the daemon makes its server. The compiler holds both ends to
// the same types; nothing else knows of single requests.
//
// A request that was refused answers 422 with everything that its caller can mend,
// each problem with its place; what is wrong with the daemon itself answers 500 or
// 503. The client returns either as *Failure. Nothing of this is for the network:
// who can open the socket can do all that is offered.
//
// Limits: a question of 1 MiB, an answer of 16 MiB, ten minutes for each.
package control
