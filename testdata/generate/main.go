// Command generate writes mail to measure with, as .eml files with a labels.csv
// for sekisho replay.
//
//	go run ./testdata/generate -o out/letters
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"sekisho/filter/replay/letters"
	"sekisho/policy/brand"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "out/letters", "folder to write to")
	phish := flag.Int("phish", 6000, "number of phishing letters")
	genuine := flag.Int("genuine", 10_000, "number of the brands' own letters")
	honest := flag.Int("honest", 2000, "number of letters that mention brands")
	seed := flag.Uint64("seed", 1, "the same seed writes the same letters")
	readme := flag.Bool("readme", false, "write the list of evasions to testdata/generate/README.md instead")
	flag.Parse()
	catalogue, err := brand.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	m, err := letters.New(catalogue, *seed)
	if err != nil {
		log.Fatal(err)
	}
	if *readme {
		err = writeReadme(m)
	} else {
		err = write(*out, m, *phish, *genuine, *honest)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func writeReadme(m *letters.Maker) (err error) {
	f, err := os.Create(filepath.Join("testdata", "generate", "README.md"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return m.WriteReadme(f)
}

// write writes the letters and their labels.
func write(dir string, m *letters.Maker, phish, genuine, honest int) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "labels.csv"))
	if err != nil {
		return err
	}
	labels := csv.NewWriter(f)
	defer func() {
		labels.Flush()
		err = errors.Join(err, labels.Error(), f.Close())
	}()
	if err := labels.Write([]string{"file", "kind", "brand", "group", "charset"}); err != nil {
		return err
	}
	for _, of := range []struct {
		n     int
		write func(int) letters.Letter
	}{{phish, m.Phish}, {genuine, m.Genuine}, {honest, m.Honest}} {
		for i := range of.n {
			l := of.write(i)
			if err := os.WriteFile(filepath.Join(dir, l.Name+".eml"), l.Raw, 0o644); err != nil {
				return err
			}
			if err := labels.Write([]string{l.Name + ".eml", string(l.Kind), l.Brand, group(l), string(l.Charset)}); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d letters in %s\n", phish+genuine+honest, dir)
	return nil
}

// group is the evasion of a phishing letter that has one alone: combinations are
// too many to be told apart.
func group(l letters.Letter) string {
	switch {
	case l.Kind != letters.Phish:
		return ""
	case len(l.Evasions) > 1:
		return "several"
	}
	return l.Group()
}
