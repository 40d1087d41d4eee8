package strictyaml

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Value is one value of the document, handed to a type that reads itself. It is
// good only during UnmarshalValue.
type Value struct {
	c *decoder
	n *yaml.Node
}

// Pos is where the value begins.
func (v Value) Pos() Pos { return v.c.doc.pos(v.n) }

// Text returns a scalar exactly as written, without its quotes; false for lists
// and mappings.
func (v Value) Text() (string, bool) {
	return v.n.Value, v.n.Kind == yaml.ScalarNode
}

// Quoted reports a scalar that its author marked as text.
func (v Value) Quoted() bool { return isText(v.n) }

// IsList reports a list.
func (v Value) IsList() bool { return v.n.Kind == yaml.SequenceNode }

// IsMapping reports keys with values.
func (v Value) IsMapping() bool { return v.n.Kind == yaml.MappingNode }

// Decode reads the value into what into points to and reports whether all of it
// was good; problems are told already.
func (v Value) Decode(into any) bool {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		v.Errorf("cannot be read into %T, which is not a pointer", into)
		return false
	}
	return v.c.value(v.n, target.Elem())
}

// DecodeByTag is Decode into structs whose keys are those of another tag, such as
// json, whose options do not matter; embedded structs without it lend their keys. It
// is for types whose names in another encoding are what a document is to use.
func (v Value) DecodeByTag(tag string, into any) bool {
	by := *v.c
	by.tag = tag
	return Value{c: &by, n: v.n}.Decode(into)
}

// Each calls read for every key of a mapping, in the order written. Any other
// value, and a key set twice, are problems.
func (v Value) Each(read func(key string, pos Pos, value Value)) {
	v.c.pairs(v.n, func(key string, keyNode, value *yaml.Node) bool {
		return v.c.below(step{key: key}, func() bool {
			read(key, v.c.doc.pos(keyNode), Value{c: v.c, n: value})
			return true
		})
	})
}

// Wants tells that the value is not what was wanted: "wants WHAT, has ...".
func (v Value) Wants(what string) { v.c.wrong(v.n, what) }

// Errorf tells a problem at the value.
func (v Value) Errorf(format string, args ...any) { v.c.errorf(v.n, format, args...) }

// ErrorAt tells a problem at another place of the document, such as a key.
func (v Value) ErrorAt(pos Pos, format string, args ...any) {
	v.c.doc.Errorf(pos, "%s%s", v.c.where(), fmt.Sprintf(format, args...))
}
