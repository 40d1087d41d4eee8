// Package authres writes and reads the value of an Authentication-Results
// field.
//
// It follows RFC 8601 with the property types and methods of its registry.
// What Format writes Parse reads back unchanged, and nothing that comes from a
// message can end a result, a quoted string or a line in it. Parse takes what
// real servers write: an authserv-id that is missing (Microsoft), words that
// are not tokens, properties without a type, comments anywhere.
//
// Limits are in limits.go. A value past one is refused as a whole, because half
// a field can say the opposite of it.
package authres
