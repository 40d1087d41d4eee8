package policy

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"sekisho/filter/mail"
	"sekisho/policy/strictyaml"
)

const (
	suffix      = ".yaml"
	defaultFile = DefaultName + suffix
	builtInFile = "built-in/" + defaultFile // the name that decisions show for built-in values
)

//go:embed policies/default.yaml
var builtIn []byte

// BuiltIn returns the text of the built-in default policy.
func BuiltIn() string { return string(builtIn) }

// Embedded returns the Set that consists of the built-in default policy alone.
func Embedded() (*Set, error) {
	base := &Policy{name: DefaultName}
	base.Findings.words = newVocabulary()
	base.Findings.list = make([]*rule, len(base.Findings.words.names))
	doc := strictyaml.Parse(builtInFile, builtIn)
	doc.Decode(&base.settings)
	base.check(doc)
	for i, r := range base.Findings.list {
		if r == nil {
			doc.Errorf(strictyaml.Pos{File: builtInFile}, "the finding %s is not named", base.Findings.words.names[i])
		}
	}
	return &Set{fallback: base}, doc.Err()
}

// Load reads all policy files of a directory: default.yaml, which may be absent,
// and one <domain>.yaml for each domain. The error tells all that is wrong in all
// files at once, as *strictyaml.Problems. Files with other endings, files that
// begin with a dot, and folders are left alone.
func Load(dir string) (*Set, error) {
	set, err := Embedded()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("policy directory: %w", err)
	}
	names, errs := list(dir, entries)
	base := set.fallback
	if len(names) > 0 && names[0] == defaultFile {
		p, err := read(dir, defaultFile, DefaultName, base)
		if p != nil {
			base = p
		}
		errs = append(errs, err)
		names = names[1:]
	}
	policies, more := readAll(dir, names, base)
	errs = append(errs, more...)
	set.fallback, set.domains = base, make(map[string]*Policy, len(policies))
	for i, p := range policies {
		if p == nil {
			continue
		}
		if other := set.domains[p.name]; other != nil {
			errs = append(errs, problem(dir, names[i], "is the policy of %s, and so is %s; keep one", p.name, other.file))
			continue
		}
		set.domains[p.name] = p
	}
	if err := strictyaml.Join(errs...); err != nil {
		return nil, err
	}
	return set, nil
}

// list picks the policy files of dir in their order, default.yaml first.
func list(dir string, entries []os.DirEntry) (names []string, errs []error) {
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, ".") || e.IsDir():
		case strings.HasSuffix(name, ".yml"):
			errs = append(errs, problem(dir, name, "is not read; policy files end in .yaml"))
		case name == defaultFile:
			names = append([]string{name}, names...)
		case strings.HasSuffix(name, suffix):
			names = append(names, name)
		}
	}
	if len(names) > maxFiles {
		return nil, append(errs, problem(dir, "", "holds more than %d policy files", maxFiles))
	}
	return names, errs
}

// readAll reads domain files on all processors; base is only read.
func readAll(dir string, names []string, base *Policy) ([]*Policy, []error) {
	policies, errs := make([]*Policy, len(names)), make([]error, len(names))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(names); i += workers {
				policies[i], errs[i] = readDomain(dir, names[i], base)
			}
		})
	}
	wait.Wait()
	return policies, errs
}

func readDomain(dir, file string, base *Policy) (*Policy, error) {
	name := strings.TrimSuffix(file, suffix)
	domain, ok := mail.ASCIIDomain(name)
	if !ok || strings.HasSuffix(name, ".") {
		return nil, problem(dir, file, "the name of the file is not a domain name followed by .yaml")
	}
	return read(dir, file, domain, base)
}

// read reads one file over the layer below it.
func read(dir, file, name string, base *Policy) (*Policy, error) {
	path := filepath.Join(dir, file)
	doc, err := strictyaml.ParseFile(path, maxFileBytes)
	if err != nil {
		return nil, problem(dir, file, "cannot be read: %v", errors.Unwrap(err))
	}
	p := layer(doc, name, base)
	return p, doc.Err()
}

// layer reads a file over the policy below it. Whether a policy is good for
// sub-domains is said by its own file only.
func layer(doc *strictyaml.Document, name string, base *Policy) *Policy {
	p := &Policy{name: name, file: doc.File(), settings: base.settings}
	p.Subdomains = strictyaml.Located[bool]{}
	doc.Decode(&p.settings)
	if name == DefaultName && p.Subdomains.Set() {
		doc.Errorf(p.Subdomains.Pos, "subdomains is for the files of domains; the default is for everybody")
	}
	p.check(doc)
	return p
}

// problem is something wrong with a file as a whole.
func problem(dir, file, format string, args ...any) error {
	return &strictyaml.Problem{
		Pos:     strictyaml.Pos{File: filepath.Join(dir, file)},
		Message: fmt.Sprintf(format, args...),
	}
}
