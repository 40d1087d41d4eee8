//go:build race

package letters_test

// thinned is how many letters there are to one that is judged. The race detector
// makes each ten times slower, and finds no more in more of them. It has no
// divisor in common with the number of brands.
const thinned = 13
