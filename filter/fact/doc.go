// Package fact holds what a policy may know about one message: who it claims to
// be, who it is proved to be, where it leads, how it came, and what was found.
//
// A policy decides on facts alone, never on the message. So a decision can be
// made again when the message is gone, by the same policy with the same outcome
// or by another one to see what it would change; and operators' own rules have
// one vocabulary, which is the fields of these types under their JSON names.
//
// The names are an interface in three ways: rules use them, stored decisions
// hold them, and other programs read those. Add, never rename; a field that is
// absent in an old record has its zero value, which means "nobody looked".
//
// Values are for reading by people and rules: decoded, valid UTF-8, domains as
// A-labels in lower case. Lists and texts are cut at the limits in limits.go, and
// Cut says so.
package fact
