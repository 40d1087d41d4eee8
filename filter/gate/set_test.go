package gate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sekisho/filter/gate"
	"sekisho/filter/mail"
)

// TestSetOfADirectory: brands, one's own organisation and lists come with the
// policies of a directory, and their mistakes are told with its.
func TestSetOfADirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policies")
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("kaisha.test.yaml", "brands: {kaisha: observe}\n")
	write("brands/own.yaml", "version: 1\nprotected:\n- id: kaisha\n  name: Kaisha Trading\n  domains: [kaisha.example]\n  people:\n"+
		"  - name: 山田 太郎\n    addresses: [t.yamada@kaisha.example]\n")
	write("brands/.own.yaml.swp", "not a file of brands")
	write("lists/fakes.csv", "address,brand,kind\nfake@shop.example,rakuten,attacker\n")
	set, err := gate.LoadSet(1, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := set.Brands.Brand("kaisha"); !known {
		t.Error("the organisation is not protected")
	}
	h, body, err := mail.ReadFile(strings.NewReader("From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <x@mail.example>\nSubject: hi\n\ncall me\n"))
	if err != nil {
		t.Fatal(err)
	}
	g := gate.New(set, gate.Options{Prover: unproved})
	d := g.Inspect(t.Context(), mail.Envelope{Recipients: []string{"a@other.test"}}, h, body)
	if len(d.Findings) == 0 || d.Findings[0].Name != "person-impersonation" {
		t.Errorf("%v", d.Findings)
	}
	write("brands/own.yaml", "version: 1\nprotekted: []\n")
	write("kaisha.test.yaml", "treshold: 1\n")
	_, err = gate.LoadSet(1, dir, nil)
	for _, want := range []string{"brands/own.yaml:2:1", "kaisha.test.yaml:1:1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}

// TestSetBehindDanglingLinks: a folder that is a link which leads nowhere is not
// taken for one that is absent.
func TestSetBehindDanglingLinks(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"brands", "lists", "groups"} {
		dir := t.TempDir()
		if err := os.Symlink("nowhere", filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
		if _, err := gate.LoadSet(1, dir, nil); err == nil || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}
