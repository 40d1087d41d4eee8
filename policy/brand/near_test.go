package brand

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sekisho/filter/claim/canon"
)

func TestNear(t *testing.T) {
	c := catalogue(t)
	for _, k := range []struct {
		why, text, want string
	}{
		{"a letter left out", "Capita One", "capital-one"},
		{"two inner letters left out", "netfx", "netflix"},
		{"two letters left out, beside other words", "netfx-noreplies", "netflix"},
		{"neighbours changed places", "Amaozn", "amazon"},
		{"a letter put in", "Paypaal", "paypal"},
		{"a letter for another, broad tier", "Leroy Merlyn Service", "leroymerlin-fr"},
		{"two of nine letters", "Mikrosfot Team", "microsoft"},
		{"the name itself", "Netflix", ""},
		{"a final s", "Amazons", ""},
		{"an everyday word", "finance", ""},
		{"two of six letters", "Emezon", ""},
		{"the outer letters left out", "etfli", ""},
		{"a short name", "Vixa", ""},
		{"not Latin", "アマゾソ", ""},
		{"nothing", "", ""},
		{"words at the limit", strings.Repeat("the ", maxNearWords-1) + "Amaozn", "amazon"},
		{"words past the limit", strings.Repeat("the ", maxNearWords) + "Amaozn", ""},
		{"text at the limit", "Amaozn " + strings.Repeat("a", maxNearText-7), "amazon"},
		{"text past the limit", "Amaozn " + strings.Repeat("a", maxNearText-6), ""},
	} {
		got := ""
		if m, ok := c.Near(canon.Fold(k.text)); ok {
			got = m.Brand.ID
		}
		if got != k.want {
			t.Errorf("%s: Near(%q) = %q, want %q", k.why, k.text, got, k.want)
		}
	}
	if _, ok := new(Catalogue).Near(canon.Fold("Amaozn")); ok {
		t.Error("the zero catalogue knows a name")
	}
}

// The banded distance is that of the full table, up to its band.
func TestDamerau(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		want := min(fullDistance(a, b), maxNearEdits+1)
		if got := damerau(a, b); got != want || got != damerau(b, a) {
			t.Errorf("%q, %q: %d, want %d", a, b, got, want)
		}
	})
}

// fullDistance is the optimal string alignment by its definition.
func fullDistance(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return fullDistance(a[1:], b[1:])
	}
	least := 1 + min(bounded(a[1:], b), bounded(a, b[1:]), bounded(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		least = min(least, 1+bounded(a[2:], b[2:]))
	}
	return least
}

// bounded spares the walk into what is too far away by its length alone.
func bounded(a, b string) int {
	if d := abs(len(a) - len(b)); d > maxNearEdits {
		return d
	}
	return fullDistance(a, b)
}

// FuzzNear: what is found lies in the text, at edges of runes.
func FuzzNear(f *testing.F) {
	c := catalogue(f)
	for _, s := range []string{"Capita One", "netfx-noreplies", "Ａmаz0m サポート", "\x00amazom\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := canon.Fold(s)
		m, ok := c.Near(text)
		if !ok {
			return
		}
		if m.Start < 0 || m.Start >= m.End || m.End > len(text.Folded) || m.Alias == nil {
			t.Fatalf("%q: %+v", s, m)
		}
		if run := text.Folded[m.Start:m.End]; abs(len(run)-len(canon.Fold(m.Alias.Name).Folded)) > maxNearEdits {
			t.Errorf("%q is not near %q", run, m.Alias.Name)
		}
	})
}

func BenchmarkNear(b *testing.B) {
	c := catalogue(b)
	text := canon.Fold("John Miller, Example Ltd")
	b.ReportAllocs()
	for b.Loop() {
		c.Near(text)
	}
}
