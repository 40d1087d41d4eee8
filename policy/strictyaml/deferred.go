package strictyaml

import "slices"

// Deferred is a value that is read later, when what its reading depends on is
// known: the defaults below it, for instance. It is good as long as its Document.
type Deferred struct {
	v    Value
	path []step
}

// UnmarshalValue implements Unmarshaler.
func (d *Deferred) UnmarshalValue(v Value) { d.v, d.path = v, slices.Clone(v.c.path) }

// Pos is where the value begins.
func (d Deferred) Pos() Pos { return d.v.Pos() }

// Decode reads the value into what into points to and reports whether all of it
// was good; problems are told to the document.
func (d Deferred) Decode(into any) bool {
	again := Value{c: &decoder{doc: d.v.c.doc, path: d.path}, n: d.v.n}
	return again.Decode(into)
}
