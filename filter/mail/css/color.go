package css

import (
	"bytes"
)

// Color is the colour of text or of what is behind it.
type Color uint32

// A Color that is none of these three holds red, green and blue in its low bytes.
const (
	Unset       Color = 0       // nothing is said
	Transparent Color = 1 << 25 // what is behind shows through
	Unknown     Color = 1 << 26 // an image, a gradient, a mixture: it cannot be told
	known       Color = 1 << 24
)

// RGB makes a Color.
func RGB(r, g, b byte) Color { return known | Color(r)<<16 | Color(g)<<8 | Color(b) }

// Known reports whether c is one certain colour.
func (c Color) Known() bool { return c&known != 0 }

// Dark reports whether c is nearer to black than to white.
func (c Color) Dark() bool {
	r, g, b := c>>16&255, c>>8&255, c&255
	return c.Known() && 299*r+587*g+114*b < 128*1000
}

// Like reports whether nobody can tell text of colour c before d. It is false
// unless both are known.
func (c Color) Like(d Color) bool {
	const near = 8
	if !c.Known() || !d.Known() {
		return false
	}
	for shift := 0; shift <= 16; shift += 8 {
		x, y := int(c>>shift&255), int(d>>shift&255)
		if x-y > near || y-x > near {
			return false
		}
	}
	return true
}

// ParseColor reads a value of color or bgcolor (CSS Color Level 4; the attribute
// may lack the "#"). Keywords that take the colour from elsewhere are Unset, and
// what cannot be read is Unknown.
func ParseColor(value []byte) Color {
	switch {
	case len(value) == 0:
		return Unset
	case value[0] == '#':
		return hexColor(value[1:])
	case value[len(value)-1] == ')':
		return function(value)
	}
	var buf [16]byte
	if len(value) > len(buf) {
		return Unknown
	}
	name := lower(buf[:0], value)
	switch string(name) {
	case "inherit", "unset", "initial", "revert", "currentcolor", "auto":
		return Unset
	case "transparent", "none":
		return Transparent
	}
	if c := named(string(name)); c != Unset {
		return c
	}
	return hexColor(value)
}

// hexColor reads "fff", "ffff", "ffffff" and "ffffffff".
func hexColor(b []byte) Color {
	for _, c := range b {
		if hex(c) > 15 {
			return Unknown
		}
	}
	two := func(i int) byte { return hex(b[i])<<4 | hex(b[i+1]) }
	switch len(b) {
	case 3, 4:
		if len(b) == 4 && hex(b[3]) != 15 {
			return alpha(float64(hex(b[3])))
		}
		return RGB(hex(b[0])*17, hex(b[1])*17, hex(b[2])*17)
	case 6, 8:
		if len(b) == 8 && two(6) != 255 {
			return alpha(float64(two(6)))
		}
		return RGB(two(0), two(2), two(4))
	}
	return Unknown
}

// alpha is what a colour that is not opaque comes to.
func alpha(a float64) Color {
	if a <= 0 {
		return Transparent
	}
	return Unknown
}

// function reads rgb() and rgba(), with commas or blanks and a slash.
func function(value []byte) Color {
	open := bytes.IndexByte(value, '(')
	if open < 0 || !Is(value[:open], "rgb") && !Is(value[:open], "rgba") {
		return Unknown
	}
	args := value[open+1 : len(value)-1]
	var parts [4]float64
	n := 0
	for len(args) > 0 {
		end := bytes.IndexAny(args, ", /\t\r\n")
		if end < 0 {
			end = len(args)
		}
		if end > 0 {
			size, unit, ok := Number(args[:end])
			if !ok || n == len(parts) {
				return Unknown
			}
			if n < 3 && Is(unit, "%") {
				size *= 2.55
			}
			parts[n] = size
			n++
		}
		args = args[min(end+1, len(args)):]
	}
	switch {
	case n == 4 && parts[3] < 1:
		return alpha(parts[3])
	case n < 3:
		return Unknown
	}
	channel := func(f float64) byte { return byte(min(max(f, 0), 255) + 0.5) }
	return RGB(channel(parts[0]), channel(parts[1]), channel(parts[2]))
}

// named knows the sixteen names of HTML and those near white and black.
func named(name string) Color {
	switch name {
	case "white":
		return RGB(255, 255, 255)
	case "black":
		return RGB(0, 0, 0)
	case "red":
		return RGB(255, 0, 0)
	case "blue":
		return RGB(0, 0, 255)
	case "green":
		return RGB(0, 128, 0)
	case "lime":
		return RGB(0, 255, 0)
	case "yellow":
		return RGB(255, 255, 0)
	case "aqua", "cyan":
		return RGB(0, 255, 255)
	case "fuchsia", "magenta":
		return RGB(255, 0, 255)
	case "gray", "grey":
		return RGB(128, 128, 128)
	case "silver":
		return RGB(192, 192, 192)
	case "maroon":
		return RGB(128, 0, 0)
	case "navy":
		return RGB(0, 0, 128)
	case "olive":
		return RGB(128, 128, 0)
	case "purple":
		return RGB(128, 0, 128)
	case "teal":
		return RGB(0, 128, 128)
	case "orange":
		return RGB(255, 165, 0)
	case "snow":
		return RGB(255, 250, 250)
	case "ivory":
		return RGB(255, 255, 240)
	case "ghostwhite":
		return RGB(248, 248, 255)
	case "whitesmoke":
		return RGB(245, 245, 245)
	case "floralwhite":
		return RGB(255, 250, 240)
	case "lightgray", "lightgrey":
		return RGB(211, 211, 211)
	case "gainsboro":
		return RGB(220, 220, 220)
	case "darkgray", "darkgrey":
		return RGB(169, 169, 169)
	}
	return Unset
}

// Backdrop is the colour that a background value paints. A shorthand with an
// image or a gradient in it is Unknown; one without a colour is Transparent.
func Backdrop(value []byte) Color {
	if c := ParseColor(value); c != Unknown {
		return c
	}
	if bytes.IndexByte(value, '(') >= 0 && !plainFunction(value) {
		return Unknown
	}
	for rest := value; len(rest) > 0; {
		var field []byte
		field, rest = cutField(rest)
		if c := ParseColor(field); c != Unknown && c != Unset {
			return c
		}
	}
	return Unknown
}

// plainFunction reports whether the only function in a shorthand is no image.
func plainFunction(value []byte) bool {
	var buf [64]byte
	if len(value) > len(buf) {
		return false
	}
	v := lower(buf[:0], value)
	return !bytes.Contains(v, []byte("url(")) && !bytes.Contains(v, []byte("gradient")) && !bytes.Contains(v, []byte("image"))
}
