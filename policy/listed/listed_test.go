package listed

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sekisho/filter/suite"
	"sekisho/policy/brand"
)

var embedded = sync.OnceValues(func() (*brand.Catalogue, error) { return brand.Embedded() })

func catalogue(tb testing.TB) *brand.Catalogue {
	tb.Helper()
	c, err := embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func write(tb testing.TB, name, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

const fakes = "\ufeffbrand,entry,kind,seen\n" +
	"rakuten,Info@Fake.example,attacker,2026\n" +
	"楽天市場,@wrong.example,attacker,\n" +
	"Nobody knows,hxxps://page[.]example/login/?id=1,,\n" +
	"rakuten,account@rakuten.co.jp,spoofed,\n" +
	"\n" +
	"rakuten,someone@gmail.com,attacker,\"a, b\"\n" +
	"rakuten,日本.example,attacker,\n"

func TestLists(t *testing.T) {
	text := write(t, "hosts.txt", "# a list\n# kind: attacker\n# brand: amazon\n\nbad.example\n# brand:\n192.0.2.1\n")
	l, err := Load(catalogue(t), write(t, "fakes.csv", fakes), text)
	if err != nil {
		t.Fatal(err)
	}
	if _, refused := l.Refused(); l.Len() != 8 || refused != 0 {
		t.Errorf("%d entries, %d refused", l.Len(), refused)
	}
	for _, k := range []struct {
		address, domain string
		brand           string
		kind            Kind
		line            string // "" for no entry
	}{
		{"info@fake.example", "fake.example", "rakuten", Attacker, "fakes.csv:2"},
		{"INFO@fake.example", "fake.example", "rakuten", Attacker, "fakes.csv:2"},
		{"other@fake.example", "fake.example", "", "", ""},
		{"x@mail.wrong.example", "mail.wrong.example", "rakuten", Attacker, "fakes.csv:3"},
		{"account@rakuten.co.jp", "rakuten.co.jp", "rakuten", Spoofed, "fakes.csv:5"},
		{"order@rakuten.co.jp", "rakuten.co.jp", "", "", ""},
		{"someone@gmail.com", "gmail.com", "rakuten", Attacker, "fakes.csv:7"},
		{"else@gmail.com", "gmail.com", "", "", ""},
		{"x@xn--wgv71a.example", "xn--wgv71a.example", "rakuten", Attacker, "fakes.csv:8"},
		{"x@notbad.example", "notbad.example", "", "", ""},
		{"", "", "", "", ""},
	} {
		e, ok := l.Sender(k.address, k.domain)
		if ok != (k.line != "") || e.Brand != k.brand || e.Kind != k.kind || filepath.Base(e.Where) != k.line && ok {
			t.Errorf("%s: %+v", k.address, e)
		}
	}
	for page, want := range map[string]bool{
		"https://page.example/login/?id=1":   true,
		"http://PAGE.example/login?id=1#top": true,
		"https://page.example/login/?id=2":   false,
		"https://page.example/":              false,
		"https://www.bad.example/x":          true,
		"http://192.0.2.1/":                  true,
		"https://good.example/bad.example":   false,
		"::":                                 false,
	} {
		host := strings.ToLower(strings.Split(strings.SplitN(page+"//", "//", 3)[1], "/")[0])
		if _, ok := l.Link(page, host); ok != want {
			t.Errorf("%s: %v", page, ok)
		}
	}
	var none *Lists
	if _, ok := none.Sender("a@b.example", "b.example"); ok || none.Len() != 0 {
		t.Error("nil holds something")
	}
}

// TestPoison holds that a line against a brand's own mail, or against everybody's,
// is left out, and that the rest of the list is in force.
func TestPoison(t *testing.T) {
	const list = "entry,brand,kind\n" +
		"notice@info.rakuten.co.jp,rakuten,attacker\n" +
		"rakuten.co.jp,rakuten,attacker\n" +
		"amazon.com,rakuten,attacker\n" +
		"leroymerlin.fr,rakuten,attacker\n" +
		"gmail.com,rakuten,attacker\n" +
		"co.jp,rakuten,attacker\n" +
		"web.app,rakuten,attacker\n" +
		"bit.ly,rakuten,attacker\n" +
		"sendgrid.net,rakuten,attacker\n" +
		"https://www.rakuten.co.jp/help/,rakuten,attacker\n" +
		"https://www.rakuten.co.jp/,rakuten,attacker\n" +
		"https://docs.google.com/,rakuten,attacker\n" +
		"https://docs.google.com/forms/d/abc,rakuten,attacker\n" +
		"https://bit.ly/abc,rakuten,attacker\n" +
		"rakuten-login.web.app,rakuten,attacker\n" +
		"fake.example,rakuten,attacker\n"
	l, err := Load(catalogue(t), write(t, "l.csv", list))
	if err != nil {
		t.Fatal(err)
	}
	refused, all := l.Refused()
	if all != 12 || len(refused) != 12 || l.Len() != 4 {
		t.Errorf("%d in force, refused: %+v", l.Len(), refused)
	}
	if _, ok := l.Sender("notice@info.rakuten.co.jp", "info.rakuten.co.jp"); ok {
		t.Error("a brand's own address is listed")
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "has no header line",
		"who,what\na,b\n":                     "no column is named",
		"entry,kind\na.example,\n":            `l.csv:2: the kind is ""; it has to be attacker or spoofed`,
		"entry,kind\na.example,fraud\n":       `l.csv:2: the kind is "fraud"`,
		"entry,kind\nnonsense,attacker\n":     `l.csv:2: "nonsense" is neither`,
		"entry,kind\n\"a.example,attacker\n":  "l.csv:",
		"entry,kind\n\xff.example,attacker\n": "not UTF-8",
	} {
		if _, err := Load(catalogue(t), write(t, "l.csv", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Load(catalogue(t), write(t, "l.txt", "a.example\n")); err == nil || !strings.Contains(err.Error(), `l.txt:1: the kind is ""`) {
		t.Errorf("text without a kind: %v", err)
	}
	if _, err := Load(catalogue(t), filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("an absent list is no error")
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("a", maxEntry-len("https://x.example/"))
	if _, err := Load(catalogue(t), write(t, "l.csv", "url\nhttps://x.example/"+long+"\n")); err != nil {
		t.Error(err)
	}
	if _, err := Load(catalogue(t), write(t, "l.csv", "url\nhttps://x.example/"+long+"a\n")); err == nil {
		t.Error("an entry past the limit is read")
	}
	var poison strings.Builder
	poison.WriteString("# kind: attacker\n")
	for i := range MaxRefused + 1 {
		fmt.Fprintf(&poison, "a%d@rakuten.co.jp\n", i)
	}
	l, err := Load(catalogue(t), write(t, "l.txt", poison.String()))
	if err != nil {
		t.Fatal(err)
	}
	if first, all := l.Refused(); len(first) != MaxRefused || all != MaxRefused+1 {
		t.Errorf("%d of %d refused are told", len(first), all)
	}
	path := write(t, "large.txt", "")
	for size, good := range map[int64]bool{MaxFile: false, MaxFile + 1: false, 0: true} { // at the limit: no UTF-8 text, past it: not read
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		_, err := Load(catalogue(t), path)
		if tooLarge := err != nil && strings.Contains(err.Error(), errTooLarge.Error()); tooLarge != (size > MaxFile) {
			t.Errorf("%d bytes: %v, want good %v", size, err, good)
		}
	}
	paths := make([]string, MaxFiles+1)
	for i := range paths {
		paths[i] = write(t, "l.txt", "")
	}
	if _, err := Load(catalogue(t), paths[:MaxFiles]...); err != nil {
		t.Error(err)
	}
	if _, err := Load(catalogue(t), paths...); err == nil {
		t.Error("too many files are read")
	}
}

// TestPublishedList reads a list as it is published, of pages with the names of
// brands in Japanese.
func TestPublishedList(t *testing.T) {
	path := suite.Path(t, "lists/jpcert-phishurl/dev_sample_5000.csv")
	l, err := Load(catalogue(t), path)
	if err != nil {
		t.Fatal(err)
	}
	refused, all := l.Refused()
	known := 0
	for _, m := range []map[string]Entry{l.hosts, l.pages} {
		for _, e := range m {
			if e.Brand != "" {
				known++
			}
		}
	}
	t.Logf("%d entries in force, %d of a known brand, %d refused, such as %+v", l.Len(), known, all, refused[:min(len(refused), 5)])
	if l.Len() < 4000 || known < 3000 {
		t.Errorf("%d entries, %d of a known brand", l.Len(), known)
	}
}

// FuzzLoad holds that any text is read or refused with its place, and that what is
// in force finds itself.
func FuzzLoad(f *testing.F) {
	f.Add("entry,brand,kind\na@b.example,rakuten,attacker\n", true)
	f.Add("# kind: attacker\nhxxp://a[.]example/x?y\nb.example\n", false)
	c := catalogue(f)
	f.Fuzz(func(t *testing.T, text string, csv bool) {
		name := "l.txt"
		if csv {
			name = "l.csv"
		}
		l, err := Load(c, write(t, name, text))
		if err != nil {
			return
		}
		for address, e := range l.addresses {
			if got, ok := l.Sender(address, ""); !ok || got != e {
				t.Errorf("%q is not found", address)
			}
		}
		for host, e := range l.hosts {
			if got, ok := l.Sender("", host); !ok || got != e {
				t.Errorf("%q is not found", host)
			}
		}
	})
}
