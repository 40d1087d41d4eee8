//go:build race

package quarantine

// raced says that the race detector is on.
const raced = true
