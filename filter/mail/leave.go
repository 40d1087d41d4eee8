package mail

import "slices"

// Check is work on a message that can be left out, because the rest of it can be
// read without. The zero value of what it would have found means that nobody looked.
type Check string

const (
	CheckPictures  Check = "pictures"  // QR codes in pictures: 1 to 100 ms each
	CheckDocuments Check = "documents" // links in PDF documents: about 1 ms for each megabyte
)

// leave reports whether a check is to be left out now that there is something to
// look at, and notes it.
func (w *walker) leave(c Check) bool {
	if !slices.Contains(w.without, c) {
		return false
	}
	if !slices.Contains(w.m.Left, c) {
		w.m.Left = append(w.m.Left, c)
	}
	return true
}
