package policy

import (
	"maps"
	"slices"
	"strings"

	"sekisho/filter/mail"
)

// Set is all policies, checked together.
type Set struct {
	fallback *Policy
	domains  map[string]*Policy // by A-label domain, lower case
}

// For returns the policy for a recipient address, as SMTP wrote it, without
// angle brackets. An address without a domain, or with one that is no domain
// name, has the default policy.
func (s *Set) For(rcpt string) *Policy {
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
		if p := s.domains[domain]; p != nil && p.Subdomains.Value {
			return p
		}
	}
}

// Default returns the policy of recipients without one of their own.
func (s *Set) Default() *Policy { return s.fallback }

// Domains returns the names of all domain policies, sorted, as A-labels.
func (s *Set) Domains() []string { return slices.Sorted(maps.Keys(s.domains)) }
