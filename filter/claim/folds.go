package claim

import "sekisho/filter/claim/canon"

// Folds are the passages of a message as Read folded them, by their index in
// Message.Passages: who looks for other words in the same text need not fold it
// again. A passage that was not read whole has the zero Text. It may be nil.
type Folds []canon.Text

// Fold returns the fold of text, which is passage i or a part of it.
func (f Folds) Fold(i int, text string) canon.Text {
	if i < len(f) && f[i].Folds(text) {
		return f[i]
	}
	return canon.Fold(text)
}
