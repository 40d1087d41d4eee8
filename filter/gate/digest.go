package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sekisho/policy"
)

// digest names the text of all policies of a folder, "" for the built-in one, so
// that a record tells which policies judged. It is for people who compare two
// records, and no verdict depends on it: files that cannot be read any more are
// left out.
func digest(dir string) string {
	h := sha256.New()
	add := func(name, text string) { fmt.Fprintf(h, "%d %s\n%d %s\n", len(name), name, len(text), text) }
	add("built-in", policy.BuiltIn())
	if dir != "" {
		_ = filepath.WalkDir(dir+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil
			case strings.HasPrefix(e.Name(), "."):
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			case e.IsDir() || filepath.Ext(path) != ".yaml":
				return nil
			}
			if text, err := os.ReadFile(path); err == nil {
				rel, _ := filepath.Rel(dir, path)
				add(filepath.ToSlash(rel), string(text))
			}
			return nil
		})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
