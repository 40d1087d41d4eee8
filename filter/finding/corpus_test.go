package finding

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/suite"
	"sekisho/policy/brand"
)

// The default policy's thresholds, for which DefaultPoints are made.
const (
	tagPoints        = 4
	quarantinePoints = 8
)

// judge relates the message in file.
func judge(tb testing.TB, c *brand.Catalogue, r *claim.Reader, file string, prove func(*mail.Message) proof.Proof) []Finding {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	h, body, err := mail.ReadFile(f)
	if err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	m := mail.Parse(h, body)
	return Relate(Input{Message: m, Proof: prove(m), Claims: r.Read(m), Catalogue: c})
}

// tally counts what became of one kind of mail.
type tally struct {
	all, tagged, quarantined int
	claimed                  int // of the quarantined, those for a brand claim
}

func (t *tally) count(found []Finding) {
	t.all++
	sum := points(found)
	if sum >= tagPoints {
		t.tagged++
	}
	if sum >= quarantinePoints {
		t.quarantined++
		if slices.ContainsFunc(found, func(f Finding) bool {
			return f.Name == Impersonation || f.Name == UnprovedClaim || f.Name == SpoofedBrand || f.Name == WeakClaim
		}) {
			t.claimed++
		}
	}
}

// Floors and ceilings, as measured with a little room for changes elsewhere.
const (
	leastTagged      = 117 // of 127 impersonations
	leastQuarantined = 111
	mostWrong        = 5 // of 99 other messages, quarantined for a brand claim
	mostHamTagged    = 2 // of 1,250
)

// TestPhish measures recall on real phishing, by kind, with the results that the
// receiving site wrote into the header.
func TestPhish(t *testing.T) {
	dir := suite.Path(t, "corpus/phish-dev")
	f, err := os.Open(filepath.Join(dir, "labels.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := catalogue(t)
	r := claim.NewReader(c)
	var posing, honest tally
	for _, row := range rows[1:] {
		found := judge(t, c, r, filepath.Join(dir, row[0]), func(m *mail.Message) proof.Proof { return proof.FromResults(m) })
		sum := points(found)
		switch kind := row[1]; kind {
		case "impersonation":
			posing.count(found)
			report(t, sum < quarantinePoints, row, found)
		case "spam", "scam", "legit":
			honest.count(found)
			report(t, sum >= quarantinePoints, row, found)
		}
	}
	t.Logf("%d impersonations: %d tagged or more, %d quarantined", posing.all, posing.tagged, posing.quarantined)
	t.Logf("%d others: %d tagged or more, %d quarantined for a claim", honest.all, honest.tagged, honest.claimed)
	if posing.tagged < leastTagged || posing.quarantined < leastQuarantined {
		t.Errorf("recall fell below %d tagged, %d quarantined", leastTagged, leastQuarantined)
	}
	if honest.claimed > mostWrong {
		t.Errorf("more than %d quarantined for claims that are not there", mostWrong)
	}
}

// report logs what was found in a message that was judged otherwise than its
// label asks.
func report(tb testing.TB, differs bool, label []string, found []Finding) {
	tb.Helper()
	if !differs {
		return
	}
	tb.Logf("%s: %d points", strings.Join(label, " "), points(found))
	for _, f := range found {
		tb.Logf("    %s: %s", f.Name, f.Why)
	}
}

// TestHam measures false alarms on honest mail of people, lists and newsletters,
// which nobody authenticated.
func TestHam(t *testing.T) {
	dir := suite.Path(t, "corpus/ham-dev")
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	c := catalogue(t)
	r := claim.NewReader(c)
	var n tally
	for _, file := range files {
		found := judge(t, c, r, file, proof.Unproved)
		n.count(found)
		report(t, points(found) >= tagPoints, []string{filepath.Base(file)}, found)
	}
	t.Logf("%d: %d tagged or more, %d quarantined", n.all, n.tagged, n.quarantined)
	if n.quarantined > 0 || n.tagged > mostHamTagged {
		t.Errorf("more than %d tagged or any quarantined", mostHamTagged)
	}
}
