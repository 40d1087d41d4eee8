package proof

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/authres"
)

// seal puts one ARC set (RFC 8617, section 4.1) of esp.example on a message of
// unfolded fields and a body of one line.
func (w *world) seal(t *testing.T, results string, lines ...string) string {
	t.Helper()
	const body = "How are you?\r\n"
	relaxed := func(line string) string {
		name, value, _ := strings.Cut(line, ":")
		return strings.ToLower(name) + ":" + strings.TrimSpace(value)
	}
	sign := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		sig, err := w.rsa.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(sig)
	}
	sum := sha256.Sum256([]byte(body))
	aar := "ARC-Authentication-Results: i=1; " + results
	ams := "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/simple; d=esp.example; s=s; h=from; bh=" + base64.StdEncoding.EncodeToString(sum[:]) + "; b="
	from := lines[slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "From:") })]
	ams += sign(relaxed(from) + "\r\n" + relaxed(ams))
	seal := "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=esp.example; s=s; b="
	seal += sign(relaxed(aar) + "\r\n" + relaxed(ams) + "\r\n" + relaxed(seal))
	return strings.Join(append([]string{seal, ams, aar}, lines...), "\r\n") + "\r\n\r\n" + body
}

func parse(t *testing.T, text string) *mail.Message {
	t.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Parse(h, body)
}

// TestARC holds that a chain is verified if the rules say so and the author is
// not proved without.
func TestARC(t *testing.T) {
	w := newWorld(t)
	c := w.checker(t, Options{})
	env := client("helo.example", "list@esp.example")
	const states = "esp.example; dmarc=pass header.from=good.example"
	good := w.seal(t, states, "From: a@good.example", "Subject: hello")
	proved := w.seal(t, states, "From: a@esp.example", "Subject: hello")
	for _, tc := range []struct {
		name  string
		text  string
		rules Rules
		arc   string
		seals []Seal
	}{
		{"sealed", good, Rules{ARC: true}, "pass", []Seal{{"esp.example", true}}},
		{"sealed, nobody asks", good, Rules{}, "none", nil},
		{"changed since", strings.Replace(good, "How are you?", "How do you do?", 1), Rules{ARC: true}, "fail", nil},
		{"statement changed since", strings.Replace(good, "dmarc=pass", "dmarc=fail", 1), Rules{ARC: true}, "fail", nil},
		{"proved without, by SPF", proved, Rules{ARC: true}, "none", nil},
		{"no chain", "From: a@good.example\r\n\r\nHow are you?\r\n", Rules{ARC: true}, "none", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := c.Prover(tc.rules)(t.Context(), parse(t, tc.text), env)
			if p.ARC != tc.arc {
				t.Errorf("arc %s", p.ARC)
			}
			if diff := cmp.Diff(tc.seals, p.Seals); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, id := range p.Identities {
				if id.Method == ByARC {
					t.Errorf("a seal alone proves %+v", id)
				}
			}
		})
	}
	silent := NewChecker(hung{}, Options{Timeout: 100 * time.Millisecond})
	p := silent.Prover(Rules{ARC: true})(t.Context(), parse(t, good), env)
	if diff := cmp.Diff([]Seal{{"esp.example", true}}, p.Seals); p.ARC != "temperror" || diff != "" {
		t.Errorf("arc %s (-want +got)\n%s", p.ARC, diff)
	}
	if got := authres.Format("mx", Results(p, env)); !strings.Contains(got, "arc=fail reason=\"a key could not be fetched\"") {
		t.Errorf("RFC 8617 knows no temporary error: %s", got)
	}
}

// TestSeals holds what counts as a sealer's word for the author.
func TestSeals(t *testing.T) {
	for _, tc := range []struct {
		name    string
		results string
		want    bool
	}{
		{"DMARC passed", "lists.example; dmarc=pass header.from=a.example", true},
		{"aligned signature, no DMARC", "lists.example; dkim=pass header.d=m.a.example", true},
		{"aligned SPF", "lists.example; spf=pass smtp.mailfrom=b@a.example", true},
		{"DMARC failed", "lists.example; dmarc=fail header.from=a.example; spf=pass smtp.mailfrom=a.example", false},
		{"another author", "lists.example; dmarc=pass header.from=b.example", false},
		{"unaligned", "lists.example; spf=pass smtp.mailfrom=b.example", false},
		{"not readable", "lists.example; dmarc=pass header.from=(a.example", false},
		{"nothing", "", false},
	} {
		set := arc.Set{Domain: "lists.example", Results: tc.results}
		got := seals(read(t, "From: x@a.example"), []arc.Set{{Domain: "first.example"}, set})
		want := []Seal{{Domain: "lists.example", Author: tc.want}, {Domain: "first.example"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.name, diff)
		}
	}
	good := arc.Set{Results: "lists.example; dmarc=pass header.from=a.example"}
	if got := seals(read(t, "From: x@a.example, y@b.example"), []arc.Set{good}); got[0].Author {
		t.Errorf("two authors: %+v", got)
	}
	for past := range 2 {
		sets := slices.Concat([]arc.Set{{Domain: "oldest.example"}}, slices.Repeat([]arc.Set{good}, maxSeals-1+past))
		got := seals(read(t, "From: x@a.example"), sets)
		if len(got) != maxSeals || (got[maxSeals-1].Domain == "oldest.example") != (past == 0) {
			t.Errorf("%d past the limit: %+v", past, got)
		}
	}
}
