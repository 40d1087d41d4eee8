package quarantine

import (
	"sync/atomic"
	"syscall"
	"testing"
)

// Backend is one of the ways to keep a store.
type Backend = backend

// OnEach runs a test on each back end.
func OnEach(t *testing.T, test func(*testing.T, *Backend)) { onEach(t, test) }

// Usual reports whether this is how a store is kept where nothing is set.
func (b *backend) Usual() bool { return b.options.Database == "" && b.options.KeyFile == "" }

// OpenFaulty opens a store whose disk is full for one operation, the one that left
// counts down to.
func (b *backend) OpenFaulty(o Options, left *atomic.Int64) (*Store, error) {
	return open(b.dir, b.with(o), faulty{left: left, err: syscall.ENOSPC})
}
