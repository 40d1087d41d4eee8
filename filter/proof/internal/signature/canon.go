package signature

import (
	"bytes"
	"encoding/binary"
	"hash"
	"math/bits"

	"sekisho/filter/proof/internal/taglist"
)

// Form is a canonicalisation (RFC 6376, section 3.4).
type Form string

const (
	Simple  Form = "simple"
	Relaxed Form = "relaxed"
)

// AppendField appends a header field with its CRLF in this form.
func (f Form) AppendField(dst, raw []byte) []byte {
	if f == Relaxed {
		return appendRelaxed(dst, raw)
	}
	return append(dst, raw...)
}

// hashBody writes a body in this form.
func (f Form) hashBody(h hash.Hash, body []byte) {
	if f == Relaxed {
		hashRelaxedBody(h, body)
	} else {
		hashSimpleBody(h, body)
	}
}

var crlf = []byte("\r\n")

// appendRelaxed appends a header field in the relaxed form (RFC 6376,
// section 3.4.2): name in lower case, no white space around the colon, folding
// undone, each run of white space one space, none at the end. The CRLF at the
// end is part of it. Every byte is looked at once.
func appendRelaxed(dst, raw []byte) []byte {
	name, value, _ := bytes.Cut(raw, []byte{':'})
	for _, c := range taglist.TrimFWS(name) {
		dst = append(dst, taglist.Lower(c))
	}
	dst = append(dst, ':')
	value = taglist.TrimFWS(value)
	for len(value) > 0 {
		n := 0
		for n < len(value) && !taglist.IsFWS(value[n]) {
			n++
		}
		dst = append(dst, value[:n]...)
		value = value[n:]
		if len(value) > 0 {
			dst = append(dst, ' ')
			for taglist.IsFWS(value[0]) { // ends: trimFWS left no white space at the end
				value = value[1:]
			}
		}
	}
	return append(dst, crlf...)
}

// hashSimpleBody writes body in the simple form (RFC 6376, section 3.4.3): as
// it is, with exactly one CRLF at the end.
func hashSimpleBody(h hash.Hash, body []byte) {
	for bytes.HasSuffix(body, crlf) {
		body = body[:len(body)-2]
	}
	h.Write(body)
	h.Write(crlf)
}

// hashRelaxedBody writes body in the relaxed form (RFC 6376, section 3.4.4):
// white space at the end of a line is left out, each other run of it is one
// space, empty lines at the end are left out. A body that is empty then is
// nothing, any other ends with CRLF.
func hashRelaxedBody(h hash.Hash, body []byte) {
	body = trimRelaxedEnd(body)
	if len(body) == 0 {
		return
	}
	// What is left ends with an ordinary byte. So each CRLF in it stays, and
	// only runs of white space that are longer than one space, hold a tab or
	// stand before CRLF change. Where they are far apart, what lies between is
	// found and handed on whole; where they are dense, copyRuns goes through.
	w := chunkWriter{h: h}
	tab := nextTab(body, 0)
	for at := 0; at < len(body); {
		run := nextRun(body, at, tab)
		w.write(body[at:run])
		calm := run-at > calmAfter
		if at = run; calm && at < len(body) {
			read, written := copyRun(w.room(), body[at:])
			w.n += written
			at += read
		}
		for at < len(body) && !calm {
			var read, written int
			read, written, calm = copyRuns(w.room(), body[at:])
			w.n += written
			at += read
		}
		if at > tab {
			tab = nextTab(body, at)
		}
	}
	w.write(crlf)
	w.flush()
}

// copyRuns writes the relaxed form of the beginning of body to dst, which has
// room for minRoom bytes at least. It stops where dst is full, body ends, or no
// run has come up for a while: then it is calm. body does not end with white
// space.
func copyRuns(dst, body []byte) (read, written int, calm bool) {
	for since := 0; written+minRoom <= len(dst); {
		if read+minRoom > len(body) {
			for read < len(body) && written < len(dst) {
				r, n := copyRun(dst[written:], body[read:])
				read, written = read+r, written+n
			}
			return read, written, false
		}
		b := (*[minRoom]byte)(body[read:])
		*(*[minRoom]byte)(dst[written:]) = *b
		hit1, hit2, hit3, hit4 := runs(b[:8]), runs(b[7:15]), runs(b[14:22]), runs(b[21:29])
		if hit1|hit2|hit3|hit4 == 0 {
			read, written, since = read+stride, written+stride, since+stride
			if since > calmAfter {
				return read, written, true
			}
			continue
		}
		n := firstHit(hit1, hit2, hit3, hit4)
		r, w := copyRun(dst[written+n:], body[read+n:])
		read, written, since = read+n+r, written+n+w, 0
	}
	return read, written, false
}

