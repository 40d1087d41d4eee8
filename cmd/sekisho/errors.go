package main

import (
	"errors"
	"strings"
)

// Exit codes other than 0.
const (
	exitFailure = 1
	exitUsage   = 2
)

// usage marks errors that the caller of the program can mend.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// inDetail is the text of err, where mistakes in files come with the line they
// are on and a caret under the place.
func inDetail(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, inDetail(e))
		}
		return strings.Join(all, "\n")
	}
	if detailed, ok := err.(interface{ Detail() string }); ok {
		return detailed.Detail()
	}
	if inner := errors.Unwrap(err); inner != nil {
		if text := inDetail(inner); text != inner.Error() {
			return text
		}
	}
	return err.Error()
}
