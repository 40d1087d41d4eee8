package policy

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"sekisho/filter/mail"
	"sekisho/policy/rule"
	"sekisho/policy/strictyaml"
)

const (
	suffix      = ".yaml"
	defaultFile = DefaultName + suffix
	builtInFile = "built-in/" + defaultFile // the name that decisions show for built-in values
	groupFolder = "groups"
)

//go:embed policies/default.yaml
var builtIn []byte

// BuiltIn returns the text of the built-in default policy.
func BuiltIn() string { return string(builtIn) }

// Embedded returns the Set that consists of the built-in default policy alone.
func Embedded() (*Set, error) {
	env, err := rule.NewEnv()
	if err != nil {
		return nil, err
	}
	base := &Policy{name: DefaultName}
	base.Rules = env.Rules()
	base.Findings.words = newVocabulary()
	base.Findings.list = make([]*findingRule, len(base.Findings.words.names))
	doc := strictyaml.Parse(builtInFile, builtIn)
	f := file{settings: base.settings}
	doc.Decode(&f)
	base.settings = f.settings
	base.check(doc)
	for i, r := range base.Findings.list {
		if r == nil {
			doc.Errorf(strictyaml.Pos{File: builtInFile}, "the finding %s is not named", base.Findings.words.names[i])
		}
	}
	sum := sha256.Sum256(builtIn)
	return &Set{fallback: base, env: env, digest: hex.EncodeToString(sum[:])}, doc.Err()
}

// Load reads all policy files of a directory: default.yaml, which may be absent,
// groups/<name>.yaml, and one <domain>.yaml for each domain. The error tells all
// that is wrong in all files at once, as *strictyaml.Problems. Files with other
// endings, files that begin with a dot, and other folders are left alone. Brands
// that policies name are not looked up.
func Load(dir string) (*Set, error) {
	return LoadFor(dir, func(string) bool { return true })
}

// LoadFor is Load where a brand that policies name has to be known: one that is
// misspelt would be protected as before, and its exception have no effect.
func LoadFor(dir string, known func(brand string) bool) (*Set, error) {
	set, err := Embedded()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("policy directory: %w", err)
	}
	l := &loader{dir: dir, set: set}
	names := l.list("", entries, maxFiles)
	if len(names) > 0 && names[0] == defaultFile {
		l.fallback()
		names = names[1:]
	}
	l.groups()
	l.domains(names)
	l.brands(known)
	if err := strictyaml.Join(l.errs...); err != nil {
		return nil, err
	}
	set.digest = l.digest()
	return set, nil
}

// brands tells brands that nobody knows, each place once.
func (l *loader) brands(known func(string) bool) {
	seen := make(map[Named]bool)
	for n := range l.set.Brands() {
		if seen[n] {
			continue
		}
		seen[n] = true
		if !known(n.Brand) {
			l.errs = append(l.errs, &strictyaml.Problem{Pos: n.Pos, Message: fmt.Sprintf("there is no brand %q in the catalogue (sekisho brands list)", n.Brand)})
		}
	}
}

// loader reads a directory into a set.
type loader struct {
	dir     string
	set     *Set
	errs    []error
	sums    []byte            // digests of the files, in their order
	members map[string]string // domain -> group file that names it
}

// list picks the policy files of a folder in their order, default.yaml first.
func (l *loader) list(folder string, entries []fs.DirEntry, limit int) (names []string) {
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, ".") || e.IsDir():
		case meantToBeRead(name):
			l.problem(filepath.Join(folder, name), "is not read; policy files end in .yaml")
		case name == defaultFile && folder == "":
			names = append([]string{name}, names...)
		case strings.HasSuffix(name, suffix):
			names = append(names, name)
		}
	}
	if len(names) > limit {
		l.problem(folder, "holds more than %d policy files", limit)
		return nil
	}
	return names
}

// meantToBeRead reports a name that people, and systems without regard to letter
// case, take for a policy file's.
func meantToBeRead(name string) bool {
	end := strings.ToLower(filepath.Ext(name))
	return end == ".yml" || end == suffix && !strings.HasSuffix(name, suffix)
}

// fallback reads default.yaml.
func (l *loader) fallback() {
	doc := l.open(defaultFile)
	if doc == nil {
		return
	}
	l.set.fallback, _ = layer(doc, DefaultName, l.set.fallback, defaultLayer)
	l.errs = append(l.errs, doc.Err())
}

