package brand

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed data/*.yaml data/broad/*.txt data/words/*.txt
var embedded embed.FS

// leanExt ends the names of files of the lean form.
const leanExt = ".txt"

// Embedded returns the catalogue that is built into the program. It takes some
// tens of milliseconds: make one and keep it.
func Embedded() (*Catalogue, error) {
	return Load()
}

// Load returns the embedded catalogue together with the brands of an operator's
// files. Files whose names end in .txt have the lean form of the broad tier, all
// others are YAML. An entry with the id of an embedded one takes its place; an id that two
// of the operator's entries share is an error. Names under never_proof add to
// the embedded ones.
//
// What is wrong in the files is a *strictyaml.Problems, all of it at once; other
// errors are those of reading.
func Load(paths ...string) (*Catalogue, error) {
	c := newChecker()
	if err := c.readEmbedded(); err != nil {
		return nil, fmt.Errorf("read the embedded brands: %w", err)
	}
	c.layer++
	if len(paths) > MaxFiles {
		return nil, fmt.Errorf("read brands: more than %d files", MaxFiles)
	}
	for _, path := range paths {
		src, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("read brands: %w", err)
		}
		if filepath.Ext(path) == leanExt {
			c.readLean(path, src)
			continue
		}
		c.read(path, src)
	}
	return c.catalogue()
}

func (c *checker) readEmbedded() error {
	for _, kind := range []struct {
		files string
		read  func(name string, src []byte)
	}{
		{"data/*.yaml", c.read},
		{"data/broad/*" + leanExt, c.readLean},
	} {
		files, err := fs.Glob(embedded, kind.files)
		if err != nil {
			return err
		}
		for _, name := range files {
			src, err := embedded.ReadFile(name)
			if err != nil {
				return err
			}
			kind.read(name, src)
		}
	}
	var err error
	c.everyday, err = everyday()
	return err
}

// readFile reads a file, and one byte more than MaxFile of a larger one: the
// parser refuses that with its name.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return src, nil
}
