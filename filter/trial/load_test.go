package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// directory is a policy directory with files in its tests folder.
func directory(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, Folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mistakes are what Load tells of files, with the directory left out.
func mistakes(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := directory(t, files)
	_, err := Load(dir)
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), dir+"/", "")
}

// one is a file of one test, of which some lines are given.
func one(lines string) string { return "tests:\n- name: one\n" + lines }

const (
	greeting = "  inline: \"From: a@friend.test\\n\\nHello.\\n\"\n"
	accepted = "  expect: {a@kaisha.test: {verdict: accept}}\n"
)

// TestMistakes: each is told with its place, all of all files at once.
func TestMistakes(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"no tests":     {"test: []\n", "tests/a.yaml:1:1: unknown key \"test\"; did you mean tests?\ntests/a.yaml:1:1: the key tests is missing"},
		"unknown keys": {one(greeting + "  expct: {}\n"), "tests/a.yaml:2:3: tests[1]: the key expect is missing\ntests/a.yaml:4:3: tests[1]: unknown key \"expct\"; did you mean expect?"},
		"no name":      {"tests:\n- inline: x\n" + accepted, "tests/a.yaml:2:3: tests[1]: the key name is missing"},
		"long name":    {"tests:\n- name: " + strings.Repeat("n", maxName+1) + "\n" + greeting + accepted, "tests/a.yaml:2:9: tests[1].name: wants one line of at most 200 bytes"},
		"one name twice": {one(greeting+accepted) + strings.TrimPrefix(one(greeting+accepted), "tests:\n"),
			"tests/a.yaml:5:9: the test on line 2 has this name too"},
		"no message":     {one(accepted), "tests/a.yaml:2:9: wants one of: message, inline, facts"},
		"two messages":   {one(greeting + "  facts: {}\n" + accepted), "tests/a.yaml:2:9: wants one of: message, inline, facts"},
		"no file":        {one("  message: b.eml\n" + accepted), "tests/a.yaml:3:12: message: b.eml: no such file or directory"},
		"file elsewhere": {one("  message: ../b.eml\n" + accepted), "tests/a.yaml:3:12: message: \"../b.eml\" is not below tests"},
		"no expectation": {one(greeting + "  expect: {}\n"), "tests/a.yaml:4:11: expect wants from 1 to 100 recipients"},
		"no verdict":     {one(greeting + "  expect: {a@b.test: {by: lure}}\n"), "tests/a.yaml:4:22: tests[1].expect.a@b.test: the key verdict is missing"},
		"wrong verdict":  {one(greeting + "  expect: {a@b.test: {verdict: hold}}\n"), "tests/a.yaml:4:32: tests[1].expect.a@b.test.verdict: wants one of accept, tag, quarantine, reject, tempfail, has \"hold\""},
		"wrong recipient": {one(greeting + "  expect: {b.test: {verdict: tag}}\n"),
			"tests/a.yaml:4:12: expect: \"b.test\" is no address of a recipient (\"\" for anybody without a policy of their own)"},
		"not a recipient": {one(greeting + "  envelope: {recipients: [b@kaisha.test]}\n" + accepted), "tests/a.yaml:5:12: expect: a@kaisha.test is not among envelope.recipients"},
		"wrong findings": {one(greeting + "  expect: {a@b.test: {verdict: tag, by: lurr, findings: [impersonaton], not: [x]}}\n"),
			"tests/a.yaml:4:41: tests[1].expect.a@b.test.by: there is no finding \"lurr\"; did you mean lure?\n" +
				"tests/a.yaml:4:58: tests[1].expect.a@b.test.findings[1]: there is no finding \"impersonaton\"; did you mean impersonation?\n" +
				"tests/a.yaml:4:79: tests[1].expect.a@b.test.not[1]: there is no finding \"x\""},
		"wrong proof": {one(greeting + "  proof: dns\n" + accepted), "tests/a.yaml:4:10: tests[1].proof: wants none, header, or results such as {spf: pass, dkim: [example.com], dmarc: pass}, has \"dns\""},
		"wrong results": {one(greeting + "  proof: {spf: ok, dkim: [a b], dmarc: {result: none, policy: drop}}\n" + accepted),
			"tests/a.yaml:4:16: tests[1].proof.spf: wants one of pass, fail, softfail, neutral, none, temperror, permerror, has \"ok\"\n" +
				"tests/a.yaml:4:27: tests[1].proof.dkim[1]: wants a domain name, has \"a b\"\n" +
				"tests/a.yaml:4:63: tests[1].proof.dmarc.policy: wants one of none, quarantine, reject, has \"drop\""},
		"results about nothing": {one(greeting + "  proof: {spf: pass, iprev: pass, dmarc: {result: none, policy: reject}}\n" + accepted),
			"tests/a.yaml:4:10: proof: spf is about envelope.sender, or envelope.helo, and neither is there\n" +
				"tests/a.yaml:4:10: proof: iprev: pass is about envelope.client and envelope.client_name, and one of them is missing\n" +
				"tests/a.yaml:4:10: proof: a domain with a DMARC policy passes or fails, not none"},
		"wrong envelope": {one(greeting + "  envelope: {client: mx.test, recipients: [b]}\n" + accepted), "tests/a.yaml:4:22: tests[1].envelope.client: wants an IP address, has \"mx.test\""},
		"wrong day":      {one(greeting + "  at: tomorrow\n" + accepted), "tests/a.yaml:4:7: tests[1].at: wants a day such as 2026-11-27, has \"tomorrow\""},
		"wrong facts": {one("  facts: {proof: {alligned: true}, found: [{name: x}]}\n" + accepted),
			"tests/a.yaml:3:19: tests[1].facts.proof: unknown key \"alligned\"; did you mean aligned?"},
		"unknown finding in facts": {one("  facts: {found: [{name: lurre}]}\n" + accepted), "tests/a.yaml:3:10: tests[1].facts: found: there is no finding \"lurre\"; did you mean lure?"},
		"facts of a session": {one("  facts: {}\n  envelope: {helo: a}\n  proof: none\n" + accepted),
			"tests/a.yaml:4:13: envelope goes with a message; facts have one of their own\ntests/a.yaml:5:10: proof goes with a message; facts have one of their own"},
		"keys that are no fields": {one("  inline: {From: a@b.test, \"my text\": x, Subject: \"a\\nb\"}\n" + accepted),
			"tests/a.yaml:3:28: tests[1].inline.my text: \"my text\" is no name of a header field; the text of the message goes below text\n" +
				"tests/a.yaml:3:51: tests[1].inline.Subject: a header field is one line"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, mistakes(t, map[string]string{"a.yaml": tc.text})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestFiles: which files are read, and which are told.
func TestFiles(t *testing.T) {
	got := mistakes(t, map[string]string{
		"b.yml": "", "c.YAML": "", ".hidden.yaml": "nonsense", "notes.txt": "nonsense", "mail/c.yaml": "nonsense",
		"a.yaml": one(accepted), "z.yaml": "x",
	})
	want := "tests/a.yaml:2:9: wants one of: message, inline, facts\n" +
		"tests/b.yml: is not read; files of tests end in .yaml\n" +
		"tests/c.YAML: is not read; files of tests end in .yaml\n" +
		"tests/z.yaml:1:1: wants keys with values (key: value), has \"x\""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, dir := range []string{"", t.TempDir()} {
		if s, err := Load(dir); err != nil || s.Len() != 0 {
			t.Errorf("%q: %v, %v", dir, s, err)
		}
	}
}

// TestDanglingFolder: a folder that is a link which leads nowhere is not taken for
// one that is absent.
func TestDanglingFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err != nil {
		t.Errorf("without tests: %v", err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, Folder)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("tests behind a link that leads nowhere are passed over")
	}
}

// TestMessagesStayInside: a link may lead to another place of the folder, as
// Kubernetes makes them, and to no other.
func TestMessagesStayInside(t *testing.T) {
	dir := directory(t, map[string]string{
		"..data/in.eml": "From: a@friend.test\n\nHello.\n",
		"in.yaml":       one("  message: in.eml\n" + accepted),
		"out.yaml":      one("  message: out.eml\n" + accepted),
		"pipe.yaml":     one("  message: pipe.eml\n" + accepted),
	})
	at := func(name string) string { return filepath.Join(dir, Folder, name) }
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..data/in.eml", at("in.eml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, at("out.eml")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(at("pipe.eml"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir)
	want := "tests/out.yaml:3:12: message: out.eml: path escapes from parent\n" +
		"tests/pipe.yaml:3:12: message: pipe.eml is not a regular file"
	if err == nil || strings.ReplaceAll(err.Error(), dir+"/", "") != want {
		t.Errorf("%v", err)
	}
}

// TestLimits: at a limit files are read, one past it is told.
func TestLimits(t *testing.T) {
	cases := func(n int) string {
		var b strings.Builder
		b.WriteString("tests:\n")
		for i := range n {
			fmt.Fprintf(&b, "- {name: %d, facts: {}, expect: {a@b.test: {verdict: tag}}}\n", i)
		}
		return b.String()
	}
	spread := func(n, each int) map[string]string {
		files := map[string]string{}
		for i := 0; n > 0; i++ {
			files[fmt.Sprintf("%d.yaml", i)] = cases(min(n, each))
			n -= each
		}
		return files
	}
	many := func(n int) map[string]string {
		files := map[string]string{}
		for i := range n {
			files[fmt.Sprintf("%d.yaml", i)] = "tests: []\n"
		}
		return files
	}
	letter := func(size int) string {
		const head = "From: a@friend.test\n\n"
		return head + strings.Repeat("x", size-len(head))
	}
	of := func(text string) map[string]string { return map[string]string{"a.yaml": text} }
	list := func(n int, format string) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return strings.Join(all, ", ")
	}
	expecting := func(n int) map[string]string {
		return of(one(greeting + "  expect: {" + list(n, "a%d@b.test: {verdict: tag}") + "}\n"))
	}
	receiving := func(n int) map[string]string {
		return of(one(greeting + "  envelope: {recipients: [" + list(n-1, "a%d@b.test") + ", a@kaisha.test]}\n" + accepted))
	}
	signed := func(n int) map[string]string {
		return of(one(greeting + "  proof: {dkim: [" + list(n, "d%d.test") + "]}\n" + accepted))
	}
	sealed := func(n int) map[string]string {
		return of(one(greeting + "  proof: {seals: [" + list(n, "{domain: d%d.test}") + "]}\n" + accepted))
	}
	mailed := func(size int) map[string]string {
		return map[string]string{"a.yaml": one("  message: a.eml\n" + accepted), "a.eml": letter(size)}
	}
	padded := func(size int) map[string]string {
		text := one(greeting + accepted)
		return of(text + "#" + strings.Repeat("x", size-len(text)-1))
	}
	heavy := func(total int) map[string]string {
		// Messages of the largest size, a last one of the rest, and the file of tests.
		files := map[string]string{}
		index := "tests:\n"
		n := total/maxMessage - 1
		for i := range n + 2 {
			index += fmt.Sprintf("- {name: '%02d', message: %02d.eml, expect: {a@b.test: {verdict: tag}}}\n", i, i)
			files[fmt.Sprintf("%02d.eml", i)] = letter(maxMessage)
		}
		rest := total - n*maxMessage - len(index)
		files[fmt.Sprintf("%02d.eml", n)] = letter(rest / 2)
		files[fmt.Sprintf("%02d.eml", n+1)] = letter(rest - rest/2)
		files["a.yaml"] = index
		return files
	}
	for name, tc := range map[string]struct {
		at, past map[string]string
		want     string
	}{
		"files":      {many(maxFiles), many(maxFiles + 1), "tests: holds more than 1000 files of tests"},
		"cases":      {spread(maxCases, 2000), spread(maxCases+1, 2000), "tests: holds more than 5000 tests"},
		"file":       {padded(maxFileBytes), padded(maxFileBytes + 1), "tests/a.yaml: the file is larger than 1048576 bytes"},
		"message":    {mailed(maxMessage), mailed(maxMessage + 1), "tests/a.yaml:3:12: message: a.eml is larger than 1048576 bytes"},
		"bytes":      {heavy(maxBytes), heavy(maxBytes + 1), "tests/32.eml: with this file the tests and their messages are larger than 33554432 bytes"},
		"expected":   {expecting(maxExpected), expecting(maxExpected + 1), "tests/a.yaml:4:11: expect wants from 1 to 100 recipients"},
		"recipients": {receiving(maxRecipients), receiving(maxRecipients + 1), "tests/a.yaml:4:26: envelope.recipients: more than 2000"},
		"signatures": {signed(maxSignatures), signed(maxSignatures + 1), "tests/a.yaml:4:10: proof: more than 8 signatures"},
		"seals":      {sealed(maxSeals), sealed(maxSeals + 1), "tests/a.yaml:4:10: proof: more than 10 seals"},
		"name":       {of(strings.Replace(one(greeting+accepted), "one", strings.Repeat("n", maxName), 1)), of(strings.Replace(one(greeting+accepted), "one", strings.Repeat("n", maxName+1), 1)), "tests/a.yaml:2:9: tests[1].name: wants one line of at most 200 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := mistakes(t, tc.at); got != "" {
				t.Errorf("at the limit: %s", got)
			}
			if diff := cmp.Diff(tc.want, mistakes(t, tc.past)); diff != "" {
				t.Errorf("past the limit (-want +got)\n%s", diff)
			}
		})
	}
}
