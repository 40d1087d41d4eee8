// Package pdflink finds where a PDF document (ISO 32000-2) leads: the addresses of
// its URI actions (section 12.6.4.8) and those in its scripts.
//
// It is a scanner over tokens and no PDF reader: no cross-reference table, no page.
// It reads every object as it comes, also those that no page refers to, and inflates
// object streams (section 7.5.7), where newer files keep their actions. Content
// streams, pictures and fonts are stepped over: no action can stand there. Names are
// read with their escapes, strings in brackets and in hexadecimal.
//
// Limits: MaxFile, MaxInflated, MaxStreams, MaxString and MaxLinks; what is past them
// is unread and Document.Cut says so. In an encrypted document the addresses cannot be
// read; Document.Encrypted says so.
package pdflink

const (
	// MaxFile is the number of bytes of a file that are read.
	MaxFile = 4 << 20

	// MaxInflated is the number of bytes that come out of all object streams of a
	// file together.
	MaxInflated = 4 << 20

	// MaxStreams is the number of object streams that are opened.
	MaxStreams = 500

	// MaxString is the longest string in bytes.
	MaxString = 64 << 10

	// MaxLinks is the number of addresses.
	MaxLinks = 200

	// maxOpen is how many strings may lack their end before the rest is given up: each
	// is looked through in vain.
	maxOpen = 16
)
