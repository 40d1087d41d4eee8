package rule

import (
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// structure is a struct type of the vocabulary as CEL sees it.
type structure struct {
	name   string
	cel    *types.Type
	terms  []Term
	fields []field
	index  map[string]int // by name
}

// field is how the value of a field becomes CEL's.
type field struct {
	at   int // of the Go struct
	get  *types.FieldType
	conv func(v reflect.Value) ref.Val
}

// typeTable is every type that can be reached from world.
type typeTable struct {
	root   *structure
	order  []*structure
	byName map[string]*structure
}

func newTypeTable() (*typeTable, error) {
	t := &typeTable{byName: make(map[string]*structure)}
	meanings := meanings()
	root, err := t.add(reflect.TypeFor[world](), meanings)
	if err != nil {
		return nil, err
	}
	t.root, t.order = root, t.order[1:]
	delete(t.byName, root.name)
	return t, nil
}

// add reads a Go struct. The name of a field is its JSON name.
func (t *typeTable) add(goType reflect.Type, meanings map[string]meaning) (*structure, error) {
	name := strings.ToUpper(goType.Name()[:1]) + goType.Name()[1:]
	if s := t.byName[name]; s != nil {
		return s, nil
	}
	s := &structure{name: name, cel: types.NewObjectType(name), index: make(map[string]int)}
	t.byName[s.name] = s
	t.order = append(t.order, s)
	for i := range goType.NumField() {
		f := goType.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		m, known := meanings[s.name+"."+name]
		if !known {
			return nil, fmt.Errorf("rule: %s.%s has no meaning", s.name, name)
		}
		kind, conv, err := t.kind(f.Type, meanings)
		if err != nil {
			return nil, fmt.Errorf("rule: %s.%s: %w", s.name, name, err)
		}
		n := len(s.fields)
		s.index[name] = n
		s.fields = append(s.fields, field{at: i, conv: conv, get: &types.FieldType{
			Type:    kind,
			IsSet:   func(target any) bool { o, ok := target.(*object); return ok && !o.from.Field(i).IsZero() },
			GetFrom: func(target any) (any, error) { return fieldOf(target, n) },
		}})
		s.terms = append(s.terms, Term{Name: name, Type: kind.String(), Meaning: m.text, Words: m.words, most: m.most, each: m.each, host: m.host})
	}
	return s, nil
}

// kind is the CEL type of a Go type, and how a value of it becomes CEL's.
func (t *typeTable) kind(goType reflect.Type, meanings map[string]meaning) (*types.Type, func(reflect.Value) ref.Val, error) {
	switch goType.Kind() {
	case reflect.String:
		return types.StringType, func(v reflect.Value) ref.Val { return types.String(v.String()) }, nil
	case reflect.Bool:
		return types.BoolType, func(v reflect.Value) ref.Val { return types.Bool(v.Bool()) }, nil
	case reflect.Int:
		return types.IntType, func(v reflect.Value) ref.Val { return types.Int(v.Int()) }, nil
	case reflect.Struct:
		s, err := t.add(goType, meanings)
		if err != nil {
			return nil, nil, err
		}
		return s.cel, func(v reflect.Value) ref.Val { return newObject(s, v) }, nil
	case reflect.Slice:
		item, conv, err := t.kind(goType.Elem(), meanings)
		if err != nil {
			return nil, nil, err
		}
		return types.NewListType(item), func(v reflect.Value) ref.Val {
			list := make([]ref.Val, v.Len())
			for i := range list {
				list[i] = conv(v.Index(i))
			}
			return types.NewRefValList(adapter{}, list)
		}, nil
	}
	return nil, nil, fmt.Errorf("%s is no type for a rule", goType)
}

// typeProvider tells CEL of the table. missed, where it is not nil, notes the
// fields that were asked for and are not there, in their order.
type typeProvider struct {
	*typeTable
	missed *[]missing
}

type missing struct {
	of   *structure
	name string
}

// EnumValue implements types.Provider; there are no enumerations.
func (typeProvider) EnumValue(name string) ref.Val { return types.NewErr("no enumeration %s", name) }

// FindIdent implements types.Provider; types are no values.
func (typeProvider) FindIdent(string) (ref.Val, bool) { return nil, false }

// FindStructType implements types.Provider.
func (p typeProvider) FindStructType(name string) (*types.Type, bool) {
	s := p.byName[name]
	if s == nil {
		return nil, false
	}
	return types.NewTypeTypeWithParam(s.cel), true
}

// FindStructFieldNames implements types.Provider.
func (p typeProvider) FindStructFieldNames(name string) ([]string, bool) {
	s := p.byName[name]
	if s == nil {
		return nil, false
	}
	return s.names(), true
}

// FindStructFieldType implements types.Provider.
func (p typeProvider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	s := p.byName[name]
	if s == nil {
		return nil, false
	}
	if i, known := s.index[field]; known {
		return s.fields[i].get, true
	}
	if p.missed != nil {
		*p.missed = append(*p.missed, missing{of: s, name: field})
	}
	return nil, false
}

// NewValue implements types.Provider; a rule makes no objects.
func (typeProvider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("no object of %s can be made", name)
}

func (s *structure) names() []string {
	names := make([]string, len(s.terms))
	for i, t := range s.terms {
		names[i] = t.Name
	}
	return names
}

// adapter passes on what is CEL's already; nothing else is in an activation.
type adapter struct{}

// NativeToValue implements types.Adapter.
func (adapter) NativeToValue(value any) ref.Val {
	if v, ok := value.(ref.Val); ok {
		return v
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}
