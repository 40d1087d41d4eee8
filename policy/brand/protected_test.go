package brand

import (
	"fmt"
	"strings"
	"testing"

	"sekisho/filter/claim/canon"
)

const ours = `version: 1
protected:
- id: kaisha
  name: 会社
  aliases: [架空商事, Kaisha Trading]
  domains: [kaisha.co.jp, dept.kaisha.ac.jp]
  esp_domains: [mail.service.example]
  people:
  - name: 山田 太郎
    also: [Taro Yamada]
    addresses: [Taro@kaisha.co.jp, t.yamada@gmail.com]
  - name: Jean-Luc Müller
  - name: 林 太
`

func TestProtected(t *testing.T) {
	c, err := Load(write(t, ours))
	if err != nil {
		t.Fatal(err)
	}
	b, ok := c.Brand("kaisha")
	if !ok || !b.Own || len(b.People) != 3 || b.Category != "own" {
		t.Fatalf("%+v", b)
	}
	for _, domain := range []string{"kaisha.co.jp", "info.kaisha.co.jp", "dept.kaisha.ac.jp", "mail.service.example"} {
		if !c.Owns("kaisha", domain) {
			t.Errorf("%s is not ours", domain)
		}
	}
	if c.Owns("kaisha", "other.kaisha.ac.jp") {
		t.Error("the domain above ours is ours")
	}
	if got := c.Match(canon.Fold("架空商事 総務部")); len(got) != 1 || got[0].Brand != b {
		t.Errorf("name: %v", got)
	}
}

func TestPeople(t *testing.T) {
	c, err := Load(write(t, ours))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"山田 太郎":              "山田 太郎",
		"山田太郎":               "山田 太郎",
		"山田　太郎（会社）":          "山田 太郎",
		"会社 山田太郎社長":          "山田 太郎",
		"代表取締役 山田 太郎":        "山田 太郎",
		"山田\u200b太郎":         "山田 太郎",
		"ﾔﾏﾀﾞ ﾀﾛｳ":           "",
		"小山田太郎":              "",
		"山田太郎左衛門":            "",
		"山田":                 "",
		"Taro Yamada":        "山田 太郎",
		"YAMADA, Taro (CEO)": "山田 太郎",
		"Tаrо Yamada":        "山田 太郎", // Cyrillic а, о
		"Taro Yamadaya":      "",
		"Taro":               "",
		"jean-luc muller":    "Jean-Luc Müller",
		"Luc Müller":         "",
		"小林太":                "",
		"林太":                 "林 太",
		"":                   "",
	} {
		got := ""
		if found := c.People(canon.Fold(name)); len(found) > 0 {
			got = found[0].Name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := c.People(canon.Fold("山田 太郎" + strings.Repeat(" x", maxNameWords-2))); len(got) != 1 {
		t.Error("not found at the limit of words")
	}
	if got := c.People(canon.Fold("山田 太郎" + strings.Repeat(" x", maxNameWords-1))); len(got) != 0 {
		t.Error("found past the limit of words")
	}
	if got := catalogue(t).People(canon.Fold("山田 太郎")); got != nil {
		t.Error("nobody is protected")
	}
}

func TestProtectedMistakes(t *testing.T) {
	_, err := Load(write(t, strings.NewReplacer("山田 太郎", "山", "Taro Yamada", "Taro", "t.yamada@gmail.com", "yamada", "kaisha.co.jp,", "co.jp,").Replace(ours)))
	if err == nil {
		t.Fatal("loaded")
	}
	for _, want := range []string{":6:13: co.jp is not a registrable name", `:9:11: "山" is not the full name`, `:10:12: "Taro" is not the full name`, `"yamada" is not a mail address`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told:\n%v", want, err)
		}
	}
	for n, good := range map[int]bool{MaxPeople: true, MaxPeople + 1: false} {
		var many strings.Builder
		many.WriteString("version: 1\nprotected:\n- id: kaisha\n  name: K\n  domains: [kaisha.co.jp]\n  people:\n")
		for i := range n {
			fmt.Fprintf(&many, "  - {name: A%d B%d}\n", i, i)
		}
		if _, err := Load(write(t, many.String())); (err == nil) != good {
			t.Errorf("%d people: %v", n, err)
		}
	}
}

func TestAdvice(t *testing.T) {
	c, err := Load(write(t, `version: 1
brands:
- id: kaisha
  name: Kaisha
  category: retail
  aliases: [Kaisha]
  domains: [kaisha.co.jp]
  footer_prints: ["東京都架空区1-2-3"]
  report_mail: [abuse@kaisha.co.jp]
  advice: {ja: 開かないでください。}
`))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := c.Brand("kaisha")
	if b.Advice.JA != "開かないでください。" || !strings.HasSuffix(b.Advice.EN, "Report it to abuse@kaisha.co.jp.") {
		t.Errorf("%+v", b.Advice)
	}
	m := c.Match(canon.Fold("〒100-0000 東京都架空区１－２－３"))
	if len(m) != 1 || !m[0].Alias.Footer || m[0].Brand != b {
		t.Errorf("footer print: %+v", m)
	}
	if _, err := Load(write(t, "version: 1\nbrands:\n- {id: a, name: A, category: retail, aliases: [Aaaa], domains: [a.co.jp], footer_prints: [short]}\n")); err == nil {
		t.Error("a short footer print is taken")
	}
}
