package qr

import "time"

const (
	// MaxPixels is the number of pixels of a picture that is decoded; a larger one is
	// ErrTooLarge. Decoding takes about 4 bytes of memory for each.
	MaxPixels = 4 << 20

	// MaxScans is the number of scans of a JPEG picture: each costs a pass over all
	// pixels, and some bytes suffice for one. A picture with more is ErrTooLarge.
	MaxScans = 32

	// MaxSide is the longer side in pixels that a code is searched in. Larger pictures
	// are scaled down.
	MaxSide = 1200

	// minSide is the shorter side in pixels of the smallest picture with a code that
	// a phone can read: 21 modules and a quiet zone.
	minSide = 24

	// TimeLimit is how long Read waits, unless its context says less.
	TimeLimit = time.Second

	// MaxColumns is the number of half characters or cell widths in a line of a
	// drawing, MaxRows that of its half lines. What is beyond is no drawing.
	MaxColumns = 1024
	MaxRows    = 1024

	// MaxDrawings is the number of drawings in one text that are tried.
	MaxDrawings = 8
)
