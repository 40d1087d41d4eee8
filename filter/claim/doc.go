// Package claim reads who a message says it is.
//
// A claim is a brand of the catalogue, the place where its name stands, how much
// that place says "this is me", and the text as the reader sees it. The same
// name is a strong claim as the whole display name of From or inside the 【】
// that open a subject, a medium one as a greeting, heading, copyright or
// signature line, a weak one on a link, and a mere mention in running text. A
// claim also tells what softens it: the word for a shop behind a market's name,
// another name beside it. What an answer or a forwarded message repeats claims
// less; a message that is nothing but a quotation claims what it quotes.
// Whether a claim is true is not asked here; package finding does that.
//
// Names are compared after folding (package canon), in every reading that mail
// clients would show (RFC 2047 damage, see mail.Text). Text that the reader does
// not see claims nothing.
//
// How much of a message is read and how many claims are kept is bounded by the
// constants in limits.go: the head and the tail of a long body are read, its
// middle is not, since greeting and signature stand at the ends.
package claim
