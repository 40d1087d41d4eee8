package arc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"sekisho/filter/mail"
	"sekisho/filter/suite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone is a Resolver over fixed records. A record of silence never comes.
type zone map[string]string

const silence = "~~silence~~"

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	record, ok := z[name]
	switch {
	case !ok:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case record == silence:
		return nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true, IsTemporary: true}
	}
	return []string{record}, nil
}

// suiteDeviations are the cases of the suite, made for drafts of 2017, that end
// otherwise with us.
var suiteDeviations = map[string]string{
	"ams_fields_h_empty": "h= names no field. RFC 8617, section 4.1.2, takes its syntax from DKIM-Signature, whose h= must not be empty " +
		"and must name From (RFC 6376, sections 3.5, 5.4 and 6.1.1)",
	"ams_fields_c_na": "c= is missing and the fields are signed relaxed. Section 4.1.2 changes nothing of c=, which is simple/simple " +
		"where it is missing (RFC 6376, section 3.5)",
}

type suiteCase struct {
	name    string
	message string
	want    Result
	zone    zone
}

// readSuite reads the validation cases. Four names occur twice, so that the
// cases must not become a map.
func readSuite(t *testing.T) []suiteCase {
	t.Helper()
	file, err := os.Open(suite.Path(t, "suites/arc/arc-draft-validation-tests.yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var cases []suiteCase
	for dec := yaml.NewDecoder(file); ; {
		var scenario struct {
			Tests yaml.Node
			TXT   zone `yaml:"txt-records"`
		}
		if err := dec.Decode(&scenario); errors.Is(err, io.EOF) {
			return cases
		} else if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(scenario.Tests.Content); i += 2 {
			var c struct{ Message, CV string }
			if err := scenario.Tests.Content[i+1].Decode(&c); err != nil {
				t.Fatal(err)
			}
			// An empty status says that the chain had failed before.
			want := map[string]Result{"None": None, "Pass": Pass, "Fail": Fail, "": Fail}[c.CV]
			cases = append(cases, suiteCase{scenario.Tests.Content[i].Value, c.Message, want, scenario.TXT})
		}
	}
}

// TestSuite runs ValiMail's validation suite: once by the letter of the drafts,
// where every case must agree, and once as the program runs.
func TestSuite(t *testing.T) {
	cases := readSuite(t)
	if len(cases) != 175 {
		t.Fatalf("%d cases, want 175", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h, body := read(t, c.message)
			v := Verifier{Resolver: c.zone, draft: true}
			if got := v.Verify(t.Context(), h, body); got.Result != c.want {
				t.Errorf("draft: %s (%s), want %s", got.Result, got.Reason, c.want)
			}
			v.draft = false
			want := c.want
			if suiteDeviations[c.name] != "" {
				want = Fail
			}
			if got := v.Verify(t.Context(), h, body); got.Result != want {
				t.Errorf("%s (%s), want %s", got.Result, got.Reason, want)
			}
		})
	}
}

// TestEd25519 takes a chain of two sealers, the first with an Ed25519 key.
func TestEd25519(t *testing.T) {
	raw, err := os.ReadFile(suite.Path(t, "suites/arc/stalwart-ed25519-002.txt"))
	if err != nil {
		t.Fatal(err)
	}
	records, message, _ := strings.Cut(string(raw), "\n\n")
	z := zone{}
	for line := range strings.Lines(records) {
		name, record, _ := strings.Cut(strings.TrimSpace(line), " ")
		z[name] = record
	}
	h, body := read(t, message)
	got := (&Verifier{Resolver: z}).Verify(t.Context(), h, body)
	if got.Result != Pass || got.OldestPass != 0 || len(got.Sets) != 2 {
		t.Fatalf("%+v", got)
	}
	if s := got.Sets[0]; s.Domain != "scamorza.org" || s.Algorithm != "ed25519-sha256" || s.KeyBits != 256 || s.CV != None {
		t.Errorf("%+v", s)
	}
	if s := got.Sets[1]; s.Domain != "manchego.org" || s.Algorithm != "rsa-sha256" || s.KeyBits != 1024 || s.CV != Pass {
		t.Errorf("%+v", s)
	}
	results, err := got.Sets[0].AuthResults()
	if err != nil || results.ID != "scamorza.org" || len(results.Results) != 1 || results.Results[0].Get("header", "d") != "manchego.org" {
		t.Errorf("%+v, %v", results, err)
	}
}

func read(t testing.TB, message string) (mail.Header, []byte) {
	t.Helper()
	h, body, err := mail.ReadFile(bytes.NewReader([]byte(message)))
	if err != nil {
		t.Fatal(err)
	}
	return h, body
}
