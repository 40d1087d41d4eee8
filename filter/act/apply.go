package act

import (
	"slices"
	"strings"

	"sekisho/filter/mail"
)

// Apply carries out the edits of a plan on a message, as the MTA does where it is
// asked to. Neither header nor body is changed; what stays is shared.
func Apply(h mail.Header, body []byte, p Plan) (mail.Header, []byte) {
	h = slices.Clone(h)
	for _, e := range p.Edits {
		f := mail.Field{Name: e.Name, Raw: []byte(e.Name + ": " + e.Value + "\r\n")}
		if e.Op == Insert {
			h = slices.Insert(h, min(e.Index, len(h)), f)
			continue
		}
		at := place(h, e.Name, e.Index)
		switch {
		case at < 0: // nothing of that name and number: the MTA leaves it at that, too
		case e.Op == Delete:
			h = slices.Delete(h, at, at+1)
		case e.Op == Change:
			h[at] = f
		}
	}
	if p.Body != nil {
		body = p.Body
	}
	return h, body
}

// place is where the index-th field of a name stands, -1 for nowhere.
func place(h mail.Header, name string, index int) int {
	for i, f := range h {
		if !strings.EqualFold(fieldName(f), name) {
			continue
		}
		if index--; index == 0 {
			return i
		}
	}
	return -1
}
