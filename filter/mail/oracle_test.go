package mail_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sekisho/filter/mail"
	"sekisho/filter/suite"
)

// readingOf is how another program reads a header.
type readingOf struct {
	File    string
	Subject string
	From    []string // addresses
	Names   []string
	Error   string // it could not
}

// oracles are the programs that read beside us; a machine without one skips it.
var oracles = map[string]struct {
	command []string
	probe   []string // succeeds where the program is there
}{
	"python": {[]string{"python3", "testdata/oracle.py"}, []string{"python3", "-c", "import email.policy"}},
	"perl":   {[]string{"perl", "testdata/oracle.pl"}, []string{"perl", "-MEmail::MIME", "-MEmail::Address::XS", "-MJSON::PP", "-e", "1"}},
}

// ask has a program read files.
func ask(t *testing.T, name string, files []string) map[string]readingOf {
	t.Helper()
	o := oracles[name]
	if err := exec.Command(o.probe[0], o.probe[1:]...).Run(); err != nil {
		t.Skipf("%s is not to be had: %v", name, err)
	}
	cmd := exec.Command(o.command[0], o.command[1:]...)
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := map[string]readingOf{}
	for line := range bytes.Lines(out) {
		var r readingOf
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s says %s: %v", name, line, err)
		}
		all[r.File] = r
	}
	if len(all) != len(files) {
		t.Fatalf("%s read %d of %d files", name, len(all), len(files))
	}
	return all
}

func parseNamed(t *testing.T, file string) *mail.Message {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h, body, err := mail.ReadFile(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Parse(h, body)
}

// plain is a text as it is compared: without white space, controls, and characters
// that nobody could read.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa1 || r == '\ufffd' || r == '\u3000' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// shows reports whether one of our readings of a text is theirs.
func shows(t mail.Text, theirs string) bool {
	theirs = plain(fromLatin1(theirs))
	return slices.ContainsFunc(append([]string{t.Shown}, t.Also...), func(ours string) bool { return plain(ours) == theirs })
}

// fromLatin1 undoes what a program does that takes each byte of raw UTF-8 for a
// character.
func fromLatin1(s string) string {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		raw = append(raw, byte(r))
	}
	if utf8.Valid(raw) {
		return string(raw)
	}
	return s
}

// agree reports whether the addresses of From are theirs.
func agree(m *mail.Message, theirs []string) bool {
	var ours []string
	for _, box := range m.From {
		if box.Address != "" {
			ours = append(ours, strings.ToLower(plain(box.Address)))
		}
	}
	var others []string
	for _, a := range theirs {
		if a != "" && a != "<>" {
			others = append(others, strings.ToLower(plain(fromLatin1(a))))
		}
	}
	return slices.Equal(ours, others)
}

// headers are the header fields that readers stumble over, each with what readers
// show who read it in one way or another. Where another program shows something
// else, its name is there with the reason.
var headers = []struct {
	why, fields string
	differs     map[string]string
}{
	{why: "plain", fields: "From: Hanako <a@b.example>\nSubject: hello\n"},
	{why: "folded", fields: "From: Hanako\n <a@b.example>\nSubject: hello\n  world\n"},
	{why: "encoded words", fields: "From: =?utf-8?B?5qW95aSp?= <a@b.example>\nSubject: =?utf-8?Q?=E6=A5=BD?= =?utf-8?Q?=E5=A4=A9?=\n"},
	{why: "ISO-2022-JP", fields: "From: =?ISO-2022-JP?B?GyRCM1pFNxsoQg==?= <a@b.example>\nSubject: =?ISO-2022-JP?B?GyRCM1pFNxsoQg==?=\n"},
	{why: "Shift_JIS", fields: "From: =?Shift_JIS?B?inmTVg==?= <a@b.example>\nSubject: =?Shift_JIS?B?inmTVg==?=\n"},
	{why: "EUC-JP", fields: "From: =?EUC-JP?B?s9rFtw==?= <a@b.example>\nSubject: =?EUC-JP?B?s9rFtw==?=\n"},
	{why: "a comment as name", fields: "From: a@b.example (Hanako)\nSubject: x\n"},
	{why: "a quoted name with signs", fields: "From: \"Hanako, Inc. (Tokyo)\" <a@b.example>\nSubject: x\n"},
	{why: "a quoted local part with an @", fields: "From: \"a@evil.example\"@b.example\nSubject: x\n"},
	{why: "several authors", fields: "From: a@b.example, Taro <c@d.example>\nSubject: x\n"},
	{why: "a group", fields: "From: Friends: a@b.example, c@d.example;\nSubject: x\n"},
	{why: "a language after the charset", fields: "From: =?ISO-2022-JP*ja?B?GyRCM1pFNxsoQg==?= <a@b.example>\nSubject: =?utf-8*ja?B?5qW95aSp?=\n"},
	{why: "a character split over two words", fields: "From: a@b.example\nSubject: =?utf-8?B?5qW9?= =?utf-8?B?5aSp?= =?utf-8?B?5aQ=?= =?utf-8?B?qQ==?=\n"},
	{why: "cp932", fields: "From: a@b.example\nSubject: =?cp932?B?inmTVg==?=\n"},
	{why: "an unquoted address in the name", fields: "From: info@brand.example <a@b.example>\nSubject: x\n", differs: map[string]string{"python": "takes no author", "perl": "takes the first one"}},
	{why: "raw UTF-8", fields: "From: 楽天 <a@b.example>\nSubject: 楽天\n"},
	{why: "an unknown charset", fields: "From: a@b.example\nSubject: =?x-none?B?YWJj?=\n", differs: map[string]string{"perl": "shows the word undecoded"}},
	{why: "a blank in a word", fields: "From: a@b.example\nSubject: =?utf-8?Q?a b?=\n"},
	{why: "an underscore", fields: "From: a@b.example\nSubject: =?utf-8?Q?a_b?=\n"},
	{why: "text beside words", fields: "From: a@b.example\nSubject: Re: =?utf-8?Q?a?= b =?utf-8?Q?c?=\n"},
	{why: "no subject", fields: "From: a@b.example\n"},
	{why: "two subjects", fields: "From: a@b.example\nSubject: one\nSubject: two\n"},
	{why: "a lower-case encoding", fields: "From: a@b.example\nSubject: =?UTF-8?b?5qW95aSp?=\n"},
	{why: "base64 without its padding", fields: "From: a@b.example\nSubject: =?utf-8?B?5qW95aSpYQ?=\n"},
}

