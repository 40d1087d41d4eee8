// Package suite finds conformance suites, lists and corpora that lie beside the
// checkout and are not part of the project. Tests only.
package suite

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is the folder beside the checkout that holds the suites.
const Dir = "shared"

// Path returns the path of name (slash separated, "suites/spf") inside the
// folder of suites. Where it is absent the test is skipped with the reason.
func Path(tb testing.TB, name string) string {
	tb.Helper()
	path := filepath.Join(filepath.Dir(Root(tb)), Dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("suite %s is not beside the checkout: %v", name, err)
	}
	return path
}

// Root returns the folder of the module.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test's folder")
		}
	}
}
