package mail_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/suite"
)

func parseFile(tb testing.TB, raw []byte) *mail.Message {
	tb.Helper()
	h, body, err := mail.ReadFile(bytes.NewReader(raw))
	if err != nil {
		tb.Fatal(err)
	}
	return mail.Parse(h, body)
}

// TestTorture reads every message of the suites: none may break the rules of
// check or take long.
func TestTorture(t *testing.T) {
	dir := suite.Path(t, "suites/mime")
	read := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".eml" && filepath.Ext(path) != ".msg" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		start := time.Now()
		check(t, parseFile(t, raw))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", path, took)
		}
		read++
		return nil
	})
	if err != nil || read < 150 {
		t.Errorf("%d messages read: %v", read, err)
	}
}

// stalwart is the expected parse of a message in that suite, as far as it can be
// held against ours.
type stalwart struct {
	Parts []struct {
		Headers []struct {
			Name  json.RawMessage `json:"name"`
			Value json.RawMessage `json:"value"`
		} `json:"headers"`
	} `json:"parts"`
}

// expected returns the subject and the first address and name of From; empty
// where the suite says nothing comparable.
func (s stalwart) expected() (subject, address, name string) {
	if len(s.Parts) == 0 {
		return "", "", ""
	}
	for _, h := range s.Parts[0].Headers {
		switch string(h.Name) {
		case `"subject"`:
			var v struct{ Text string }
			if json.Unmarshal(h.Value, &v) == nil {
				subject = v.Text
			}
		case `"from"`:
			var v struct {
				Address struct {
					List []struct{ Name, Address *string }
				}
			}
			if json.Unmarshal(h.Value, &v) == nil && len(v.Address.List) > 0 {
				if p := v.Address.List[0].Address; p != nil {
					address = *p
				}
				if p := v.Address.List[0].Name; p != nil {
					name = *p
				}
			}
		}
	}
	return subject, address, name
}

// TestStalwart holds subject and author against that suite's expectations. The
// differences are in the log; the floors are what was reached. Two names differ:
// From fields of one bare word, which is taken for a local address here.
func TestStalwart(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(suite.Path(t, "suites/mime/stalwart-mail-parser"), "eml", "*", "*.json"))
	type tally struct{ same, all int }
	var subjects, addresses, names tally
	compare := func(c *tally, file, what, want, got string) {
		if want == "" || strings.Contains(want, "\uFFFD") {
			return // nothing to hold against, or damage that we read by guessing
		}
		c.all++
		if strings.Join(strings.Fields(want), " ") == strings.Join(strings.Fields(got), " ") {
			c.same++
			return
		}
		t.Logf("%s: %s %q, suite says %q", file, what, got, want)
	}
	for _, file := range files {
		var want stalwart
		if raw, err := os.ReadFile(file); err != nil || json.Unmarshal(raw, &want) != nil {
			t.Fatalf("%s: %v", file, err)
		}
		raw, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		m := parseFile(t, raw)
		subject, address, name := want.expected()
		base := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		compare(&subjects, base, "subject", subject, m.Subject.Shown)
		var from mail.Mailbox
		if len(m.From) > 0 {
			from = m.From[0]
		}
		compare(&addresses, base, "address", address, from.Address)
		compare(&names, base, "name", name, from.Name.Shown)
	}
	t.Logf("subjects %+v, addresses %+v, names %+v", subjects, addresses, names)
	if subjects.same != subjects.all || addresses.same != addresses.all || names.all-names.same > 2 || subjects.all < 70 {
		t.Error("fewer agree than before")
	}
}

// TestStalwartAddresses holds address lists against that suite's.
func TestStalwartAddresses(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(suite.Path(t, "suites/mime/stalwart-mail-parser"), "address.json"))
	if err != nil {
		t.Fatal(err)
	}
	type box struct{ Name, Address *string }
	var cases []struct {
		Header   string
		Expected struct {
			List  []box
			Group []struct{ Addresses []box }
		}
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, c := range cases {
		want := c.Expected.List
		for _, g := range c.Expected.Group {
			want = append(want, g.Addresses...)
		}
		var wantList, gotList []string
		for _, b := range want {
			if b.Address != nil {
				wantList = append(wantList, *b.Address)
			}
		}
		boxes, _ := mail.ParseMailboxes(mail.Field{Raw: []byte("From: " + c.Header)}.Value())
		for _, b := range boxes {
			if b.Address != "" {
				gotList = append(gotList, b.Address)
			}
		}
		if strings.Join(wantList, "|") == strings.Join(gotList, "|") {
			same++
		} else {
			t.Logf("%q: got %q, suite says %q", c.Header, gotList, wantList)
		}
	}
	t.Logf("%d of %d address lists agree", same, len(cases))
	// The three others: a source route and obsolete blanks are taken off here, and
	// two lines without folding are no list.
	if same < 57 {
		t.Error("fewer agree than before")
	}
}

// TestJapaneseSamples reads what Japanese mailers sent.
func TestJapaneseSamples(t *testing.T) {
	dir := suite.Path(t, "suites/mime/ruby-mail/multi_charset")
	for file, want := range map[string]struct{ subject, text, filename string }{
		"japanese.eml":                      {"まみむめも", "かきくえこ", ""},
		"japanese_iso_2022.eml":             {"まみむめも", "すみません。", ""},
		"japanese_shift_jis.eml":            {"test", "このメールはテスト用のメールです。", ""},
		"japanese_attachment.eml":           {"testing", "", "てすと.txt"},
		"ks_c_5601-1987.eml":                {"test", "스티해", ""},
		"japanese_attachment_long_name.eml": {strings.Repeat("まみむめも", 10), "", strings.Repeat("かきくけこ", 5) + ".txt"},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		m := parseFile(t, raw)
		text, filename := "", ""
		for _, p := range m.Passages {
			text += p.Text + "\n"
		}
		for _, p := range m.Parts {
			filename += p.Filename
		}
		if m.Subject.Shown != want.subject || !strings.Contains(text, want.text) || filename != want.filename {
			t.Errorf("%s: subject %q, file name %q, text %q", file, m.Subject.Shown, filename, text)
		}
	}
}
