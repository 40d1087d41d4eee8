package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Unmarshaler is a type that reads itself. What it finds wrong it tells through
// v; after a problem its own value does not matter, the document is refused.
type Unmarshaler interface {
	UnmarshalValue(v Value)
}

// decoder walks the document and the target together. It remembers the keys it
// went through, for messages.
type decoder struct {
	doc  *Document
	path []step
}

// step is a key, or an index of a list where key is "".
type step struct {
	key   string
	index int
}

// plan is how the keys of a mapping go to the fields of a struct.
type plan struct {
	keys     []string // in the order of the fields
	fields   map[string][]int
	required []string
}

func (c *decoder) errorf(n *yaml.Node, format string, args ...any) {
	c.doc.Errorf(c.doc.pos(n), "%s%s", c.where(), fmt.Sprintf(format, args...))
}

// where is the path to the present value, "dns.servers[2]: "; "" at the top.
func (c *decoder) where() string {
	var b strings.Builder
	for _, s := range c.path {
		switch {
		case s.key == "":
			fmt.Fprintf(&b, "[%d]", s.index+1)
		case b.Len() > 0:
			b.WriteString("." + plainKey(s.key))
		default:
			b.WriteString(plainKey(s.key))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + ": "
}

// plainKey is a key fit for a message: as it is, or quoted where it is long or
// holds controls.
func plainKey(key string) string {
	if len(key) <= maxQuote && !strings.ContainsFunc(key, unicode.IsControl) {
		return key
	}
	return quote(key)
}

// below runs read one step deeper.
func (c *decoder) below(s step, read func() bool) bool {
	c.path = append(c.path, s)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	return read()
}

// value reads n into target and reports whether all of it was good.
func (c *decoder) value(n *yaml.Node, target reflect.Value) bool {
	if isEmpty(n) {
		c.errorf(n, "has no value; leave the key out or write one%s", emptyHint(target))
		return false
	}
	if target.CanAddr() {
		switch own := target.Addr().Interface().(type) {
		case Unmarshaler:
			before := c.doc.count()
			own.UnmarshalValue(Value{c: c, n: n})
			return c.doc.count() == before
		case *time.Duration:
			return c.duration(n, own)
		case encoding.TextUnmarshaler:
			return c.text(n, own)
		}
	}
	switch target.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(target.Type().Elem())
		if !c.value(n, fresh.Elem()) {
			return false
		}
		target.Set(fresh)
		return true
	case reflect.Struct:
		return c.structure(n, target)
	case reflect.Slice:
		return c.list(n, target)
	case reflect.Map:
		return c.mapping(n, target)
	}
	return c.scalar(n, target)
}

func emptyHint(target reflect.Value) string {
	switch target.Kind() {
	case reflect.String:
		return ` ("" for empty text)`
	case reflect.Slice:
		return " ([] for an empty list)"
	}
	return ""
}

func (c *decoder) structure(n *yaml.Node, target reflect.Value) bool {
	p, err := c.doc.plan(target.Type())
	if err != nil {
		c.errorf(n, "%v", err)
		return false
	}
	given := make(map[string]bool, len(p.keys))
	ok := c.pairs(n, func(key string, keyNode, value *yaml.Node) bool {
		i, known := p.fields[key]
		if !known {
			c.errorf(keyNode, "unknown key %s%s", quote(key), Suggest(key, p.keys))
			return false
		}
		given[key] = true
		return c.below(step{key: key}, func() bool { return c.value(value, target.FieldByIndex(i)) })
	})
	if n.Kind != yaml.MappingNode {
		return false
	}
	for _, key := range p.required {
		if !given[key] {
			c.errorf(n, "the key %s is missing", key)
			ok = false
		}
	}
	return ok
}

func (c *decoder) mapping(n *yaml.Node, target reflect.Value) bool {
	kind := target.Type()
	if kind.Key().Kind() != reflect.String {
		c.errorf(n, "cannot be read into %s", kind)
		return false
	}
	fresh := reflect.MakeMap(kind)
	ok := c.pairs(n, func(key string, _, value *yaml.Node) bool {
		element := reflect.New(kind.Elem()).Elem()
		good := c.below(step{key: key}, func() bool { return c.value(value, element) })
		fresh.SetMapIndex(reflect.ValueOf(key).Convert(kind.Key()), element)
		return good
	})
	target.Set(fresh)
	return ok
}

// pairs hands each key of a mapping and its value to read. A key set twice is
// told and its first value stays.
func (c *decoder) pairs(n *yaml.Node, read func(key string, keyNode, value *yaml.Node) bool) bool {
	if n.Kind != yaml.MappingNode {
		c.wrong(n, "keys with values (key: value)")
		return false
	}
	ok := true
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		keyNode, value := n.Content[i], n.Content[i+1]
		if keyNode.Kind != yaml.ScalarNode {
			c.errorf(keyNode, "a key has to be plain text")
			ok = false
			continue
		}
		key := keyNode.Value
		if first, twice := lines[key]; twice {
			c.errorf(keyNode, "the key %s is already set on line %d", quote(key), first)
			ok = false
			continue
		}
		lines[key] = keyNode.Line
		if !read(key, keyNode, value) {
			ok = false
		}
	}
	return ok
}

func (c *decoder) list(n *yaml.Node, target reflect.Value) bool {
	if n.Kind != yaml.SequenceNode {
		c.wrong(n, "a list (- item, or [item, item])")
		return false
	}
	fresh := reflect.MakeSlice(target.Type(), len(n.Content), len(n.Content))
	ok := true
	for i, item := range n.Content {
		if !c.below(step{index: i}, func() bool { return c.value(item, fresh.Index(i)) }) {
			ok = false
		}
	}
	target.Set(fresh)
	return ok
}

// plan reads the tags of a struct once per document.
func (d *Document) plan(kind reflect.Type) (*plan, error) {
	if p := d.plans[kind]; p != nil {
		return p, nil
	}
	p := &plan{fields: make(map[string][]int)}
	if err := p.add(kind, nil); err != nil {
		return nil, err
	}
	d.plans[kind] = p
	return p, nil
}

// add takes in the fields of a struct, which is found in the target at path.
func (p *plan) add(kind reflect.Type, path []int) error {
	for i := range kind.NumField() {
		field := kind.Field(i)
		tag, tagged := field.Tag.Lookup("yaml")
		if !tagged || tag == "-" {
			continue
		}
		at := append(slices.Clip(path), i)
		if tag == ",inline" && field.Anonymous && field.Type.Kind() == reflect.Struct {
			if err := p.add(field.Type, at); err != nil {
				return err
			}
			continue
		}
		key, option, _ := strings.Cut(tag, ",")
		if key == "" || !field.IsExported() || option != "" && option != "required" {
			return fmt.Errorf("the tag of %s.%s cannot be used: %s", kind, field.Name, strconv.Quote(tag))
		}
		p.fields[key] = at
		p.keys = append(p.keys, key)
		if option == "required" {
			p.required = append(p.required, key)
		}
	}
	return nil
}

// count is the number of problems so far, told and not told.
func (d *Document) count() int { return len(d.problems.List) + d.problems.More }
