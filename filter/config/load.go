package config

import (
	"errors"
	"fmt"

	"sekisho/policy/strictyaml"
)

// Load reads a settings file over the defaults and checks the result. What is
// wrong in the file is told as *strictyaml.Problems, all at once.
func Load(path string) (Config, error) {
	doc, err := strictyaml.ParseFile(path, maxFileBytes)
	if err != nil {
		return Config{}, fmt.Errorf("settings: %w", err)
	}
	return read(doc)
}

// read checks the decoded document too when parts of it were refused: those
// parts keep their defaults, and every problem is told at once.
func read(doc *strictyaml.Document) (Config, error) {
	c := base()
	doc.Decode(&c)
	c.complete()
	var faults Faults
	if errors.As(c.Validate(), &faults) {
		for _, f := range faults {
			doc.Errorf(doc.At(f.path()...), "%s", f.Error())
		}
	}
	if err := doc.Err(); err != nil {
		return Config{}, err
	}
	return c, nil
}
