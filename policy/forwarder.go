package policy

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// forwarder is an entry of forwarders: a path that may break authentication, what
// it is known by, why it is there, and until when. An entry ends of itself,
// because nobody remembers to take out what makes no trouble.
type forwarder struct {
	kind     finding.ForwarderKind
	domain   string         // A-label: of the client's name, the sealer or the list
	networks []netip.Prefix // ByNetwork only
	reason   string
	expires  date
	pos      strictyaml.Pos
}

// forwarderEntry is how a file writes a forwarder.
type forwarderEntry struct {
	Networks  []network `yaml:"networks" doc:"Where the client is; goes with name."`
	Name      domain    `yaml:"name" doc:"The client's name that leads back to its address, or a domain above it."`
	ARCSealer domain    `yaml:"arc_sealer" doc:"The domain of an ARC seal that states that the author was authenticated there."`
	ListID    domain    `yaml:"list_id" doc:"The domain in List-Id, with a valid signature of that domain."`
	Reason    reason    `yaml:"reason,required" doc:"Why it is trusted."`
	Expires   date      `yaml:"expires,required" doc:"The last day, in UTC, on which it holds."`
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (f *forwarder) UnmarshalValue(v strictyaml.Value) {
	var entry forwarderEntry
	if !v.Decode(&entry) {
		return
	}
	*f = forwarder{reason: string(entry.Reason), expires: entry.Expires, pos: v.Pos()}
	known := 0
	by := func(kind finding.ForwarderKind, domain string) {
		f.kind, f.domain = kind, domain
		known++
	}
	if entry.Networks != nil || entry.Name != "" {
		by(finding.ByNetwork, string(entry.Name))
	}
	if entry.ARCSealer != "" {
		by(finding.BySealer, string(entry.ARCSealer))
	}
	if entry.ListID != "" {
		by(finding.ByList, string(entry.ListID))
	}
	switch {
	case known != 1:
		v.Errorf("wants one of: networks and name, arc_sealer, list_id")
	case f.kind == finding.ByNetwork && (len(entry.Networks) == 0 || entry.Name == ""):
		// Addresses change hands, and anybody may give his own address their
		// name: only both together are the forwarder.
		v.Errorf("networks and name go together: the client's address, and the name that leads back to it")
	case len(entry.Networks) > maxNetworks:
		v.Errorf("has more than %d networks", maxNetworks)
	}
	for _, n := range entry.Networks {
		f.networks = append(f.networks, netip.Prefix(n))
	}
}

// String returns the entry as a policy file writes it.
func (f *forwarder) String() string {
	by := map[finding.ForwarderKind]string{finding.ByNetwork: "name", finding.BySealer: "arc_sealer", finding.ByList: "list_id"}[f.kind]
	text := "{" + by + ": " + f.domain
	if len(f.networks) > 0 {
		names := make([]string, len(f.networks))
		for i, n := range f.networks {
			names[i] = n.String()
		}
		text += ", networks: [" + strings.Join(names, ", ") + "]"
	}
	return text + ", reason: " + strconv.Quote(f.reason) + ", expires: " + f.expires.String() + "}"
}

// expired reports whether the day in expires is over.
func (f *forwarder) expired(now time.Time) bool { return !now.Before(f.expires.AddDate(0, 0, 1)) }

// forwarded reports whether a message came by the forwarder f.
func (p *Policy) forwarded(f *forwarder, path *finding.Path, now time.Time) bool {
	switch f.kind {
	case finding.ByNetwork:
		has := func(n netip.Prefix) bool { return n.Contains(path.Client.Unmap()) }
		return within(path.Name, f.domain) && slices.ContainsFunc(f.networks, has)
	case finding.BySealer:
		return p.vouched(f, path, now)
	case finding.ByList:
		return within(path.List, f.domain) && slices.ContainsFunc(path.Signers, f.signs)
	}
	return false
}

// vouched reports whether the sealer f states that the author was authenticated,
// and each later sealer of the chain is trusted too: one that is not may have
// changed the message, or have made up all that came before.
func (p *Policy) vouched(f *forwarder, path *finding.Path, now time.Time) bool {
	for _, seal := range path.Seals {
		if seal.Author && seal.Domain == f.domain {
			return true
		}
		if !slices.ContainsFunc(p.Trusted.Value, func(o forwarder) bool {
			return o.kind == finding.BySealer && o.domain == seal.Domain && !o.expired(now)
		}) {
			return false
		}
	}
	return false
}

// signs reports whether a signature of domain is the list's: of its domain, of
// one below, or of the one that it is below in the same organisation, as a host
// of many lists signs for all of them.
func (f *forwarder) signs(domain string) bool {
	if within(domain, f.domain) {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(f.domain)
	return within(f.domain, domain) && len(domain) > len(suffix)
}

// within reports whether name is domain or below it.
func within(name, domain string) bool {
	rest, ok := strings.CutSuffix(name, domain)
	return ok && domain != "" && (rest == "" || strings.HasSuffix(rest, "."))
}

// Forwarders yields the entries, in their order, by which a message came and that
// have not expired.
func (p *Policy) Forwarders(path *finding.Path, now time.Time) iter.Seq[finding.Forwarder] {
	return func(yield func(finding.Forwarder) bool) {
		for i := range p.Trusted.Value {
			f := &p.Trusted.Value[i]
			if f.expired(now) || !p.forwarded(f, path, now) {
				continue
			}
			if !yield(finding.Forwarder{Kind: f.kind, Domain: f.domain, Where: where(f.pos), Reason: f.reason}) {
				return
			}
		}
	}
}

// TrustsForwarders reports whether there are any entries.
func (p *Policy) TrustsForwarders() bool { return len(p.Trusted.Value) > 0 }

// TrustsSealers reports whether any policy names a sealer, expired or not: without
// one, nobody asks for ARC.
func (s *Set) TrustsSealers() bool {
	for f := range s.forwarders() {
		if f.kind == finding.BySealer {
			return true
		}
	}
	return false
}

// forwarders yields every entry once, although files share those of the layers
// below.
func (s *Set) forwarders() iter.Seq[*forwarder] {
	return func(yield func(*forwarder) bool) {
		seen := make(map[strictyaml.Pos]bool)
		for p := range s.all() {
			for i := range p.Trusted.Value {
				f := &p.Trusted.Value[i]
				if seen[f.pos] {
					continue
				}
				seen[f.pos] = true
				if !yield(f) {
					return
				}
			}
		}
	}
}

// forwarders is the list in a file.
type forwarders []forwarder

// UnmarshalValue implements strictyaml.Unmarshaler.
func (f *forwarders) UnmarshalValue(v strictyaml.Value) {
	var list []forwarder
	if v.Decode(&list); len(list) > maxForwarders {
		v.Errorf("has more than %d entries", maxForwarders)
	}
	*f = list
}
