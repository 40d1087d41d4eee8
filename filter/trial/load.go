package trial

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/mail"
	"sekisho/policy/strictyaml"
)

// Folder is where the tests of a policy directory are.
const Folder = "tests"

// Suite is the tests of a policy directory. It never changes, and is safe for use by
// several goroutines.
type Suite struct {
	cases []*trial
	limit time.Duration // of a run
}

// trial is one test.
type trial struct {
	name     string
	pos      strictyaml.Pos
	message  message
	envelope mail.Envelope
	facts    *fact.Facts // in place of message and envelope
	papers   papers
	at       time.Time // zero: the day of the run
	expect   expectations
}

// Len is how many tests there are.
func (s *Suite) Len() int { return len(s.cases) }

// Load reads the tests of a policy directory ("" for the built-in policy, which has
// none). The error tells all that is wrong in all files, as *strictyaml.Problems.
func Load(dir string) (*Suite, error) {
	l := &loader{dir: filepath.Join(dir, Folder), suite: &Suite{limit: maxTime}}
	if dir == "" {
		return l.suite, nil
	}
	root, err := os.OpenRoot(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		if _, linked := os.Lstat(l.dir); linked != nil {
			return l.suite, nil
		} // a link that leads nowhere: its tests would be passed over
	}
	if err != nil {
		return nil, fmt.Errorf("tests of policies: %w", err)
	}
	defer root.Close()
	l.root = root
	names, err := l.list()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		l.file(name)
		if l.full {
			break
		}
	}
	if err := strictyaml.Join(l.errs...); err != nil {
		return nil, err
	}
	return l.suite, nil
}

// loader reads a folder of tests.
type loader struct {
	dir   string
	root  *os.Root // messages are read below it only, wherever links lead
	suite *Suite
	bytes int  // of all that was read
	full  bool // a limit over all files was reached, and told
	errs  []error
}

// list names the files of tests in their order.
func (l *loader) list() ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, fmt.Errorf("tests of policies: %w", err)
	}
	var names []string
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, ".") || e.IsDir():
		case strings.HasSuffix(name, ".yaml"):
			names = append(names, name)
		case strings.EqualFold(filepath.Ext(name), ".yml"), strings.EqualFold(filepath.Ext(name), ".yaml"):
			l.problem(name, "is not read; files of tests end in .yaml")
		}
	}
	if len(names) > maxFiles {
		l.problem("", "holds more than %d files of tests", maxFiles)
		return nil, strictyaml.Join(l.errs...)
	}
	return names, nil
}

// file reads one file.
func (l *loader) file(file string) {
	path := filepath.Join(l.dir, file)
	doc, err := strictyaml.ParseFile(path, maxFileBytes)
	if err != nil {
		l.problem(file, "cannot be read: %v", errors.Unwrap(err))
		return
	}
	defer func() { l.errs = append(l.errs, doc.Err()) }()
	if info, err := os.Stat(path); err == nil {
		l.take(int(info.Size()), file)
	}
	var content struct {
		Tests []strictyaml.Deferred `yaml:"tests,required"`
	}
	doc.Decode(&content)
	if len(l.suite.cases)+len(content.Tests) > maxCases {
		l.problem("", "holds more than %d tests", maxCases)
		l.full = true
		return
	}
	first := map[name]int{}
	for i, deferred := range content.Tests {
		var e entry
		if !deferred.Decode(&e) {
			continue
		}
		if line := first[e.Name.Value]; line > 0 {
			doc.Errorf(e.Name.Pos, "the test on line %d has this name too", line)
		}
		first[e.Name.Value] = e.Name.Pos.Line
		l.add(doc, &e, i)
	}
}

// take counts what was read.
func (l *loader) take(size int, file string) {
	l.bytes += size
	if l.bytes > maxBytes && !l.full {
		l.full = true
		l.problem(file, "with this file the tests and their messages are larger than %d bytes", maxBytes)
	}
}

