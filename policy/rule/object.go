package rule

import (
	"errors"
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// object is a struct of the facts as a CEL value. A field is converted when it is
// first asked for, and once.
type object struct {
	of   *structure
	from reflect.Value
	vals []ref.Val
}

func newObject(s *structure, from reflect.Value) *object {
	return &object{of: s, from: from}
}

func (o *object) field(n int) ref.Val {
	if o.vals == nil {
		o.vals = make([]ref.Val, len(o.of.fields))
	}
	if o.vals[n] == nil {
		f := &o.of.fields[n]
		o.vals[n] = f.conv(o.from.Field(f.at))
	}
	return o.vals[n]
}

func fieldOf(target any, n int) (any, error) {
	o, ok := target.(*object)
	if !ok {
		return nil, fmt.Errorf("%T has no fields", target)
	}
	return o.field(n), nil
}

// Get implements traits.Indexer.
func (o *object) Get(index ref.Val) ref.Val {
	if name, ok := index.(types.String); ok {
		if n, known := o.of.index[string(name)]; known {
			return o.field(n)
		}
	}
	return types.NewErr("no such field: %v", index)
}

// IsSet implements traits.FieldTester.
func (o *object) IsSet(index ref.Val) ref.Val {
	if name, ok := index.(types.String); ok {
		if n, known := o.of.index[string(name)]; known {
			return types.Bool(!o.from.Field(o.of.fields[n].at).IsZero())
		}
	}
	return types.NewErr("no such field: %v", index)
}

// ConvertToNative implements ref.Val.
func (o *object) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("an object stays in the rule")
}

// ConvertToType implements ref.Val.
func (o *object) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("%s cannot become %s", o.of.name, t.TypeName())
}

// Equal implements ref.Val. Rules that compare objects are refused; this is for
// completeness.
func (o *object) Equal(other ref.Val) ref.Val { return types.Bool(o == other) }

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.of.cel }

// Value implements ref.Val.
func (o *object) Value() any { return o }
