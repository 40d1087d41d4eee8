package strictyaml

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type colour string

func (c *colour) UnmarshalText(text []byte) error {
	switch colour(text) {
	case "red", "blue":
		*c = colour(text)
		return nil
	}
	return fmt.Errorf("wants red or blue, has %q", text)
}

type inner struct {
	Host string        `yaml:"host,required"`
	Port uint16        `yaml:"port"`
	Wait time.Duration `yaml:"wait"`
}

type everything struct {
	Text    string            `yaml:"text"`
	Flag    bool              `yaml:"flag"`
	Count   int               `yaml:"count"`
	Small   int8              `yaml:"small"`
	Share   float64           `yaml:"share"`
	Wait    time.Duration     `yaml:"wait"`
	List    []string          `yaml:"list"`
	Servers []inner           `yaml:"servers"`
	Table   map[string]int    `yaml:"table"`
	Maybe   *int              `yaml:"maybe"`
	Placed  Located[int]      `yaml:"placed"`
	Ordered Map[Located[int]] `yaml:"ordered"`
	Colour  colour            `yaml:"colour"`
	Hidden  string
}

func TestDecode(t *testing.T) {
	src := `
# a comment
text: 010
flag: true
count: -12
share: 0.25
wait: 1m30s
list: [~, 0x10, 1.10, no, "", '10', null]
servers:
  - {host: a.example, port: 65535, wait: 500ms}
  - host: b.example
table: {b: 2, a: 1}
maybe: 0
placed: 7
ordered:
  zulu: 1
  alpha: 2
colour: red
`
	var got everything
	if err := Unmarshal("t.yaml", []byte(src), &got); err != nil {
		t.Fatal(err)
	}
	zero := 0
	at := func(line, column int) Pos { return Pos{File: "t.yaml", Line: line, Column: column} }
	want := everything{
		Text: "010", Flag: true, Count: -12, Share: 0.25, Wait: 90 * time.Second,
		List:    []string{"~", "0x10", "1.10", "no", "", "10", "null"},
		Servers: []inner{{"a.example", 65535, 500 * time.Millisecond}, {Host: "b.example"}},
		Table:   map[string]int{"a": 1, "b": 2},
		Maybe:   &zero,
		Placed:  Located[int]{7, at(14, 9)},
		Ordered: Map[Located[int]]{
			{"zulu", at(16, 3), Located[int]{1, at(16, 9)}},
			{"alpha", at(17, 3), Located[int]{2, at(17, 10)}},
		},
		Colour: "red",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What a document leaves out keeps the value it had before.
func TestDefaultsStay(t *testing.T) {
	got := everything{Text: "kept", Count: 3, List: []string{"a"}, Servers: []inner{{Host: "x"}}}
	if err := Unmarshal("t.yaml", []byte("count: 4\nservers: []\n"), &got); err != nil {
		t.Fatal(err)
	}
	want := everything{Text: "kept", Count: 4, List: []string{"a"}, Servers: []inner{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestEmptyDocuments(t *testing.T) {
	for _, src := range []string{"", "\n", "# only a comment\n", "---\n", "\ufeff", "---\n# x\n...\n"} {
		var got everything
		if err := Unmarshal("t.yaml", []byte(src), &got); err != nil {
			t.Errorf("%q: %v", src, err)
		}
	}
}

// Every testdata/*.yaml has one mistake or a family of them; the file beside it,
// *.want, is the Detail of its problems.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var into everything
			err = Unmarshal(filepath.Base(file), src, &into)
			var problems *Problems
			if !errors.As(err, &problems) {
				t.Fatalf("want problems, have %v", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", problems.Detail()+"\n")
		})
	}
}

// golden compares with a file, or writes it when UPDATE is set.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLimits(t *testing.T) {
	var into struct {
		Text string `yaml:"text"`
	}
	fits := "text: x\n" + strings.Repeat("#", MaxBytes-8)
	if err := Unmarshal("t", []byte(fits), &into); err != nil {
		t.Errorf("%d bytes: %v", MaxBytes, err)
	}
	if err := Unmarshal("t", []byte(fits+"#"), &into); err == nil {
		t.Error("one byte over the limit was read")
	}

	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if err := Parse("t", []byte(deep(MaxDepth+1))).Err(); err != nil {
		t.Errorf("at MaxDepth: %v", err)
	}
	if err := Parse("t", []byte(deep(MaxDepth+2))).Err(); err == nil {
		t.Error("one past MaxDepth was read")
	}

	for _, n := range []int{MaxProblems, MaxProblems + 1} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "unknown%d: 1\n", i)
		}
		var problems *Problems
		if !errors.As(Unmarshal("t", []byte(b.String()), &into), &problems) {
			t.Fatal("no problems")
		}
		if len(problems.List) != MaxProblems || problems.More != n-MaxProblems {
			t.Errorf("%d problems: %d told, %d more", n, len(problems.List), problems.More)
		}
	}
}

func TestParseFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte("a: 12"), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := ParseFile(path, 5); err != nil || d.Err() != nil {
		t.Errorf("at the limit: %v, %v", err, d.Err())
	}
	d, err := ParseFile(path, 4)
	if err != nil || d.Err() == nil || d.Err().Error() != path+": the file is larger than 4 bytes" {
		t.Errorf("one past the limit: %v, %v", err, d.Err())
	}
	if _, err := ParseFile(path+"x", 4); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"thresholds", "findings", "tag", "quarantine", "reject", "fail"}
	for word, want := range map[string]string{
		"treshold":     "thresholds",
		"quarentine":   "quarantine",
		"tga":          "tag",
		"Tag":          "tag",
		"findigns":     "findings",
		"listen":       "",
		"":             "",
		"xxxxxxxxxxxx": "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	if err := Join(nil, nil); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
	a := Unmarshal("b.yaml", []byte("nope: 1"), &everything{})
	b := Unmarshal("a.yaml", []byte("nope: 1"), &everything{})
	got := Join(a, errors.New("disk"), b).Error()
	want := strings.Join([]string{
		"disk",
		`a.yaml:1:1: unknown key "nope"`,
		`b.yaml:1:1: unknown key "nope"`,
	}, "\n")
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestWrongTargets(t *testing.T) {
	for name, into := range map[string]any{
		"no pointer": everything{},
		"channel": &struct {
			C chan int `yaml:"c"`
		}{},
		"unexported": &struct {
			c int `yaml:"c"`
		}{},
		"key": &map[int]string{},
	} {
		if err := Unmarshal("t", []byte("c: 1\n"), into); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	src := []byte("text: a\ncount: 12\nlist: [a, b, c]\nservers:\n  - {host: a.example, port: 25, wait: 1s}\n")
	for b.Loop() {
		var into everything
		if err := Unmarshal("t", src, &into); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAt(t *testing.T) {
	d := Parse("t", []byte("a: 1\nb:\n  c: [x, {d: 2}]\n"))
	for path, want := range map[string]Pos{
		"a":       {"t", 1, 4},
		"b/c/0":   {"t", 3, 7},
		"b/c/1/d": {"t", 3, 14},
		"b/c/9":   {"t", 3, 6}, // the list
		"b/x":     {"t", 3, 3},
		"x":       {"t", 1, 1},
	} {
		if got := d.At(strings.Split(path, "/")...); got != want {
			t.Errorf("At(%s) = %v, want %v", path, got, want)
		}
	}
	if got := Parse("t", nil).At("a"); got != (Pos{File: "t"}) {
		t.Errorf("empty document: %v", got)
	}
}

// TestInline: the keys of an embedded struct are keys of the outer one.
func TestInline(t *testing.T) {
	type inner struct {
		A Located[int] `yaml:"a,required"`
	}
	type outer struct {
		inner `yaml:",inline"`
		B     string `yaml:"b"`
	}
	var got outer
	if err := Unmarshal("f", []byte("b: x\na: 3\n"), &got); err != nil {
		t.Fatal(err)
	}
	if got.A.Value != 3 || got.A.Pos.Line != 2 || got.B != "x" {
		t.Errorf("%+v", got)
	}
	err := Unmarshal("f", []byte("b: x\nc: 3\n"), &got)
	if err == nil || err.Error() != "f:1:1: the key a is missing\nf:2:1: unknown key \"c\"; did you mean a?" {
		t.Errorf("%v", err)
	}
}

// TestDeferred: a value that is read later tells its mistakes as if at once.
func TestDeferred(t *testing.T) {
	var early struct {
		List []Deferred `yaml:"list"`
	}
	doc := Parse("f", []byte("list:\n  - {a: 1}\n  - {a: 2, b: 3}\n"))
	doc.Decode(&early)
	if err := doc.Err(); err != nil || len(early.List) != 2 || early.List[1].Pos().Line != 3 {
		t.Fatalf("%v %+v", err, early.List)
	}
	var late struct {
		A int `yaml:"a"`
	}
	if !early.List[0].Decode(&late) || late.A != 1 {
		t.Errorf("%+v", late)
	}
	if early.List[1].Decode(&late) {
		t.Error("a mistake is good")
	}
	if err := doc.Err(); err == nil || !strings.Contains(err.Error(), `f:3:12: list[2]: unknown key "b"`) {
		t.Errorf("%v", err)
	}
}
