package tally_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sekisho/filter/tally"
)

var june = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// TestCounts: counts survive a restart, and are exact under concurrent use.
func TestCounts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "exceptions.json")
	first, err := tally.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() { first.Hit(june.Add(time.Duration(i)*time.Second), "a", "b") })
	}
	wait.Wait()
	first.Hit(june)
	if err := first.Save(june); err != nil {
		t.Fatal(err)
	}
	again, err := tally.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	again.Hit(june.AddDate(0, 0, 3), "b")
	if err := again.Save(june); err != nil {
		t.Fatal(err)
	}
	got, err := tally.Read(file)
	if err != nil || got["a"].Count != 50 || got["b"].Count != 51 || !got["b"].Last.Equal(june.AddDate(0, 0, 3)) {
		t.Errorf("%v %v", got, err)
	}
}

// TestForgets: what is hit no more goes in the end, and room is limited.
func TestForgets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "exceptions.json")
	c, err := tally.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	c.Hit(june.AddDate(-2, 0, 0), "old")
	for i := range tally.MaxEntries {
		c.Hit(june, fmt.Sprint(i))
	}
	for past := range 2 {
		if past == 1 {
			c.Hit(june.Add(time.Hour), "one more")
		}
		if err := c.Save(june.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		got, err := tally.Read(file)
		if err != nil || len(got) != tally.MaxEntries || got["old"].Count != 0 || past == 1 && got["one more"].Count != 1 {
			t.Errorf("%d entries, %v", len(got), err)
		}
	}
}

// TestBrokenFile: a file that is none is told by its name.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "exceptions.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tally.Open(file); err == nil || !strings.Contains(err.Error(), "exceptions.json") {
		t.Error(err)
	}
}

// TestDiskFails: counts wait for the next time.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	c, err := tally.Open(filepath.Join(dir, "exceptions.json"))
	if err != nil {
		t.Fatal(err)
	}
	c.Hit(june, "a")
	if err := c.Save(june); err == nil {
		t.Error("written to nowhere")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(june); err != nil {
		t.Error(err)
	}
	if got, _ := tally.Read(filepath.Join(dir, "exceptions.json")); got["a"].Count != 1 {
		t.Errorf("%v", got)
	}
}
