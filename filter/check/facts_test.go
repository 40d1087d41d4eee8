package check

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/proof"
)

// TestFacts: a file has the facts that its verdict rests on.
func TestFacts(t *testing.T) {
	b, err := New(Options{Source: proof.FromHeader, Timeout: time.Minute, ClientIP: "192.0.2.1", Recipients: []string{"x@kaisha.test"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.Facts(t.Context(), Stdin, strings.NewReader(friend))
	if err != nil {
		t.Fatal(err)
	}
	if f.Message.Subject != "hi" || f.Proof.DMARC.Result != "pass" || f.Envelope.Client != "192.0.2.1" || f.Envelope.Recipients != 1 {
		t.Errorf("%+v", f)
	}
	if _, err := b.Facts(t.Context(), filepath.Join(t.TempDir(), "gone"), nil); !errors.Is(err, ErrUnreadable) {
		t.Errorf("%v", err)
	}
}
