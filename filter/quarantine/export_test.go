package quarantine

import (
	"sync/atomic"
	"syscall"
)

// OpenFaulty opens a store whose disk is full for one operation, the one that left
// counts down to.
func OpenFaulty(dir string, o Options, left *atomic.Int64) (*Store, error) {
	return open(dir, o, faulty{left: left, err: syscall.ENOSPC})
}
