package canon

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCut(t *testing.T) {
	pad := strings.Repeat("\u200b", 10)
	for _, tc := range []struct {
		s    string
		n    int
		want string
	}{
		{"", 4, ""},
		{"abcd", 4, "abcd"},
		{"abcde", 4, "abcd"},
		{"a\u200bb", 5, "a\u200bb"},
		{pad + "abcd", 4, "abcd"},
		{pad + "   ab   cd", 4, "ab c"},
		{"あいう", 7, "あい"},
		{pad + "\u202eab", 8, "\u202eab"},
		{strings.Repeat(" ", MaxCut-1) + "ab", 4, "a"},
		{strings.Repeat(" ", MaxCut) + "ab", 4, ""},
	} {
		if got := Cut(tc.s, tc.n); got != tc.want {
			t.Errorf("Cut(%.20q, %d) = %q, want %q", tc.s, tc.n, got, tc.want)
		}
	}
}

func TestTurned(t *testing.T) {
	for s, want := range map[string]string{
		"abc":                      "abc",
		"\u202ecba":                "abc",
		"x \u202ecba\u202c def":    "x abc\u202c def",
		"\u202ecba\u202cd\u202efe": "abc\u202cdef",
		"\u202ecba\u202d def":      "abc\u202d def",
		"\u202e\u304b\u3099a":      "a\u304b\u3099",
		"\u202ecb\xffa":            "a\xffbc",
		"\u202d plain \u202c":      "\u202d plain \u202c",
		"\u202e":                   "",
		"\u202e\u202ecba":          "abc",
	} {
		got, ok := Turned(s)
		if got != want || ok != strings.Contains(s, "\u202e") {
			t.Errorf("Turned(%q) = %q, %v; want %q", s, got, ok, want)
		}
	}
}

// TestCutKeepsWhatIsSeen holds that cutting changes nothing that folding keeps,
// as long as it fits.
func TestCutKeepsWhatIsSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("aｂ楽 \u200b\u00ad\u3000\n"))).Draw(t, "s")
		head := Cut(s, max(len(s)-1, 0))
		if want := Fold(s).Folded; !strings.HasPrefix(want, Fold(head).Folded) {
			t.Fatalf("%q folds to %q, its head %q to %q", s, want, head, Fold(head).Folded)
		}
	})
}

// FuzzTurned holds that nothing is left to turn in valid text and nothing grows.
func FuzzTurned(f *testing.F) {
	f.Add("\u202e天楽\u202c x\u202ecba")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Turned(s)
		if ok && utf8.ValidString(s) && strings.ContainsRune(got, rightToLeft) || !ok && got != s {
			t.Errorf("Turned(%q) = %q, %v", s, got, ok)
		}
		if len(got) > len(s) || len(Cut(s, 8)) > 8 && len(s) > 8 {
			t.Errorf("%q grows", s)
		}
	})
}

// TestStrangeMarks holds that marks which no language puts on Han or kana go, and
// those that belong stay.
func TestStrangeMarks(t *testing.T) {
	for s, want := range map[string]string{
		"楽\u0301天\u20d2": "楽天",
		"カ\u0336ード":      "カード",
		"か\u3099":        "ガ",
		"⼋⼥":             "八女", // Kangxi radicals are what they look like
	} {
		if got := Fold(s).Folded; got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestSqueezeDisguise holds what Squeeze reads as letters, at the limits too.
func TestSqueezeDisguise(t *testing.T) {
	for s, want := range map[string]string{
		"p4yp@l":         "paypal",
		"n3tfl!x":        "netflix",
		"call 4 us":      "call 4 us",
		"h4":             "h4",
		"2024a":          "2024a",
		"netflixx":       "netflix",
		"amazonn":        "amazon",
		"applee":         "applee",
		"🇦🇲🇦🇿🇴🇳":         "amazon",
		"🇳🇮🇰🇪":           "🇳🇮🇰🇪",
		"楽。天":            "楽天",
		"楽丨天":            "楽天",
		"process missed": "process missed",
	} {
		if got := Squeeze(s).Folded; got != want {
			t.Errorf("Squeeze(%q) = %q, want %q", s, got, want)
		}
	}
}
