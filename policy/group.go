package policy

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sekisho/policy/strictyaml"
)

// groups reads groups/*.yaml, each over the group that it builds on, and the
// domains that they name.
func (l *loader) groups() {
	l.set.groups, l.members = make(map[string]*Policy), make(map[string]string)
	folder := filepath.Join(l.dir, groupFolder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if _, linked := os.Lstat(folder); linked != nil {
			return
		} // a link that leads nowhere: without its groups, their domains would be judged by the default
	}
	if err != nil {
		l.problem(groupFolder, "cannot be read: %v", errors.Unwrap(err))
		return
	}
	r := &groupReader{loader: l, docs: make(map[string]*strictyaml.Document)}
	for _, file := range l.list(groupFolder, entries, maxGroups) {
		name := strings.TrimSuffix(file, suffix)
		if !isGroupName(name) {
			l.problem(filepath.Join(groupFolder, file), "the name of a group has small letters, digits and hyphens, and is not %q", DefaultName)
			continue
		}
		if doc := l.open(filepath.Join(groupFolder, file)); doc != nil {
			r.docs[name] = doc
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.docs)) {
		r.read(name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.docs)) {
		l.errs = append(l.errs, r.docs[name].Err())
	}
}

// groupReader reads groups in the order in which they build on each other.
type groupReader struct {
	*loader
	docs  map[string]*strictyaml.Document
	under []string // being read, the outermost first
}

// read returns the group of a name, and reads it and what is below it on the way.
// A group that is broken stands as far as it could be read.
func (r *groupReader) read(name string) *Policy {
	if p := r.set.groups[name]; p != nil {
		return p
	}
	doc := r.docs[name]
	base := r.set.fallback
	if parent, pos, ok := groupNamed(doc); ok {
		switch loop := slices.Index(r.under, parent); {
		case parent == name || loop >= 0:
			doc.Errorf(pos, "group: the groups build on each other in a circle: %s",
				strings.Join(append(append(slices.Clone(r.under[max(loop, 0):]), name), parent), " -> "))
		case r.docs[parent] == nil:
			doc.Errorf(pos, "group: there is no %s%s", filepath.Join(groupFolder, parent+suffix), strictyaml.Suggest(parent, slices.Sorted(maps.Keys(r.docs))))
		default:
			r.under = append(r.under, name)
			base = r.read(parent)
			r.under = r.under[:len(r.under)-1]
			if base.depth == maxDepth {
				doc.Errorf(pos, "group: more than %d groups build on each other", maxDepth)
			}
		}
	}
	p, f := layer(doc, groupFolder+"/"+name, base, groupLayer)
	p.depth = base.depth + 1
	r.set.groups[name] = p
	r.claim(doc, name, f)
	return p
}

// groupNamed returns the group that a file builds on. A name that cannot be one
// is told when the file is read.
func groupNamed(doc *strictyaml.Document) (name string, pos strictyaml.Pos, ok bool) {
	name, pos, ok = doc.Scalar("group")
	return name, pos, ok && isGroupName(name)
}

// claim notes the domains that a group names.
func (r *groupReader) claim(doc *strictyaml.Document, name string, f *file) {
	if len(f.Domains) > maxDomains {
		doc.Errorf(f.Domains[maxDomains].Pos, "domains: names more than %d domains", maxDomains)
		return
	}
	for _, d := range f.Domains {
		if other, taken := r.members[string(d.Value)]; taken {
			doc.Errorf(d.Pos, "domains: %s is named by groups/%s.yaml already; a domain builds on one group", d.Value, other)
			continue
		}
		r.members[string(d.Value)] = name
	}
}

// below returns what the file of a domain builds on: the group that it names, or
// that names it, or the default.
func (l *loader) below(doc *strictyaml.Document, domain string) *Policy {
	member := l.members[domain]
	name, pos, named := groupNamed(doc)
	switch {
	case !named && member == "":
		return l.set.fallback
	case !named:
		return l.set.groups[member].as(member)
	case l.set.groups[name] == nil:
		doc.Errorf(pos, "group: there is no %s%s", filepath.Join(groupFolder, name+suffix), strictyaml.Suggest(name, slices.Sorted(maps.Keys(l.set.groups))))
		return l.set.fallback
	case member != "" && member != name:
		doc.Errorf(pos, "group: %s is among the domains of groups/%s.yaml; a domain builds on one group", domain, member)
	}
	return l.set.groups[name].as(name)
}

// as is a group as what lies below a domain.
func (p *Policy) as(name string) *Policy {
	base := *p
	base.group = name
	return &base
}

// adopt gives the domains that groups name, and that have no file, a policy.
func (l *loader) adopt() {
	for domain, name := range l.members {
		if l.set.domains[domain] != nil {
			continue
		}
		p := *l.set.groups[name]
		p.name, p.group = domain, name
		l.set.domains[domain] = &p
	}
}
