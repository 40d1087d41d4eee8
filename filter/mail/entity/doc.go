// Package entity reads the parts of MIME below the message: header sections,
// Content-Type and its parameters, transfer encodings, and the borders of
// multiparts.
//
// RFC 2045 (fields and encodings), RFC 2046 (multiparts), RFC 2183 (disposition),
// RFC 2231 (parameter values with charset and in pieces). All of it is read the
// way mail clients do: damage is stepped over, reported and never fatal.
//
// Limits: MaxParams parameters per field and MaxBoundary bytes of a boundary; the
// caller says how many fields and parts it wants. What is past is skipped and
// reported. Everything runs in linear time.
package entity

const (
	// MaxParams is the number of parameters of one field that are read, pieces
	// of RFC 2231 values counted one by one.
	MaxParams = 100

	// MaxBoundary is the longest boundary in bytes that is searched for. RFC 2046,
	// section 5.1.1 allows 70; longer ones work in clients.
	MaxBoundary = 1000
)
