package strictyaml

// Nearest returns the word of known that word is most likely a slip of, or ""
// when none is near enough to be a help. An edit is a letter changed, added,
// left out or swapped with its neighbour; a third of the word may be edited.
func Nearest(word string, known []string) string {
	if len(word) > maxWord {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, candidate := range known {
		if gap := len(candidate) - len(word); gap >= least || -gap >= least {
			continue
		}
		if n := distance(word, candidate); n < least {
			best, least = candidate, n
		}
	}
	return best
}

// distance is the optimal string alignment distance in bytes: keys are ASCII.
func distance(a, b string) int {
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}

// Suggest words a hint for an unknown word: the nearest known one, or, when none
// is near, all of them if they are few.
func Suggest(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 || len(known) > maxListed {
		return ""
	}
	hint := "; known: "
	for i, k := range known {
		if i > 0 {
			hint += ", "
		}
		hint += k
	}
	return hint
}
