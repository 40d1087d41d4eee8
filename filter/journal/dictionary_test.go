package journal_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"

	"sekisho/filter/journal/journaltest"
)

var newDictionary = flag.String("dictionary", "", "write another dictionary to this file, dictionary/N.dict; those that are there stay")

// TestMakeDictionary makes a dictionary of invented decisions, when it is asked to.
func TestMakeDictionary(t *testing.T) {
	if *newDictionary == "" {
		t.Skip("only with -dictionary")
	}
	m := journaltest.New(7)
	var samples [][]byte
	for range 3000 {
		text, err := json.Marshal(m.Facts())
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, text)
	}
	text, err := dict.BuildZstdDict(samples, dict.Options{
		MaxDictSize: 16 << 10, HashBytes: 6, ZstdDictID: 1, ZstdDictCompat: true, ZstdLevel: zstd.SpeedDefault,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*newDictionary, text, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(text))
}
