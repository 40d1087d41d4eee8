//go:build race

package daemon

// thinned is how many of a test's many messages there are to one that is counted:
// the race detector makes each slower, and finds no more in more of them.
const thinned = 20
