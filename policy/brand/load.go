package brand

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
)

//go:embed data/*.yaml
var embedded embed.FS

// Embedded returns the catalogue that is built into the program. It takes some
// tens of milliseconds: make one and keep it.
func Embedded() (*Catalogue, error) {
	return Load()
}

// Load returns the embedded catalogue together with the brands of an operator's
// files. An entry with the id of an embedded one takes its place; an id that two
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
		c.read(path, src)
	}
	return c.catalogue()
}

func (c *checker) readEmbedded() error {
	files, err := fs.Glob(embedded, "data/*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		src, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		c.read(name, src)
	}
	return nil
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
