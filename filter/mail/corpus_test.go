package mail_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/suite"
)

// TestCorpus reads real mail, honest and not. None may take longer than a person
// would notice.
func TestCorpus(t *testing.T) {
	dir := suite.Path(t, "corpus")
	files, err := filepath.Glob(filepath.Join(dir, "*-dev", "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails in %s: %v", dir, err)
	}
	var total time.Duration
	authors := map[mail.AuthorState]int{}
	deviations := map[string]int{}
	size := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		h, body, err := mail.ReadFile(bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		m := mail.Parse(h, body)
		took := time.Since(start)
		for range 3 { // on a busy machine the clock says little
			if took > 5*time.Second {
				start = time.Now()
				m = mail.Parse(h, body)
				took = min(took, time.Since(start))
			}
		}
		total += took
		size += len(raw)
		if took > 5*time.Second {
			t.Errorf("%s took %v", file, took)
		}
		check(t, m)
		if len(m.Parts) == 0 || m.Author == "" {
			t.Errorf("%s: %d parts, author %q", file, len(m.Parts), m.Author)
		}
		authors[m.Author]++
		for _, d := range m.Deviations {
			deviations[d.Name]++
		}
	}
	t.Logf("%d mails, %d KB in %v; authors %v; deviations %v", len(files), size>>10, total, authors, deviations)
}
