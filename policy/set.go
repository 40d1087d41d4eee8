package policy

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"sekisho/filter/mail"
)

// Set is all policies, checked together.
type Set struct {
	fallback *Policy
	groups   map[string]*Policy // by name
	domains  map[string]*Policy // by A-label domain, lower case
	digest   string
}

// For returns the policy for a recipient address, as SMTP wrote it, without
// angle brackets. An address without a domain, or with one that is no domain
// name, has the default policy.
func (s *Set) For(rcpt string) *Policy {
	p := s.domain(rcpt)
	if len(p.mailboxes) == 0 {
		return p
	}
	local := localPart(rcpt)
	for i := range p.mailboxes {
		if p.mailboxes[i].match.matches(local) {
			return p.mailboxes[i].policy
		}
	}
	return p
}

// domain returns the policy for the domain of a recipient.
func (s *Set) domain(rcpt string) *Policy {
	if len(s.domains) == 0 {
		return s.fallback
	}
	at := strings.LastIndexByte(rcpt, '@')
	if at < 0 {
		return s.fallback
	}
	domain, ok := mail.ASCIIDomain(rcpt[at+1:])
	if !ok {
		return s.fallback
	}
	if p := s.domains[domain]; p != nil {
		return p
	}
	for {
		dot := strings.IndexByte(domain, '.')
		if dot < 0 {
			return s.fallback
		}
		domain = domain[dot+1:]
		if p := s.domains[domain]; p != nil && p.subdomains {
			return p
		}
	}
}

// Default returns the policy of recipients without one of their own.
func (s *Set) Default() *Policy { return s.fallback }

// Domains returns the names of all domain policies, sorted, as A-labels.
func (s *Set) Domains() []string { return slices.Sorted(maps.Keys(s.domains)) }

// Digest names the content of all files together: two sets with one digest
// decide alike, given the same program.
func (s *Set) Digest() string { return s.digest }

// all yields every policy: the default, the groups, the domains and their
// mailboxes, in no order.
func (s *Set) all() iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		if !yield(s.fallback) {
			return
		}
		for _, list := range []map[string]*Policy{s.groups, s.domains} {
			for _, p := range list {
				if !yield(p) {
					return
				}
				for i := range p.mailboxes {
					if !yield(p.mailboxes[i].policy) {
						return
					}
				}
			}
		}
	}
}