// add checks a test, number i of its file, and takes it in.
func (l *loader) add(doc *strictyaml.Document, e *entry, i int) {
	c := &trial{
		name: string(e.Name.Value), pos: e.Name.Pos, papers: e.Proof.Value, at: e.At.Value.Time, expect: e.Expect,
	}
	at := func(path ...string) strictyaml.Pos {
		return doc.At(append([]string{"tests", strconv.Itoa(i)}, path...)...)
	}
	sources := 0
	for _, given := range []bool{e.Message.Set(), e.Inline.Set(), e.Facts != nil} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		doc.Errorf(e.Name.Pos, "wants one of: message, inline, facts")
		return
	}
	if len(e.Expect) == 0 || len(e.Expect) > maxExpected {
		doc.Errorf(at("expect"), "expect wants from 1 to %d recipients", maxExpected)
	}
	for _, x := range e.Expect {
		if !isAddress(x.Key) {
			doc.Errorf(x.Pos, "expect: %q is no address of a recipient (\"\" for anybody without a policy of their own)", x.Key)
		}
	}
	switch {
	case e.Facts != nil:
		if e.Envelope != nil {
			doc.Errorf(at("envelope"), "envelope goes with a message; facts have one of their own")
		}
		if e.Proof.Set() {
			doc.Errorf(e.Proof.Pos, "proof goes with a message; facts have one of their own")
		}
		c.facts = &e.Facts.Facts
	case e.Message.Set():
		c.message = l.message(doc, e.Message)
	default:
		c.message = l.inline(doc, e.Inline)
	}
	if e.Facts == nil {
		c.envelope = l.envelope(doc, e, at)
		if r := e.Proof.Value.results; r != nil {
			r.check(e, doc)
		}
	}
	l.suite.cases = append(l.suite.cases, c)
}

// isAddress reports whether s can be a recipient; "" is anybody.
func isAddress(s string) bool {
	local, domain, ok := cutLast(s, '@')
	if !ok {
		return s == ""
	}
	_, valid := mail.ASCIIDomain(domain)
	return local != "" && valid
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// envelope is the session of a test. Each recipient with an expectation is one of
// its own.
func (l *loader) envelope(doc *strictyaml.Document, e *entry, at func(...string) strictyaml.Pos) mail.Envelope {
	in := e.Envelope
	if in == nil {
		in = &envelope{}
	}
	env := mail.Envelope{
		Client: in.Client.Addr, ClientName: in.ClientName, Helo: in.Helo, Sender: in.Sender, AuthUser: in.User, TLSVersion: in.TLS,
	}
	for _, r := range in.Recipients {
		if !isAddress(r.Value) {
			doc.Errorf(r.Pos, "envelope.recipients: %q is no address", r.Value)
		}
		env.Recipients = append(env.Recipients, r.Value)
	}
	if len(env.Recipients) > maxRecipients {
		doc.Errorf(at("envelope", "recipients"), "envelope.recipients: more than %d", maxRecipients)
	}
	for _, x := range e.Expect {
		switch {
		case in.Recipients == nil && x.Key != "":
			env.Recipients = append(env.Recipients, x.Key)
		case in.Recipients != nil && !slices.Contains(env.Recipients, x.Key):
			doc.Errorf(x.Pos, "expect: %s is not among envelope.recipients", x.Key)
		}
	}
	return env
}

// inline reads the message that a test holds itself, which the limit of the file bounds.
func (l *loader) inline(doc *strictyaml.Document, text strictyaml.Located[inline]) message {
	m, err := parse([]byte(text.Value))
	if err != nil {
		doc.Errorf(text.Pos, "inline: %v", err)
	}
	return m
}

// message reads the file that a test names.
func (l *loader) message(doc *strictyaml.Document, file strictyaml.Located[string]) message {
	text, err := l.read(file.Value)
	if err != nil {
		doc.Errorf(file.Pos, "message: %v", err)
		return message{}
	}
	l.take(len(text), file.Value)
	m, err := parse(text)
	if err != nil {
		doc.Errorf(file.Pos, "message: %v", err)
	}
	return m
}

func (l *loader) read(name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%q is not below %s", name, l.dir)
	}
	info, err := l.root.Stat(name)
	if err != nil {
		return nil, plain(name, err)
	}
	if !info.Mode().IsRegular() { // a pipe would be waited for
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := l.root.Open(name)
	if err != nil {
		return nil, plain(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMessage+1))
	if err != nil {
		return nil, plain(name, err)
	}
	if len(text) > maxMessage {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxMessage)
	}
	return text, nil
}

// plain leaves out the operation, which says nothing to whoever wrote the test.
func plain(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func (l *loader) problem(file, format string, args ...any) {
	l.errs = append(l.errs, &strictyaml.Problem{
		Pos:     strictyaml.Pos{File: filepath.Join(l.dir, file)},
		Message: fmt.Sprintf(format, args...),
	})
}