// copyRun writes the relaxed form of the byte or the run of white space that body
// begins with.
func copyRun(dst, body []byte) (read, written int) {
	if !isWSP(body[0]) {
		dst[0] = body[0]
		return 1, 1
	}
	end := 1
	for isWSP(body[end]) { // ends: the last byte of body is not white space
		end++
	}
	if end+1 < len(body) && body[end] == '\r' && body[end+1] == '\n' {
		return end, 0
	}
	dst[0] = ' '
	return end, 1
}

// firstHit returns the place of the first bit in four words that overlap by a byte.
func firstHit(hit1, hit2, hit3, hit4 uint64) int {
	switch {
	case hit1 != 0:
		return bits.TrailingZeros64(hit1) / 8
	case hit2 != 0:
		return 7 + bits.TrailingZeros64(hit2)/8
	case hit3 != 0:
		return 14 + bits.TrailingZeros64(hit3)/8
	}
	return 21 + bits.TrailingZeros64(hit4)/8
}

const (
	minRoom   = 32         // bytes that copyRuns copies at once
	calmAfter = 2 * stride // bytes without a run after which looking is cheaper than copying
)

// runs sets the top bit of each of the first seven bytes of b with which a run may
// begin, and no other bit: spacePairs, and tabs.
func runs(b []byte) uint64 {
	w := binary.LittleEndian.Uint64(b) ^ ones*'\t'
	return (spacePairs(b) | (w-ones)&^w) & (tops >> 8)
}

func isWSP(b byte) bool { return b == ' ' || b == '\t' }

// trimRelaxedEnd cuts the empty lines at the end, and white space before them.
func trimRelaxedEnd(body []byte) []byte {
	for len(body) > 0 {
		switch {
		case isWSP(body[len(body)-1]):
			body = body[:len(body)-1]
		case bytes.HasSuffix(body, crlf):
			body = body[:len(body)-2]
		default:
			return body
		}
	}
	return body
}

// nextTab returns the place of the first tab at or after at, len(body) if there
// is none.
func nextTab(body []byte, at int) int {
	if i := bytes.IndexByte(body[at:], '\t'); i >= 0 {
		return at + i
	}
	return len(body)
}

// nextRun returns where the first run of white space at or after at begins that
// relaxed canonicalisation changes, len(body) if there is none. tab is the
// place of the next tab.
//
// It reads words of eight bytes, four at a time, and looks closer only where a
// space has a right neighbour at or below a space: text without such a pair has
// nothing to change. The words overlap by one byte, so that no pair falls
// between two.
func nextRun(body []byte, at, tab int) int {
	i := at
	for i+stride < tab {
		b := (*[stride + 1]byte)(body[i:])
		if (spacePairs(b[:8])|spacePairs(b[7:15])|spacePairs(b[14:22])|spacePairs(b[21:]))&tops == 0 {
			i += stride
			continue
		}
		hit := spacePairs(b[:8]) & tops
		if hit == 0 {
			i += 7
			continue
		}
		i += bits.TrailingZeros64(hit) / 8
		if startsRun(body, i) {
			return i
		}
		i++
	}
	for ; i < tab; i++ {
		if startsRun(body, i) {
			return i
		}
	}
	// A single space before the tab was passed over: it belongs to the run.
	if tab < len(body) && tab > at && body[tab-1] == ' ' {
		return tab - 1
	}
	return tab
}

// stride is how far nextRun gets with four words.
const stride = 4 * 7

// startsRun reports whether at i stands a space that is not the only one, or is
// the last byte of a line.
func startsRun(body []byte, i int) bool {
	if body[i] != ' ' || i+2 >= len(body) {
		return false // the last byte of body is not white space
	}
	return body[i+1] == ' ' || body[i+1] == '\r' && body[i+2] == '\n'
}

const (
	ones = 0x0101010101010101
	tops = 0x80 * ones
)

// spacePairs sets the top bit of each of the first seven bytes of b that is a
// space and whose right neighbour is at or below a space. A few others may be
// set, none is left out: the subtraction can borrow from the next byte. The
// other bits mean nothing.
func spacePairs(b []byte) uint64 {
	w := binary.LittleEndian.Uint64(b)
	low := (w - ones*(' '+1)) &^ w     // at or below a space
	return low & (w << 2) & (low >> 8) // of those only a space has bit 5
}

// chunkWriter gathers small writes for a hash.
type chunkWriter struct {
	h   hash.Hash
	n   int
	buf [4096]byte
}

func (w *chunkWriter) write(p []byte) {
	if len(p) > len(w.buf)-w.n {
		w.flush()
		if len(p) >= len(w.buf) {
			w.h.Write(p)
			return
		}
	}
	w.n += copy(w.buf[w.n:], p)
}

// room returns the place to write to next, of minRoom bytes at least. The caller
// adds to n what it has written.
func (w *chunkWriter) room() []byte {
	if len(w.buf)-w.n < minRoom {
		w.flush()
	}
	return w.buf[w.n:]
}

func (w *chunkWriter) flush() {
	w.h.Write(w.buf[:w.n])
	w.n = 0
}
