package dkim

import (
	"bytes"
	"context"
	_ "crypto/sha1" // the old suites need it
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/taglist"
	"sekisho/filter/suite"
)

// zone is a Resolver over fixed records.
type zone map[string][]string

const (
	silence = "~~Query timed out~~"
	refusal = "~~SERVFAIL~~"
)

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	records, ok := z[name]
	switch {
	case !ok:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case records[0] == silence:
		return nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true, IsTemporary: true}
	case records[0] == refusal:
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	return records, nil
}

var crlf = []byte("\r\n")

// split cuts a message into fields and body, whatever its line ends. It is much
// simpler than package mail's parser on purpose.
func split(raw []byte) (mail.Header, []byte) {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, crlf, []byte("\n")), []byte("\n"), crlf)
	var h mail.Header
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, crlf)
		if len(line) == 0 {
			return h, rest
		}
		raw = rest
		line = append(bytes.Clone(line), crlf...)
		if taglist.IsFWS(line[0]) && len(h) > 0 {
			h[len(h)-1].Raw = append(h[len(h)-1].Raw, line...)
			continue
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		h = append(h, mail.Field{Name: string(name), Raw: line})
	}
	return h, nil
}

func readMessage(t testing.TB, path string) (mail.Header, []byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return split(raw)
}

// readZone reads the suite's "name record" lines.
func readZone(t testing.TB, path string) zone {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zone{}
	for line := range strings.Lines(string(raw)) {
		name, record, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		record = strings.TrimSpace(record)
		if !ok || strings.HasPrefix(line, "#") || record == "NXDOMAIN" {
			continue
		}
		z[name] = []string{strings.Trim(record, `"`)}
	}
	return z
}

func passes(sigs []Signature) bool {
	for _, s := range sigs {
		if s.Result == Pass {
			return true
		}
	}
	return false
}

// historicClock lies before x= of most messages of the old corpus.
func historicClock() time.Time { return time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC) }

// corpusDeviations are the messages of Mail::DKIM's corpus whose name promises
// another result than ours, and why.
var corpusDeviations = map[string]string{
	"badkey_8":  "g=*poe in the key: g= is none of RFC 6376's tags, and \"other tags MAY be present and MUST be ignored\" (section 3.6.1)",
	"badkey_9":  "empty g= in the key: as above",
	"badkey_12": "g=jl*g in the key: as above",
	"badkey_13": "g=jl*g in the key: as above",

	"good_ietf00_1": "draft-ietf-dkim-base-00 had no bh=",
	"good_ietf00_2": "as above",
	"good_ietf00_3": "as above",
	"good_ietf00_4": "as above",
	"good_ietf00_5": "as above",
}

// TestMailDKIMCorpus runs the messages of Mail::DKIM with its keys. They are so
// old that most are signed with SHA-1 or 512-bit keys. So first those are
// taken, to hold everything else against the suite; then not, and only the one
// modern signature may pass.
func TestMailDKIMCorpus(t *testing.T) {
	dir := suite.Path(t, "suites/dkim/mail-dkim-corpus")
	t.Setenv("GODEBUG", "rsa1024min=0")
	keys := readZone(t, filepath.Join(dir, "FAKE_DNS.dat"))
	files, err := filepath.Glob(filepath.Join(dir, "corpus", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		if strings.Contains(name, "_dk_") || strings.HasPrefix(name, "dk_") {
			continue // DomainKeys (RFC 4870), which is historic
		}
		t.Run(name, func(t *testing.T) {
			h, body := readMessage(t, path)
			v := Verifier{Resolver: keys, historic: true, Clock: historicClock}
			sigs := v.Verify(t.Context(), h, body, nil)
			want := strings.HasPrefix(name, "good") || strings.HasPrefix(name, "m") || strings.HasPrefix(name, "no_body")
			if why := corpusDeviations[name]; why != "" {
				want = !want
			}
			if passes(sigs) != want {
				t.Errorf("passes: %v, want %v: %+v", !want, want, sigs)
			}
			v.historic = false
			if sigs := v.Verify(t.Context(), h, body, nil); passes(sigs) != (name == "goodkey_ed25519") {
				t.Errorf("under RFC 8301: %+v", sigs)
			}
		})
	}
}
