package qr

import (
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// The sides of a code in modules, versions 1 to 40 (ISO/IEC 18004, section 5.3.1.1).
const (
	minModules = 21
	maxModules = 177
	finder     = 7 // side of a finder pattern
)

// MinRows is the number of rows of the smallest drawing.
const MinRows = minModules

// Drawing is a black and white raster, in rows from the top. Rows may differ in
// length; what is missing is not inked.
type Drawing struct {
	rows [][]bool
	over bool // past a limit: no drawing
}

// Row begins a new row.
func (d *Drawing) Row() {
	if len(d.rows) == MaxRows {
		d.over = true
		return
	}
	d.rows = append(d.rows, nil)
}

// Add puts n more dots on the last row.
func (d *Drawing) Add(ink bool, n int) {
	if len(d.rows) == 0 {
		d.Row()
	}
	row := &d.rows[len(d.rows)-1]
	if n > MaxColumns-len(*row) {
		d.over = true
		return
	}
	for range n {
		*row = append(*row, ink)
	}
}

// Rows returns how many rows there are.
func (d *Drawing) Rows() int { return len(d.rows) }

// Read returns what the drawing says as a QR code, dark on light or light on dark;
// "" when it is none.
func (d *Drawing) Read() string {
	if d.over {
		return ""
	}
	for _, inverted := range [...]bool{false, true} {
		if modules := d.modules(inverted); modules != nil {
			if text := decodeModules(modules); text != "" {
				return text
			}
		}
	}
	return ""
}

// modules finds the matrix in a drawing: the ink's bounding box, divided by the size
// of a module, which the upper left finder pattern tells.
func (d *Drawing) modules(inverted bool) [][]bool {
	a := area{rows: d.rows, bottom: len(d.rows)}
	for _, row := range d.rows {
		a.right = max(a.right, len(row))
	}
	a.crop() // an inverted code is drawn inside a frame of ink
	if a.inverted = inverted; inverted {
		a.crop()
	}
	wide, high := a.run(1, 0), a.run(0, 1)
	if wide%finder != 0 || high%finder != 0 || wide == 0 || high == 0 {
		return nil
	}
	mx, my := wide/finder, high/finder
	w, h := a.right-a.left, a.bottom-a.top
	n := w / mx
	if w%mx != 0 || h%my != 0 || h/my != n || n < minModules || n > maxModules || (n-minModules)%4 != 0 {
		return nil
	}
	out := make([][]bool, n)
	for y := range out {
		out[y] = make([]bool, n)
		for x := range out[y] {
			out[y][x] = a.dark(a.left+x*mx+mx/2, a.top+y*my+my/2)
		}
	}
	if !hasFinders(out) {
		return nil
	}
	return out
}

// area is a part of a drawing.
type area struct {
	rows                     [][]bool
	left, right, top, bottom int
	inverted                 bool
}

func (a *area) dark(x, y int) bool {
	return (x < len(a.rows[y]) && a.rows[y][x]) != a.inverted
}

// crop takes rows and columns without anything dark off all sides.
func (a *area) crop() {
	left, right, top, bottom := a.right, a.left, a.bottom, a.top
	for y := a.top; y < a.bottom; y++ {
		for x := a.left; x < a.right; x++ {
			if a.dark(x, y) {
				left, right = min(left, x), max(right, x+1)
				top, bottom = min(top, y), y+1
			}
		}
	}
	if left >= right {
		left, right, top, bottom = 0, 0, 0, 0
	}
	a.left, a.right, a.top, a.bottom = left, right, top, bottom
}

// run counts what is dark from the upper left corner on, to the right or down.
func (a *area) run(dx, dy int) int {
	n := 0
	for x, y := a.left, a.top; x < a.right && y < a.bottom && a.dark(x, y); x, y = x+dx, y+dy {
		n++
	}
	return n
}

// hasFinders reports whether the three finder patterns are in their corners.
func hasFinders(m [][]bool) bool {
	far := len(m) - finder
	return finderAt(m, 0, 0) && finderAt(m, far, 0) && finderAt(m, 0, far)
}

// finderAt allows one wrong module.
func finderAt(m [][]bool, left, top int) bool {
	wrong := 0
	for y := range finder {
		for x := range finder {
			ring := max(abs(x-finder/2), abs(y-finder/2))
			if m[top+y][left+x] != (ring != 2) {
				wrong++
			}
		}
	}
	return wrong <= 1
}

func abs(n int) int { return max(n, -n) }

// decodeModules has gozxing read the bits. It may panic on some.
func decodeModules(m [][]bool) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	result, err := decoder.NewDecoder().DecodeBoolMapWithoutHint(m)
	if err != nil {
		return ""
	}
	return result.GetText()
}
