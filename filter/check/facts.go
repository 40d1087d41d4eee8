package check

import (
	"context"
	"fmt"
	"io"

	"sekisho/filter/fact"
)

// Facts returns what policies know about one file; stdin is what the file "-" is.
// The error is ErrUnreadable where the file could not be read.
func (b *Bench) Facts(ctx context.Context, file string, stdin io.Reader) (*fact.Facts, error) {
	header, body, err := read(file, stdin)
	if err != nil {
		return nil, unreadable{err}
	}
	limited, cancel := context.WithTimeout(ctx, b.opt.Timeout)
	defer cancel()
	d := b.gate.Inspect(limited, b.envelope, header, body)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err) // look-ups were cut short
	}
	if d.Facts == nil {
		return nil, fmt.Errorf("%s: %s", file, d.Failure)
	}
	return d.Facts, nil
}

// unreadable is the error of one file.
type unreadable struct{ error }

// Is makes it ErrUnreadable.
func (unreadable) Is(target error) bool { return target == ErrUnreadable }

// Unwrap returns what happened.
func (u unreadable) Unwrap() error { return u.error }