// domains reads the files of domains on all processors; what is below them is
// only read.
func (l *loader) domains(names []string) {
	type result struct {
		policy *Policy
		err    error
		sum    [sha256.Size]byte
	}
	results := make([]result, len(names))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(names); i += workers {
				r := &results[i]
				r.policy, r.sum, r.err = l.domain(names[i])
			}
		})
	}
	wait.Wait()
	l.set.domains = make(map[string]*Policy, len(names)+len(l.members))
	for i, r := range results {
		l.sums = append(append(l.sums, names[i]...), r.sum[:]...)
		l.errs = append(l.errs, r.err)
		if r.policy == nil {
			continue
		}
		if other := l.set.domains[r.policy.name]; other != nil {
			l.problem(names[i], "is the policy of %s, and so is %s; keep one", r.policy.name, other.file)
			continue
		}
		l.set.domains[r.policy.name] = r.policy
	}
	l.adopt()
}

// domain reads the file of one domain.
func (l *loader) domain(file string) (*Policy, [sha256.Size]byte, error) {
	name := strings.TrimSuffix(file, suffix)
	domain, ok := mail.ASCIIDomain(name)
	if !ok || strings.HasSuffix(name, ".") {
		return nil, [sha256.Size]byte{}, problem(l.dir, file, "the name of the file is not a domain name followed by .yaml")
	}
	doc, err := strictyaml.ParseFile(filepath.Join(l.dir, file), maxFileBytes)
	if err != nil {
		return nil, [sha256.Size]byte{}, unreadable(l.dir, file, err)
	}
	p, _ := layer(doc, domain, l.below(doc, domain), domainLayer)
	return p, doc.Sum(), doc.Err()
}

// open reads one file; nil when it cannot be read, which is told.
func (l *loader) open(file string) *strictyaml.Document {
	doc, err := strictyaml.ParseFile(filepath.Join(l.dir, file), maxFileBytes)
	if err != nil {
		l.errs = append(l.errs, unreadable(l.dir, file, err))
		return nil
	}
	sum := doc.Sum()
	l.sums = append(append(l.sums, file...), sum[:]...)
	return doc
}

// digest is that of all files and the built-in default below them.
func (l *loader) digest() string {
	h := sha256.New()
	h.Write(builtIn)
	h.Write(l.sums)
	return hex.EncodeToString(h.Sum(nil))
}

// level is what kind of file a layer is.
type level int

const (
	defaultLayer level = iota
	groupLayer
	domainLayer
)

// layer reads a file over the policy below it. Whether a policy is good for
// sub-domains is said by its own file only.
func layer(doc *strictyaml.Document, name string, base *Policy, kind level) (*Policy, *file) {
	f := &file{settings: base.settings}
	doc.Decode(f)
	p := &Policy{name: name, file: doc.File(), group: string(f.Group.Value), subdomains: f.Subdomains.Value, settings: f.settings}
	if p.group == "" && kind == domainLayer {
		p.group = base.group
	}
	switch {
	case kind == defaultLayer && f.Group.Set():
		doc.Errorf(f.Group.Pos, "group is for the files of domains and groups; the default is below all of them")
	case kind == defaultLayer && f.Subdomains.Set():
		doc.Errorf(f.Subdomains.Pos, "subdomains is for the files of domains; the default is for everybody")
	case kind == groupLayer && f.Subdomains.Set():
		doc.Errorf(f.Subdomains.Pos, "subdomains is for the files of domains")
	}
	if kind != groupLayer && len(f.Domains) > 0 {
		doc.Errorf(f.Domains[0].Pos, "domains is for groups; the file of a domain is named after it")
	}
	if kind != domainLayer && len(f.Mailboxes) > 0 {
		doc.Errorf(f.Mailboxes[0].Pos(), "mailboxes is for the files of domains")
	}
	p.check(doc)
	if kind == domainLayer {
		p.mailboxes = mailboxes(doc, f.Mailboxes, p)
	}
	return p, f
}

func (l *loader) problem(file, format string, args ...any) {
	l.errs = append(l.errs, problem(l.dir, file, format, args...))
}

// unreadable is a file that could not be opened or read.
func unreadable(dir, file string, err error) error {
	return problem(dir, file, "cannot be read: %v", errors.Unwrap(err))
}

// problem is something wrong with a file as a whole.
func problem(dir, file, format string, args ...any) error {
	return &strictyaml.Problem{
		Pos:     strictyaml.Pos{File: filepath.Join(dir, file)},
		Message: fmt.Sprintf(format, args...),
	}
}
