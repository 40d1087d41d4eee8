package strictyaml

// Located is a value together with the place it was written. Its zero value was
// not written anywhere.
type Located[T any] struct {
	Value T
	Pos   Pos
}

// Set reports whether the document gave the value.
func (l Located[T]) Set() bool { return l.Pos.Line != 0 }

// UnmarshalValue implements Unmarshaler.
func (l *Located[T]) UnmarshalValue(v Value) {
	if v.Decode(&l.Value) {
		l.Pos = v.Pos()
	}
}

// Entry is one key of a Map with its value.
type Entry[T any] struct {
	Key   string // as written
	Pos   Pos    // of the key
	Value T
}

// Map is a mapping with keys that the document is free to choose, in the order
// written. A key set twice is a problem and appears once.
type Map[T any] []Entry[T]

// UnmarshalValue implements Unmarshaler.
func (m *Map[T]) UnmarshalValue(v Value) {
	*m = nil
	v.Each(func(key string, pos Pos, value Value) {
		entry := Entry[T]{Key: key, Pos: pos}
		if value.Decode(&entry.Value) {
			*m = append(*m, entry)
		}
	})
}
