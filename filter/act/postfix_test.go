package act

import (
	"strings"

	"sekisho/filter/mail"
)

// postfix is a queue file's header as Postfix 3.7 edits it
// (src/cleanup/cleanup_milter.c): the first field, whatever it is, is taken for
// Postfix's own Received and is neither shown nor counted by name.
type postfix struct{ fields []string } // without the final line end

func receive(fields ...string) *postfix {
	return &postfix{append([]string{"Received: from client by mx.example.jp"}, fields...)}
}

// shown is the header that a milter gets to see.
func (p *postfix) shown() mail.Header {
	var h mail.Header
	for _, f := range p.fields[1:] {
		name, _, _ := strings.Cut(f, ":")
		h = append(h, mail.Field{Name: name, Raw: []byte(f + "\r\n")})
	}
	return h
}

// find is the place of the index-th field of that name after the first, -1
// without one.
func (p *postfix) find(name string, index int) int {
	for i, f := range p.fields {
		own, _, _ := strings.Cut(f, ":")
		if i > 0 && strings.EqualFold(strings.TrimRight(own, " \t"), name) {
			if index--; index == 0 {
				return i
			}
		}
	}
	return -1
}

func (p *postfix) apply(edits []Edit) {
	for _, e := range edits {
		line := e.Name + ": " + e.Value
		switch e.Op {
		case Insert:
			p.fields = append(p.fields[:e.Index:e.Index], append([]string{line}, p.fields[e.Index:]...)...)
		case Change:
			if i := p.find(e.Name, e.Index); i >= 0 {
				p.fields[i] = line
			} else {
				p.fields = append(p.fields, line)
			}
		case Delete:
			if i := p.find(e.Name, e.Index); i >= 0 {
				p.fields = append(p.fields[:i:i], p.fields[i+1:]...)
			}
		}
	}
}
