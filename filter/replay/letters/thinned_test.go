//go:build !race

package letters_test

// thinned is how many letters there are to one that is judged.
const thinned = 1
