package strictyaml

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// places is a value that notes the place of each of its characters.
type places struct {
	text string
	at   []Pos
	end  Pos
}

func (p *places) UnmarshalValue(v Value) {
	p.text, _ = v.Text()
	for i := range p.text {
		p.at = append(p.at, v.Inside(i))
	}
	p.end = v.Inside(len(p.text) + 1)
}

// TestInside: each character of a text is found in the file, however the text is
// written.
func TestInside(t *testing.T) {
	for name, src := range map[string]string{
		"plain":               "a:\n  b: x == y\n",
		"plain, folded":       "a:\n  b: one\n    two  three\n\n    four\n",
		"single":              "a:\n  b: 'it''s ''x'' あ y'\n",
		"single, folded":      "a:\n  b: 'one  \n    two\n\n    three'\n",
		"double":              "a:\n  b: \"x \\\"y\\\" あ \\u3042\\x41\\t z\\U0001F600!\"\n",
		"double, folded":      "a:\n  b: \"one\n    two \\\n    three\"\n",
		"literal":             "a:\n  b: |\n    one\n      two あ\n\n    three\n",
		"literal, blank line": "a:\n  b: |\n\n    one\n    two\n",
		"literal, indicator":  "a:\n  b: |2-\n      one\n    two\n  c: 1\n",
		"literal, comment":    "a:\n  b: |- # why\n    one\n    two\n",
		"folded":              "a:\n  b: >\n    one\n    two\n\n    three\n      four\n    five\n",
		"folded, strip":       "a:\n  b: >-\n    one &&\n    two",
		"line ends of two":    "a:\r\n  b: |\r\n    one\r\n    two\r\n  c: x\r\n",
		"byte order mark":     "\uFEFFb: 'xあy'\n",
	} {
		t.Run(name, func(t *testing.T) { follows(t, src) })
	}
}

// follows holds each place against the file: there is that character, or white
// space, or an escape.
func follows(tb interface{ Fatalf(string, ...any) }, src string) string {
	var target struct {
		A struct {
			B places          `yaml:"b"`
			C Located[string] `yaml:"c"`
		} `yaml:"a"`
		B places `yaml:"b"`
	}
	doc := Parse("f", []byte(src))
	doc.Decode(&target)
	if err := doc.Err(); err != nil {
		tb.Fatalf("%q: %v", src, err)
	}
	p := target.A.B
	if p.text == "" {
		p = target.B
	}
	last := -1
	n := 0
	for i, r := range p.text {
		at, ok := doc.offset(p.at[n].Line, p.at[n].Column)
		n++
		if !ok || at < last {
			tb.Fatalf("%q: character %d of %q is at %v, before the one before it", src, i, p.text, p.at[n-1])
		}
		last = at
		s, _ := utf8.DecodeRuneInString(src[at:])
		white := strings.ContainsRune(" \n\r", s) && (r == ' ' || r == '\n')
		if s != r && s != '\\' && !white {
			tb.Fatalf("%q: character %d, %q, of %q is at %v, where %q is", src, i, r, p.text, p.at[n-1], s)
		}
	}
	if at, ok := doc.offset(p.end.Line, p.end.Column); !ok || at < last {
		tb.Fatalf("%q: the end is at %v", src, p.end)
	}
	return p.text
}

// TestInsideAnything: the same for texts that the YAML library writes itself.
func TestInsideAnything(t *testing.T) {
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "==", "'x'", `"y"`, "あ", "\\", "  ", "\n", "\n\n", "\t", "#", ":", "😀", "links.exists(l, l.host)"}), 1, 40)
		text := "x" + strings.Join(words.Draw(t, "words"), " ")
		style := rapid.SampledFrom(styles).Draw(t, "style")
		src, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "b"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: style},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := follows(t, string(src)); got != text {
			t.Skip(fmt.Sprintf("the library wrote %q as %q", text, src))
		}
	})
}
