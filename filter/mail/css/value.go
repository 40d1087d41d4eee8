package css

import (
	"bytes"
	"strconv"
)

// Is reports whether a value is the given keyword, which is in lower case.
func Is(value []byte, keyword string) bool {
	if len(value) != len(keyword) {
		return false
	}
	for i := range len(keyword) {
		c := value[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != keyword[i] {
			return false
		}
	}
	return true
}

// Number splits a number or length such as "-0.5px" into its number and its unit
// as written. ok is false for what begins with no number.
func Number(value []byte) (n float64, unit []byte, ok bool) {
	end, sign := 0, 1.0
	if len(value) > 0 && (value[0] == '-' || value[0] == '+') {
		if value[0] == '-' {
			sign = -1
		}
		value = value[1:]
	}
	whole := 0
	for end < len(value) && end < 9 && value[end] >= '0' && value[end] <= '9' {
		whole = whole*10 + int(value[end]-'0')
		end++
	}
	if end > 0 && (end == len(value) || value[end] != '.' && (value[end] < '0' || value[end] > '9')) {
		return sign * float64(whole), value[end:], true // the usual, without a fraction
	}
	for end < len(value) && (value[end] == '.' || value[end] >= '0' && value[end] <= '9') {
		end++
	}
	if end == 0 {
		return 0, value, false
	}
	n, err := strconv.ParseFloat(string(value[:min(end, 32)]), 64)
	return sign * n, value[end:], err == nil
}

// Zero reports whether a number or length is nothing.
func Zero(value []byte) bool {
	n, _, ok := Number(value)
	return ok && n == 0
}

// Pixels is a length in CSS pixels, with 16 of them to an em. ok is false for
// percentages and for what is no length.
func Pixels(value []byte) (px float64, ok bool) {
	n, unit, ok := Number(value)
	if !ok {
		return 0, false
	}
	switch {
	case len(unit) == 0 || Is(unit, "px"):
		return n, true
	case Is(unit, "em") || Is(unit, "rem") || Is(unit, "pc"):
		return n * 16, true
	case Is(unit, "pt"):
		return n * 4 / 3, true
	case Is(unit, "ex") || Is(unit, "ch"):
		return n * 8, true
	case Is(unit, "vw") || Is(unit, "vh"):
		return n * 10, true
	case Is(unit, "in"):
		return n * 96, true
	case Is(unit, "cm"):
		return n * 96 / 2.54, true
	case Is(unit, "mm"):
		return n * 96 / 25.4, true
	}
	return 0, false
}

// Clipped reports whether a clip or clip-path value cuts everything away, as in
// "rect(0 0 0 0)", "rect(1px,1px,1px,1px)" and "inset(50%)".
func Clipped(value []byte) bool {
	open := bytes.IndexByte(value, '(')
	if open < 0 || value[len(value)-1] != ')' {
		return false
	}
	name, args := value[:open], value[open+1:len(value)-1]
	var sides [4]float64
	n := 0
	for len(args) > 0 && n < len(sides) {
		end := bytes.IndexAny(args, ", \t\r\n")
		if end < 0 {
			end = len(args)
		}
		if end > 0 {
			size, _, ok := Number(args[:end])
			if !ok {
				return false
			}
			sides[n] = size
			n++
		}
		args = args[min(end+1, len(args)):]
	}
	switch {
	case Is(name, "rect"):
		return n == 4 && (sides[2] <= sides[0] || sides[1] <= sides[3])
	case Is(name, "inset"):
		return n > 0 && sides[0] >= 50
	case Is(name, "circle"):
		return n > 0 && sides[0] == 0
	}
	return false
}
