package show_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/policy/brand"
	"sekisho/policy/brand/show"
)

func catalogue(t *testing.T) *brand.Catalogue {
	t.Helper()
	c, err := brand.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTableHasALineForEach(t *testing.T) {
	c := catalogue(t)
	var b bytes.Buffer
	if err := show.Table(&b, slices.Collect(c.All())); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != c.Len()+1 {
		t.Errorf("%d lines for %d brands", n, c.Len())
	}
}

func TestJSONIsALineForEach(t *testing.T) {
	c := catalogue(t)
	var b bytes.Buffer
	if err := show.JSON(&b, slices.Collect(c.All())); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for line := range strings.Lines(b.String()) {
		var got struct {
			ID      string
			Aliases []struct{ Name string }
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || len(got.Aliases) == 0 {
			t.Fatalf("%v: %s", err, line)
		}
		ids = append(ids, got.ID)
	}
	if len(ids) != c.Len() || !slices.IsSorted(ids) {
		t.Errorf("%d ids for %d brands", len(ids), c.Len())
	}
}

func TestDetails(t *testing.T) {
	full := &brand.Brand{
		ID: "a", Name: "A", Category: "bank", Countries: []string{"jp"}, Confidence: brand.High, OwnerGroup: "g",
		Aliases: []brand.Alias{{Name: "A"}, {Name: "B", Ambiguous: true, Exact: true, Not: []string{"BC"}}},
		Domains: []string{"a.example"}, UserMail: []string{"u.example"}, UserMailSubdomains: true, ReportMail: []string{"r@a.example"},
	}
	var b bytes.Buffer
	if err := show.Details(&b, full); err != nil {
		t.Fatal(err)
	}
	want := `a                  A
  category         bank
  countries        jp
  owner group      g
  confidence       high
  names            A
                   B (ambiguous: needs a second place) (only as written here) (not in BC)
  domains          a.example
  customers' mail  u.example, and the names below
  report to        r@a.example
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	c := catalogue(t)
	for _, tc := range []struct {
		domain string
		proves string
		known  bool
	}{
		{"order.rakuten.co.jp", "rakuten", true},
		{"gmail.com", "", true},
		{"kaisha.test", "", false},
	} {
		d := show.Lookup(c, tc.domain)
		if d.Known() != tc.known || (tc.proves != "") != slices.Contains(d.Proves, tc.proves) {
			t.Errorf("%+v", d)
		}
		var text, object bytes.Buffer
		if err := d.WriteTable(&text); err != nil {
			t.Error(err)
		}
		if err := d.WriteJSON(&object); err != nil || !json.Valid(object.Bytes()) {
			t.Errorf("%v: %s", err, object.String())
		}
		if !strings.HasPrefix(text.String(), tc.domain+"\n") {
			t.Error(text.String())
		}
	}
}
