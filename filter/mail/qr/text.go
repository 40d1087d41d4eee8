package qr

import "strings"

// The least number of block characters in a line, and of such lines, that a code
// takes: 21 modules drawn with quarter blocks, two to a character and two to a line.
const (
	minBlocks = 5
	minLines  = 10
)

// Drawn returns what the QR codes drawn in a text say: with full blocks, half blocks
// or quarter blocks (U+2580 to U+259F), a line of text for one or two rows of modules.
// Text without such characters costs a search for them.
func Drawn(text string) []string {
	if !MayDraw(text) {
		return nil
	}
	var found []string
	var d Drawing
	lines, tried := 0, 0
	end := func() {
		if lines >= minLines && tried < MaxDrawings {
			tried++
			if s := d.Read(); s != "" {
				found = append(found, s)
			}
		}
		d, lines = Drawing{}, 0
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if !drawnLine(line, lines > 0) {
			end()
			continue
		}
		d.line(line)
		lines++
	}
	end()
	return found
}

// MayDraw reports whether a text has enough block characters for a code.
func MayDraw(text string) bool {
	n := 0
	for rest := text; n < minBlocks*minLines; n++ {
		i := strings.Index(rest, "\xe2\x96")
		if i < 0 {
			return false
		}
		rest = rest[i+2:]
	}
	return true
}

// drawnLine reports whether a line is of block characters and blanks alone. Between
// finder patterns (inside) a line of a code may have but one block.
func drawnLine(line string, inside bool) bool {
	blocks := 0
	for _, r := range line {
		if q, ok := quarters(r); !ok {
			return false
		} else if q != 0 {
			blocks++
		}
	}
	return blocks >= minBlocks || inside && blocks > 0
}

// line adds two rows of dots, two to a character.
func (d *Drawing) line(line string) {
	for half := range 2 {
		d.Row()
		for _, r := range line {
			q, _ := quarters(r)
			q >>= 2 * half
			width := 1
			if r == '\u3000' {
				width = 2 // a blank as wide as two characters
			}
			d.Add(q&1 != 0, width)
			d.Add(q&2 != 0, width)
		}
	}
}

// quarters tells which quarters of a character are inked: upper left 1, upper right
// 2, lower left 4, lower right 8. ok is false for what is no part of a drawing.
func quarters(r rune) (q int, ok bool) {
	switch r {
	case ' ', '\u00a0', '\t', '\u2002', '\u2003', '\u2007', '\u3000', '\u2591':
		return 0, true
	case '\u2588', '\u2593':
		return 15, true
	case '\u2580':
		return 3, true
	case '\u2584':
		return 12, true
	case '\u258c':
		return 5, true
	case '\u2590':
		return 10, true
	case '\u2596':
		return 4, true
	case '\u2597':
		return 8, true
	case '\u2598':
		return 1, true
	case '\u259d':
		return 2, true
	case '\u259a':
		return 9, true
	case '\u259e':
		return 6, true
	case '\u259b':
		return 7, true
	case '\u259c':
		return 11, true
	case '\u2599':
		return 13, true
	case '\u259f':
		return 14, true
	}
	return 0, false
}
