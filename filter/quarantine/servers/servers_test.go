package servers

import (
	"errors"
	"os"
	"testing"

	"sekisho/filter/freeport"
)

// TestComeAndGo: both servers come up, survive being killed, and leave nothing.
func TestComeAndGo(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		p, err := StartPostgres("")
		if errors.Is(err, ErrAbsent) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.NewDatabase(); err != nil {
			t.Error(err)
		}
		p.Kill()
		if err := p.Start(); err != nil {
			t.Error(err)
		}
		gone(t, p.dir, p.Close)
	})
	t.Run("s3", func(t *testing.T) {
		s, err := StartS3(freeport.Take(t))
		if errors.Is(err, ErrAbsent) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Kill()
		if err := s.Start(); err != nil {
			t.Error(err)
		}
		gone(t, s.dir, s.Close)
	})
}

func gone(t *testing.T, dir string, closing func() error) {
	t.Helper()
	if err := closing(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}
