// Package canon folds text so that look-alike spellings of a name compare
// equal, and remembers where each folded byte came from.
//
// [Fold] follows Unicode's NFKC (UAX 15), lower case, and the idea of UTS 39's
// skeletons: letters of other scripts become the Latin letters they look like.
// It differs from a skeleton where that would hurt Japanese text:
//
//   - Characters that nobody sees (default-ignorables, controls) go.
//   - Runs of white space become one space; none stays at the ends.
//   - Half-width kana become full-width with their voiced marks joined; hiragana
//     becomes katakana; a dash of any kind after kana is a long-vowel mark.
//   - Kana never become Han. A Han character that looks like a kana becomes one
//     only between two kana (力 in アプリ力ード).
//   - Old and simplified forms of Han characters become the forms that names are
//     written in today in Japan (樂 to 楽), where a name is likely to hold them.
//   - Latin, Greek and Cyrillic letters lose their marks. 0 and 1 become o and l
//     inside a Latin word (amaz0n), not in numbers. Han and kana lose the marks
//     of alphabets, which no language puts on them.
//
// [Squeeze] goes further, for short texts in which Fold found nothing. [Cut]
// shortens a text to what is seen of it, so that padding hides nothing; [Turned]
// puts letters whose direction is overridden (UAX 9) into the order that is shown.
//
// Folding what is folded changes nothing. Limits: a source of [MaxSource] bytes,
// output of at most [MaxGrowth] times the source, [MaxSqueeze] for Squeeze, [MaxCut]
// for Cut; time is linear.
package canon
