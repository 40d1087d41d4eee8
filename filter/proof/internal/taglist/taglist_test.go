package taglist

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		list          string
		want          string // tags as name|value, joined with spaces
		err, strictly error
	}{
		{"", "", nil, nil},
		{" a = 1 ; b=\r\n\t2;", "a|1 b|2", nil, nil},
		{"a=1=2;A=", "a|1=2 A|", nil, nil},
		{"a=1;;b=2", "a|1 b|2", nil, ErrMalformed},
		{"; a=1", "a|1", nil, ErrMalformed},
		{"a=1; \r\n ", "a|1", nil, nil},
		{"_=1", "_|1", nil, ErrMalformed},
		{"a-b=1", "a-b|1", nil, ErrMalformed},
		{"a_1=1", "a_1|1", nil, nil},
		{"1a=1", "1a|1", nil, ErrMalformed},
		{"a=1; a=2", "", ErrDuplicate, ErrDuplicate},
		{"a", "", ErrMalformed, ErrMalformed},
		{"=1", "", ErrMalformed, ErrMalformed},
		{numbered(MaxTags), strings.TrimSpace(strings.NewReplacer("=", "|", ";", " ").Replace(numbered(MaxTags))), nil, nil},
		{numbered(MaxTags + 1), "", ErrTooMany, ErrTooMany},
	}
	for _, test := range tests {
		list, err := Parse(nil, []byte(test.list))
		if got := show(list); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%.40q: %q, %v, want %q, %v", test.list, got, err, test.want, test.err)
		}
		if _, err := ParseStrict(nil, []byte(test.list)); !errors.Is(err, test.strictly) {
			t.Errorf("%.40q strictly: %v, want %v", test.list, err, test.strictly)
		}
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "t%d=%d;", i, i)
	}
	return b.String()
}

func show(list List) string {
	var out []string
	for _, t := range list {
		out = append(out, string(t.Name)+"|"+string(t.Value))
	}
	return strings.Join(out, " ")
}

// FuzzParse holds that values lie where they are said to, and that a strict list
// is a list.
func FuzzParse(f *testing.F) {
	f.Add("a=1; b = x y\r\n z;;=")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := Parse(nil, []byte(s))
		for _, tag := range list {
			if got := string(TrimFWS([]byte(s[tag.Start:tag.End]))); got != string(tag.Value) || s[tag.Start-1] != '=' {
				t.Fatalf("%q: %q at %d is %q", s, tag.Value, tag.Start, got)
			}
		}
		strict, strictErr := ParseStrict(nil, []byte(s))
		if strictErr == nil && (err != nil || show(strict) != show(list)) {
			t.Fatalf("%q: %q, strictly %q", s, show(list), show(strict))
		}
	})
}