// TestHeadersBesideOthers holds our reading of difficult header fields against
// Python's email package and Perl's Email::MIME: each is among our readings, or the
// difference has a reason.
func TestHeadersBesideOthers(t *testing.T) {
	dir := t.TempDir()
	files := make([]string, len(headers))
	for i, h := range headers {
		files[i] = filepath.Join(dir, strings.ReplaceAll(h.why, " ", "-")+".eml")
		if err := os.WriteFile(files[i], []byte(h.fields+"\nbody\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name := range oracles {
		t.Run(name, func(t *testing.T) {
			theirs := ask(t, name, files)
			for i, h := range headers {
				r, m := theirs[files[i]], parseNamed(t, files[i])
				same := r.Error == "" && shows(m.Subject, r.Subject) && agree(m, r.From)
				reason := h.differs[name]
				switch {
				case same && reason != "":
					t.Errorf("%s: there is no difference (%s)", h.why, reason)
				case !same && reason == "":
					t.Errorf("%s: subject %q %q, from %+v; theirs %+v", h.why, m.Subject.Shown, m.Subject.Also, m.From, r)
				}
			}
		})
	}
}

// leastAlike is the share of real mail on which another program has to agree: in
// the subject, and in the author where we say that there is one. Of a malformed From
// every program makes something else; that is why it proves nobody.
const leastAlike = 0.995

// TestCorpusBesideOthers does the same with real mail.
func TestCorpusBesideOthers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suite.Path(t, "corpus"), "*-dev", "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails: %v", err)
	}
	for name := range oracles {
		t.Run(name, func(t *testing.T) {
			alike, subjects, authors, malformed, gaveUp := 0, 0, 0, 0, 0
			for file, r := range ask(t, name, files) {
				if r.Error != "" {
					gaveUp++
					continue
				}
				m := parseNamed(t, file)
				subject, from := shows(m.Subject, r.Subject), agree(m, r.From)
				if !from && m.Author != mail.AuthorOne {
					malformed++
					from = true
				}
				if subject && from {
					alike++
					continue
				}
				if !subject {
					subjects++
					t.Logf("%s: subject %q, theirs %q", filepath.Base(file), m.Subject.Shown, r.Subject)
				}
				if !from {
					authors++
					t.Logf("%s: author %q, theirs %q", filepath.Base(file), m.From[0].Address, r.From)
				}
			}
			read := len(files) - gaveUp
			t.Logf("%d mails, %d not read by %s; of the others %.1f %% read alike, %d subjects and %d authors differ, and %d authors that are none to us",
				len(files), gaveUp, name, 100*float64(alike)/float64(read), subjects, authors, malformed)
			if float64(alike) < leastAlike*float64(read) {
				t.Errorf("less than %.0f %% alike", 100*leastAlike)
			}
		})
	}
}
