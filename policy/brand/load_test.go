package brand

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/claim/canon"
)

func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestEmbedded(t *testing.T) {
	c := catalogue(t)
	tiers := map[Tier]int{}
	last := ""
	for b := range c.All() {
		tiers[b.Tier]++
		if b.ID <= last {
			t.Errorf("%s after %s", b.ID, last)
		}
		last = b.ID
	}
	if tiers[Full] < 700 || tiers[Broad] < 3000 || len(tiers) != 2 {
		t.Errorf("brands by tier: %v", tiers)
	}
	if b, ok := c.Brand("shinkin"); !ok || b.Confidence != Low || b.Aliases == nil {
		t.Errorf("shinkin: %+v", b)
	}
}

// write puts an operator's file into a folder of the test.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const good = `version: 1
brands:
- id: rakuten
  name: ours
  category: ecommerce
  aliases: [楽天支店]
  domains: [example.com]
- id: example-bank
  name: Example Bank
  category: bank
  countries: [jp]
  languages: [ja, en]
  confidence: medium
  aliases: [Example Bank, {name: EXB, ambiguous: true, case: exact, not: [EXB Tower]}]
  domains: [xn--eckwd4c7c.jp, example.net]
  mail_domains: [mail.example.net]
  report_mail: [abuse@example.net]
  report_pages: ["https://example.net/report"]
never_proof:
  redirectors: [go.example.org]
`

func TestLoad(t *testing.T) {
	c, err := Load(write(t, good))
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != catalogue(t).Len()+1 {
		t.Errorf("%d brands, embedded are %d", c.Len(), catalogue(t).Len())
	}
	if c.Owns("rakuten", "rakuten.co.jp") || !c.Owns("rakuten", "example.com") || !c.Owns("example-bank", "a.example.net") || !c.Redirector("x.go.example.org") {
		t.Error("the file did not take effect")
	}
	if diff := cmp.Diff([]string{"example-bank: EXB", "rakuten: 楽天支店"}, matches(c, canon.Fold("EXB exb, EXB Tower 楽天支店"))); diff != "" {
		t.Error(diff)
	}
	want := Alias{Name: "EXB", Ambiguous: true, Exact: true, Not: []string{"EXB Tower"}}
	if b, _ := c.Brand("example-bank"); b.Confidence != Medium || cmp.Diff(want, b.Aliases[1]) != "" {
		t.Errorf("%+v", b)
	}
}

// Each mistake is told once, where it stands; all of a file at once.
func TestLoadMistakes(t *testing.T) {
	const head = "version: 1\nbrands:\n- {id: x, name: X, category: bank, "
	const rest = "aliases: [Xyzzy], domains: [example.com]}\n"
	for _, k := range []struct {
		why, file string
		want      []string // line:column and part of the message
	}{
		{"version", "version: 2\n", []string{"1:10: version 2 is not known"}},
		{"no version", "brands: []\n", []string{"1:1: the key version is missing"}},
		{"unknown key", head + "domain: [a.com], " + rest, []string{"unknown key \"domain\"; did you mean domains?"}},
		{"kebab case", "version: 1\nbrands:\n- {id: A_b, name: X, category: Big bank, " + rest, []string{
			`3:8: "A_b" is not in kebab case`, `"Big bank" is not in kebab case`}},
		{"id twice", head + rest + "- {id: x, name: X, category: bank, aliases: [Xyzzy 2], domains: [example.net]}\n", []string{`4:8: the id "x" is taken at`}},
		{"country, language, confidence", head + "countries: [JP], languages: [Japanese], confidence: hihg, " + rest, []string{
			`"JP" is not a country`, `"Japanese" is not a language`, "did you mean high?"}},
		{"alias of another brand", head + "aliases: [ＡＭＡＺＯＮ], domains: [example.com]}\n", []string{`the alias "ＡＭＡＺＯＮ" is the same as "Amazon" at data/shopping.yaml`}},
		{"alias too short", head + "aliases: [楽], domains: [example.com]}\n", []string{`the alias "楽" has to have at least 2`}},
		{"alias at the limit", head + "aliases: [" + strings.Repeat("x", MaxAlias) + "], domains: [example.com]}\n", nil},
		{"alias past the limit", head + "aliases: [" + strings.Repeat("x", MaxAlias+1) + "], domains: [example.com]}\n", []string{"at most 120 bytes"}},
		{"case", head + "aliases: [{name: Xyzzy, case: upper}], domains: [example.com]}\n", []string{"case can only be exact"}},
		{"not", head + "aliases: [{name: Xyzzy, not: [plugh]}], domains: [example.com]}\n", []string{`"plugh" is not a longer word that holds "Xyzzy"`}},
		{"nothing to find or prove", head + "aliases: []}\n", []string{"x has no alias", "x has neither domains nor"}},
		{"domain of another brand", head + "aliases: [Xyzzy], domains: [amazon.com]}\n", []string{"amazon.com belongs to amazon at"}},
		{"domain twice", head + "aliases: [Xyzzy], domains: [example.com, example.com]}\n", []string{"example.com is listed twice"}},
		{"not registrable", head + "aliases: [Xyzzy], domains: [www.example.com, co.jp]}\n", []string{
			"www.example.com is not a registrable name", "co.jp is not a registrable name"}},
		{"not a host name", head + "aliases: [Xyzzy], domains: [Example.com, 例え.jp, xn--a.jp, -a.com]}\n", []string{
			`"Example.com" is not a domain name`, `"例え.jp" is not`, `"xn--a.jp" is not`, `"-a.com" is not`}},
		{"top-level name of a country", head + "tlds: [bt], " + rest, []string{
			`"bt" is the top-level name of a country, not of a brand`,
		}},
		{"suffix and top-level name", head + "suffixes: [example.com], tlds: [co.jp], " + rest, []string{
			`"example.com" is not a public suffix`, `"co.jp" is not a top-level name`}},
		{"sender elsewhere", head + "mail_domains: [mail.example.net], " + rest, []string{"mail.example.net is under none of the brand's domains"}},
		{"reports", head + "report_mail: [nobody], report_pages: [\"http://example.com\"], " + rest, []string{
			`"nobody" is not a mail address`, `"http://example.com" is not an https address`}},
		{"lists", "version: 1\nnever_proof:\n  mailboxes: [Gmail.com]\n", []string{`3:15: "Gmail.com" is not a domain name`}},
	} {
		path := write(t, k.file)
		_, err := Load(path)
		if len(k.want) == 0 {
			if err != nil {
				t.Errorf("%s: %v", k.why, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: no error", k.why)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(k.want) {
			t.Errorf("%s: %d errors, want %d:\n%v", k.why, len(lines), len(k.want), err)
			continue
		}
		for i, want := range k.want {
			if !strings.HasPrefix(lines[i], path+":") || !strings.Contains(lines[i], want) {
				t.Errorf("%s: %s\nwant %s", k.why, lines[i], want)
			}
		}
	}
}

func TestLoadLimits(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("no error for a file that is not there")
	}
	at := "version: 1\n" + strings.Repeat("#\n", (MaxFile-11)/2) + "\n"
	if _, err := Load(write(t, at[:MaxFile])); err != nil {
		t.Errorf("a file at the limit: %v", err)
	}
	if _, err := Load(write(t, at+"#")); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file past the limit: %v", err)
	}
	path := write(t, "version: 1\n")
	files := make([]string, MaxFiles)
	for i := range files {
		files[i] = path
	}
	if _, err := Load(files...); err != nil {
		t.Errorf("files at the limit: %v", err)
	}
	if _, err := Load(append(files, path)...); err == nil {
		t.Error("no error for too many files")
	}
}
