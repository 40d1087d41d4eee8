// Package policy decides what happens to a message for one recipient, from the
// findings about it and the policy file of the recipient's domain.
//
// Policies are YAML files: default.yaml and one file per recipient domain, named
// after it (example.jp.yaml). Values come from the built-in default, then
// default.yaml, then the domain's file; each layer may leave out what it does not
// change, and a value that is given replaces the one below as a whole. The file of
// a recipient's very domain is taken; without one, that of the nearest parent
// domain that says "subdomains: true"; without that, the default.
//
// A decision is the worst of two: the threshold that the sum of points reaches,
// and the actions that the policy ties to single findings. The order of verdicts,
// from mild to grave, is accept, tag, quarantine, reject, tempfail. Tempfail is
// last because it decides nothing yet: the sender keeps the message and asks
// again (RFC 5321, section 4.2.1), so it must not be overruled by a verdict that
// rests on half the facts and could not be taken back.
//
// Forwarders are the one way to say that a path may break authentication: entries
// with a reason and a last day, which match what package finding knows of the
// path and leave it to that package what is explained by it.
//
// A Set is loaded and checked as a whole and never changes afterwards; its
// methods are safe for concurrent use.
//
// Limits: a file of 64 KiB, 200,000 files, points up to 100 for each finding, 100
// forwarders of 32 networks.
package policy
