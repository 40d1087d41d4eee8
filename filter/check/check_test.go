package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"sekisho/filter/cases"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/suite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is what of a JSON line these tests look at.
type line struct {
	File       string
	Verdict    string
	Proof      struct{ Source, SPF, DMARC string }
	Recipients []struct{ Rcpt, Policy, Verdict string }
}

// judge judges files and returns the lines, the problems and the error.
func judge(t *testing.T, opt Options, stdin io.Reader, files ...string) ([]line, string, error) {
	t.Helper()
	if opt.Timeout == 0 {
		opt.Timeout = 10 * time.Second
	}
	opt.JSON = true
	b, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var out, problems bytes.Buffer
	err = b.Judge(t.Context(), files, Streams{In: stdin, Out: &out, Problems: &problems})
	var lines []line
	for dec := json.NewDecoder(&out); dec.More(); {
		var l line
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines, problems.String(), err
}

// TestCases: with the case's DNS and envelope a file meets the verdict that the
// daemon would give.
func TestCases(t *testing.T) {
	for _, c := range cases.Load(t, "story-") {
		t.Run(c.Name, func(t *testing.T) {
			want := struct{ Verdict string }{}
			text, err := os.ReadFile(filepath.Join(c.Dir, "want.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			lines, problems, err := judge(t, Options{
				Source: proof.FromDNS, Resolver: dnstest.Serve(t, c.Zone),
				ClientIP: c.Envelope.Client.String(), Helo: c.Envelope.Helo, MailFrom: c.Envelope.Sender, Recipients: c.Envelope.Recipients,
			}, nil, filepath.Join(c.Dir, "message.eml"))
			if err != nil || problems != "" || len(lines) != 1 {
				t.Fatalf("%d lines, %q, %v", len(lines), problems, err)
			}
			if got := lines[0]; got.Verdict != want.Verdict || len(got.Recipients) != len(c.Envelope.Recipients) {
				t.Errorf("%+v, want %s", got, want.Verdict)
			}
		})
	}
}

const friend = "Authentication-Results: mx.kaisha.test; spf=pass smtp.mailfrom=a@friend.test; dmarc=pass header.from=friend.test\n" +
	"From: a@friend.test\nDate: Mon, 24 Nov 2025 09:00:00 +0900\nMessage-ID: <1@friend.test>\nSubject: hi\n\nHello.\n"

func TestSources(t *testing.T) {
	for source, want := range map[proof.Source]struct{ spf, dmarc string }{
		proof.FromHeader: {"pass", "pass"},
		proof.FromNobody: {"", ""},
		proof.FromDNS:    {"fail", "none"},
	} {
		opt := Options{Source: source, ClientIP: "::ffff:192.0.2.1", MailFrom: "a@friend.test"}
		if source == proof.FromDNS {
			opt.Resolver = dnstest.Serve(t, `friend.test. TXT "v=spf1 -all"`)
		}
		lines, _, err := judge(t, opt, strings.NewReader(friend), Stdin)
		if err != nil || len(lines) != 1 {
			t.Fatalf("%s: %d lines, %v", source, len(lines), err)
		}
		if got := lines[0]; got.File != "-" || got.Proof.Source != string(source) || got.Proof.SPF != want.spf || got.Proof.DMARC != want.dmarc {
			t.Errorf("%s: %+v", source, got)
		}
	}
}

// TestUnreadable: files that cannot be read are named, the others are judged in
// their order.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int64) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(friend), 0o600); err != nil {
			t.Fatal(err)
		}
		if size > 0 {
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	gone := filepath.Join(dir, "gone")
	first, atLimit, past, last := write("first", 0), write("limit", mail.MaxFile), write("past", mail.MaxFile+1), write("last", 0)
	lines, problems, err := judge(t, Options{Source: proof.FromNobody}, iotest.ErrReader(errors.New("broken")), first, gone, atLimit, dir, past, Stdin, last)
	if !errors.Is(err, ErrUnreadable) {
		t.Errorf("error %v", err)
	}
	var judged []string
	for _, l := range lines {
		judged = append(judged, l.File)
	}
	if diff := cmp.Diff([]string{first, atLimit, last}, judged); diff != "" {
		t.Errorf("judged (-want +got)\n%s", diff)
	}
	want := fmt.Sprintf(`sekisho: %s: no such file or directory
sekisho: %s: is a directory
sekisho: %s: mail: file over the size limit
sekisho: standard input: mail: read message: broken
`, gone, dir, past)
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default.yaml"), []byte("threshold: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]Options{
		"client address: ":                     {Source: proof.FromNobody, ClientIP: "192.0.2", Timeout: time.Second},
		"time limit: ":                         {Source: proof.FromNobody},
		"no such source of proof: \"hearsay\"": {Source: "hearsay", Timeout: time.Second},
		"dns servers: ":                        {Source: proof.FromDNS, Resolver: "ns.kaisha.test", Timeout: time.Second},
		"default.yaml:1:1: ":                   {Source: proof.FromNobody, Policies: dir, Timeout: time.Second},
		"no such file":                         {Source: proof.FromNobody, Brands: []string{filepath.Join(dir, "gone")}, Timeout: time.Second},
	} {
		if b, err := New(opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v %v, want %q", b, err, want)
		}
	}
}

// TestInterrupt: an interrupt ends the work; the message under way has no verdict.
func TestInterrupt(t *testing.T) {
	b, err := New(Options{Source: proof.FromDNS, MailFrom: "a@friend.test", ClientIP: "192.0.2.1", Timeout: time.Minute,
		Resolver: dnstest.Serve(t, "; silent friend.test\nfriend.test. TXT \"v=spf1 -all\"\n")})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	err = b.Judge(ctx, []string{Stdin, "next"}, Streams{In: strings.NewReader(friend), Out: &out, Problems: &out})
	if !errors.Is(err, context.DeadlineExceeded) || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}

// TestTimeout: past the time limit the verdict stands on what is known.
func TestTimeout(t *testing.T) {
	lines, _, err := judge(t, Options{Source: proof.FromDNS, MailFrom: "a@friend.test", ClientIP: "192.0.2.1", Timeout: 100 * time.Millisecond,
		Resolver: dnstest.Serve(t, "; silent friend.test\nfriend.test. TXT \"v=spf1 -all\"\n")}, strings.NewReader(friend), Stdin)
	if err != nil || len(lines) != 1 || lines[0].Proof.SPF != "temperror" {
		t.Errorf("%+v, %v", lines, err)
	}
}

// TestOutFails: when nobody takes the results, the work ends.
func TestOutFails(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		b, err := New(Options{Source: proof.FromNobody, JSON: asJSON, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		err = b.Judge(t.Context(), []string{Stdin}, Streams{In: strings.NewReader(friend), Out: full{}, Problems: io.Discard})
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("json %v: %v", asJSON, err)
		}
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// BenchmarkFiles judges real mail by its Authentication-Results.
func BenchmarkFiles(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(suite.Path(b, "corpus/ham-dev"), "*.eml"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no files: %v", err)
	}
	bench, err := New(Options{Source: proof.FromHeader, JSON: true, Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := bench.Judge(b.Context(), files, Streams{Out: io.Discard, Problems: os.Stderr}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(files)), "µs/file")
}
