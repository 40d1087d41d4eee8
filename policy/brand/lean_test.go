package brand

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/claim/canon"
)

// writeLean puts an operator's file of the lean form into a folder of the test.
func writeLean(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLean(t *testing.T) {
	c, err := Load(writeLean(t, "# ours\n\nExample Shop; 例示商店 ; ~Shoppy; EXQ; monday | example.com .gov.uk .aaa | retail | de fr\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Brand{
		ID: "example-com", Name: "Example Shop", Category: "retail", Countries: []string{"de", "fr"}, Confidence: High, Tier: Broad,
		Aliases: []Alias{{Name: "Example Shop"}, {Name: "例示商店"}, {Name: "Shoppy", Ambiguous: true}, {Name: "EXQ", Exact: true}, {Name: "monday", Ambiguous: true}},
		Domains: []string{"example.com"}, Suffixes: []string{"gov.uk"}, TLDs: []string{"aaa"},
	}
	want.Advice = Advice{}.orUsual(want)
	if got, _ := c.Brand("example-com"); cmp.Diff(want, got) != "" {
		t.Error(cmp.Diff(want, got))
	}
	if diff := cmp.Diff([]string{"example-com: 例示商店", "example-com: EXQ"}, matches(c, canon.Fold("例示商店 Shoppy exq EXQ"))); diff != "" {
		t.Error(diff)
	}
}

func TestLeanMistakes(t *testing.T) {
	for _, k := range []struct {
		why, file string
		want      []string
	}{
		{"columns", "Example | example.com | retail\n", []string{"1:1: 3 columns between bars"}},
		{"domain", "#\n例え; Xyzzy | www.example.com | retail |\n", []string{"2:13: www.example.com is not a registrable name"}},
		{"country", "Xyzzy | example.com | retail | de Fr\n", []string{`1:35: "Fr" is not a country`}},
		{"kind", "Xyzzy | example.com | Big Shop | de\n", []string{`1:23: "Big Shop" is not in kebab case`}},
		{"no domain", "Xyzzy | | retail |\n", []string{"is not in kebab case", "has neither domains nor suffixes"}},
		{"suffix", "Xyzzy | example.com .example.org | retail |\n", []string{`1:21: "example.org" is not a public suffix`}},
		{"alias twice", "Xyzzy; XYZZY | example.com | retail |\n", []string{`1:8: the alias "XYZZY" is the same`}},
		{"alias of the full tier", "Amazon | example.com | retail |\n", []string{`1:1: the alias "Amazon" is the same`}},
		{"bytes", "Xyzzy | example.com | retail |\n\xff", []string{"the file is not UTF-8"}},
	} {
		_, err := Load(writeLean(t, k.file))
		if err == nil {
			t.Errorf("%s: no error", k.why)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(k.want) {
			t.Errorf("%s: %v", k.why, err)
			continue
		}
		for i, want := range k.want {
			if !strings.Contains(lines[i], want) {
				t.Errorf("%s: %s\nwant %s", k.why, lines[i], want)
			}
		}
	}
	at := strings.Repeat("#\n", MaxFile/2)
	if _, err := Load(writeLean(t, at)); err != nil {
		t.Errorf("a file at the limit: %v", err)
	}
	if _, err := Load(writeLean(t, at+"#")); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file past the limit: %v", err)
	}
}

// An operator's entry takes names and domains from the broad tier.
func TestYield(t *testing.T) {
	c, err := Load(write(t, "version: 1\nbrands:\n- {id: own, name: Own, category: retail, aliases: [Leroy Merlin], domains: [leroymerlin.fr]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Owns("own", "leroymerlin.fr") || len(c.Owners("leroymerlin.fr")) != 1 {
		t.Error("leroymerlin.fr is not the operator's alone")
	}
	if diff := cmp.Diff([]string{"own: Leroy Merlin"}, matches(c, canon.Fold("Leroy Merlin"))); diff != "" {
		t.Error(diff)
	}
}

// No organisation of the broad tier is looked for by a bare everyday word, and
// none is proved by a mailbox or by space that anyone may have.
func TestBroadTier(t *testing.T) {
	c := catalogue(t)
	for _, word := range []string{"Target", "Orange", "Boots", "Next", "Gap", "Lush", "Shell", "Mint", "Notion", "Casino"} {
		for _, m := range c.Match(canon.Fold(word)) {
			if m.Brand.Tier == Broad {
				t.Errorf("%s is a claim of %s", word, m.Brand.ID)
			}
		}
	}
	for b := range c.All() {
		for _, d := range slices.Concat(b.Domains, b.Suffixes) {
			if b.Tier == Broad && (c.Mailbox(d) || c.TenantSpace(d) || c.Redirector(d) || c.MailService(d)) {
				t.Errorf("%s: %s is anyone's", b.ID, d)
			}
		}
	}
}

// FuzzLean: reading never fails but by telling what is wrong, and what it reads
// stands in the file.
func FuzzLean(f *testing.F) {
	f.Add([]byte("Example Shop; ~Shop | example.com .example | retail | de fr\n"))
	f.Add([]byte("|||\n# |\n;;|..|\t|\r\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c := newChecker()
		c.readLean("f.txt", src)
		lines := strings.Split(string(src), "\n")
		for _, e := range c.entries {
			for _, a := range e.Aliases {
				line := []rune(lines[a.Name.Pos.Line-1])
				if !strings.HasPrefix(strings.TrimPrefix(string(line[a.Name.Pos.Column-1:]), "~"), a.Name.Value) {
					t.Fatalf("%q is not at %s", a.Name.Value, a.Name.Pos)
				}
			}
		}
	})
}
