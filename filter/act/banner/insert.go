package banner

import (
	"bytes"
	"slices"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// Edit is a change to the message's header: the field of that name gets another
// value, or, where Add says so, there is none yet and this one is added.
type Edit struct {
	Name  string
	Value string // one line of ASCII, or the old value's own folding with CRLF
	Add   bool
}

// Change is a message with its banner.
type Change struct {
	Body  []byte
	Edits []Edit // mostly none
}

// Insert puts b into a message and returns what changes. With a Refusal nothing
// does. Neither header nor body is written to.
func Insert(h mail.Header, body []byte, b Banner) (Change, Refusal) {
	switch {
	case len(b) == 0:
		return Change{}, NoBanner
	case len(body) > MaxBody:
		return Change{}, TooLarge
	}
	fields := make([]entity.Field, len(h))
	for i, f := range h {
		fields[i] = entity.Field{Name: bytes.TrimRight([]byte(f.Name), " \t"), Raw: f.Raw}
	}
	body = slices.Clip(body) // see offset
	leaves, why := walk(fields, body)
	if why != "" {
		return Change{}, why
	}
	chosen := choose(leaves)
	if len(chosen) == 0 {
		return Change{}, NoText
	}
	var c Change
	var cuts []cut
	var want []written
	for _, i := range chosen {
		l := leaves[i]
		text, why := b.into(l, body[l.start:l.end])
		if why != "" {
			return Change{}, why
		}
		if l.head < 0 {
			c.Edits, why = text.edits(fields)
		} else {
			cuts, why = text.inHeader(cuts, l, body)
		}
		if why != "" {
			return Change{}, why
		}
		cuts = append(cuts, cut{l.start, l.end, text.encoded})
		want = append(want, written{i, text.data})
	}
	c.Body = splice(body, cuts)
	if !same(leaves, body, want, apply(fields, c.Edits), c.Body) {
		return Change{}, Unproved
	}
	return c, ""
}

// choose returns the first text/plain and the first text/html that are displayed.
func choose(leaves []leaf) []int {
	var chosen []int
	for _, kind := range []string{"text/plain", "text/html"} {
		if i := slices.IndexFunc(leaves, func(l leaf) bool { return l.shown && l.media.Type == kind }); i >= 0 {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return chosen
}

// cut is a piece of the body and what takes its place.
type cut struct {
	start, end int
	with       []byte
}

// splice makes cuts that stand in order.
func splice(body []byte, cuts []cut) []byte {
	size := len(body)
	for _, c := range cuts {
		size += len(c.with)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, c := range cuts {
		out = append(append(out, body[at:c.start]...), c.with...)
		at = c.end
	}
	return append(out, body[at:]...)
}

// written is what a changed leaf has to hold, decoded.
type written struct {
	leaf int
	data []byte
}

// same reads the changed message and reports whether each part is what it was, or
// what it was to become.
func same(leaves []leaf, body []byte, want []written, fields []entity.Field, changed []byte) bool {
	now, why := walk(fields, slices.Clip(changed))
	if why != "" || len(now) != len(leaves) {
		return false
	}
	for i, l := range leaves {
		n := now[i]
		old, content := body[l.start:l.end], changed[n.start:n.end]
		if at := slices.IndexFunc(want, func(w written) bool { return w.leaf == i }); at >= 0 {
			data, size, damaged := transfer.Decode(n.encoding, content, len(want[at].data)+1)
			if damaged || size != len(data) || !bytes.Equal(data, want[at].data) || n.media.Type != l.media.Type || n.shown != l.shown {
				return false
			}
			continue
		}
		if !bytes.Equal(old, content) || l.head >= 0 && !bytes.Equal(body[l.head:l.start], changed[n.head:n.start]) {
			return false
		}
	}
	return true
}

// apply makes edits to a header.
func apply(fields []entity.Field, edits []Edit) []entity.Field {
	fields = slices.Clone(fields)
	for _, e := range edits {
		f := entity.Field{Name: []byte(e.Name), Raw: []byte(e.Name + ": " + e.Value + "\r\n")}
		if e.Add {
			fields = append(fields, f)
			continue
		}
		for i := range fields {
			if strings.EqualFold(string(fields[i].Name), e.Name) {
				fields[i] = f
			}
		}
	}
	return fields
}
