//go:build !race

package daemon

// thinned is how many of a test's many messages there are to one that is counted.
const thinned = 1
