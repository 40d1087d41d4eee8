package strictyaml

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Document is one parsed file and the problems found in it so far. It is not
// safe for use by several goroutines.
type Document struct {
	file     string
	src      []byte
	root     *yaml.Node // nil for an empty document, and where the syntax is broken
	plans    map[reflect.Type]*plan
	problems Problems
}

// Parse reads the syntax of src; file is the name that positions bear. It never
// fails: what is wrong is told by Err.
func Parse(file string, src []byte) *Document {
	d := &Document{file: file, src: src, plans: make(map[reflect.Type]*plan)}
	if len(src) > MaxBytes {
		d.src = nil
		d.Errorf(Pos{File: file}, "the file is larger than %d bytes", MaxBytes)
		return d
	}
	if at := invalidUTF8(src); at >= 0 {
		d.Errorf(d.posAt(at), "byte 0x%02x is not UTF-8; save the file as UTF-8", src[at])
		return d
	}
	d.parse()
	return d
}

// Unmarshal parses src, reads it into the struct that into points to and
// returns all problems as *Problems.
func Unmarshal(file string, src []byte, into any) error {
	d := Parse(file, src)
	d.Decode(into)
	return d.Err()
}

// ParseFile parses the file at path, of which at most limit bytes are read: a
// larger one is a problem of the document. The error is that of opening or
// reading the file.
func ParseFile(path string, limit int) (*Document, error) {
	// Opening a named pipe would wait for a writer, perhaps for ever.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	limit = min(limit, MaxBytes)
	src, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(src) > limit {
		d := Parse(path, nil)
		d.Errorf(Pos{File: path}, "the file is larger than %d bytes", limit)
		return d, nil
	}
	return Parse(path, src), nil
}

// Decode reads the document into the value that into points to. An empty
// document leaves it as it is. Problems are told by Err.
func (d *Document) Decode(into any) {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		d.Errorf(Pos{File: d.file}, "cannot be read into %T, which is not a pointer", into)
		return
	}
	if d.root == nil {
		return
	}
	c := &decoder{doc: d}
	c.value(d.root, target.Elem())
}

// Errorf adds a problem, for checks that go beyond types.
func (d *Document) Errorf(pos Pos, format string, args ...any) {
	if len(d.problems.List) >= MaxProblems {
		d.problems.More++
		return
	}
	d.problems.List = append(d.problems.List, &Problem{
		Pos:     pos,
		Message: fmt.Sprintf(format, args...),
		Source:  d.line(pos.Line),
	})
}

// Err returns all problems so far as *Problems, in the order of their lines, or
// nil when there are none.
func (d *Document) Err() error {
	if len(d.problems.List) == 0 {
		return nil
	}
	d.problems.sort()
	return &d.problems
}

// File returns the name given to Parse.
func (d *Document) File() string { return d.file }

func (d *Document) parse() {
	dec := yaml.NewDecoder(bytes.NewReader(d.src))
	var first, second yaml.Node
	err := dec.Decode(&first)
	if errors.Is(err, io.EOF) {
		return
	}
	if err != nil {
		d.syntax(err)
		return
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		d.Errorf(d.pos(&second), "a second document begins here; one document a file")
		return
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return
	}
	if len(first.Content) != 1 || isEmpty(first.Content[0]) {
		return
	}
	d.root = first.Content[0]
	if !d.plain(d.root, 0) {
		d.root = nil
	}
}

// plain reports whether n and all below it use only what this package allows,
// and tells what is not. Nesting too deep ends the walk: what is below is not
// looked at.
func (d *Document) plain(n *yaml.Node, depth int) bool {
	if depth > MaxDepth {
		d.Errorf(d.pos(n), "nested deeper than %d levels", MaxDepth)
		return false
	}
	ok := true
	switch {
	case n.Kind == yaml.AliasNode:
		d.Errorf(d.pos(n), "aliases are not allowed; write the value out")
		return false
	case n.Anchor != "":
		d.Errorf(d.pos(n), "anchors are not allowed; write the value out where it is needed")
		ok = false
	case n.Style&yaml.TaggedStyle != 0:
		d.Errorf(d.pos(n), "tags such as %s are not allowed", quote(n.Tag))
		ok = false
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.Tag == "!!merge" {
			d.Errorf(d.pos(child), "merge keys (<<) are not allowed; write the keys out")
			ok = false
		}
		if !d.plain(child, depth+1) {
			ok = false
		}
	}
	return ok
}

func (d *Document) pos(n *yaml.Node) Pos {
	return Pos{File: d.file, Line: n.Line, Column: n.Column}
}

// posAt is the place of a byte of the source.
func (d *Document) posAt(offset int) Pos {
	before := d.src[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return Pos{
		File:   d.file,
		Line:   bytes.Count(before, []byte{'\n'}) + 1,
		Column: utf8.RuneCount(before[start:]) + 1,
	}
}

// line is the text of a line, counted from 1, without its end.
func (d *Document) line(number int) string {
	if number < 1 {
		return ""
	}
	rest := d.src
	for ; number > 1; number-- {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
	}
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return string(bytes.ToValidUTF8(bytes.TrimSuffix(rest, []byte{'\r'}), []byte("?")))
}

// isEmpty reports a key or document without any value: nothing was written.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0
}

func invalidUTF8(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// Scalar returns a scalar at the top of the document as written, and its place,
// for keys that have to be known before all others are read. It tells no problems.
func (d *Document) Scalar(key string) (text string, pos Pos, ok bool) {
	if d.root == nil {
		return "", Pos{}, false
	}
	n := child(d.root, key)
	if n == nil || n.Kind != yaml.ScalarNode {
		return "", Pos{}, false
	}
	return n.Value, d.pos(n), true
}

// Sum is the SHA-256 of the document's bytes.
func (d *Document) Sum() [sha256.Size]byte { return sha256.Sum256(d.src) }

// At returns where the value at path begins: keys from the top down, and for
// lists the index from 0. A path that the document does not have gets the place
// of the nearest value above it.
func (d *Document) At(path ...string) Pos {
	if d.root == nil {
		return Pos{File: d.file}
	}
	n := d.root
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return d.pos(n)
}

func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}
