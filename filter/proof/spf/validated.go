package spf

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// unknownName is what %{p} stands for without a validated name (RFC 7208,
// section 7.3).
const unknownName = "unknown"

// validated finds the names of a client that lead back to it (RFC 7208, section
// 5.5), once for all records of a check.
type validated struct {
	asked bool
	names []string
}

// expandValidated puts the client's validated name in the place of each %{p} of
// a valid record, which the library takes for "unknown" always. domain is the
// name that the record is of. DNS is asked only if there is such a macro; in exp=
// it is left, because the text is never fetched.
func (v view) expandValidated(ctx context.Context, record, domain string) string {
	if !strings.Contains(record, "%{p") && !strings.Contains(record, "%{P") {
		return record
	}
	terms := strings.Split(record, " ")
	for i, term := range terms {
		if name, _, ok := modifier(term); ok && strings.EqualFold(name, "exp") {
			continue
		}
		var b strings.Builder
		for len(term) > 0 {
			n := 1
			if term[0] == '%' {
				n = max(n, macroLen(term))
			}
			if n > 2 && term[2]|0x20 == 'p' {
				b.WriteString(transform(v.nameFor(ctx, domain), term[3:n-1]))
			} else {
				b.WriteString(term[:n])
			}
			term = term[n:]
		}
		terms[i] = b.String()
	}
	return strings.Join(terms, " ")
}

// nameFor chooses among the validated names: the domain itself, else one below
// it, else any (RFC 7208, section 7.3).
func (v view) nameFor(ctx context.Context, domain string) string {
	if !v.client.asked {
		v.client.asked = true
		v.client.names = v.validate(ctx)
	}
	names := v.client.names
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	below := func(name string) bool { return strings.HasSuffix(name, "."+domain) }
	switch i := slices.IndexFunc(names, below); {
	case slices.Contains(names, domain):
		return domain
	case i >= 0:
		return names[i]
	case len(names) > 0:
		return names[0]
	}
	return unknownName
}

// validate asks for the client's names and keeps those that lead back to it. An
// error costs only the name it concerns.
func (v view) validate(ctx context.Context) []string {
	found, err := v.Resolver.LookupAddr(ctx, v.ip.String())
	if err != nil {
		return nil
	}
	var names []string
	for _, name := range found[:min(len(found), maxNames)] {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if ascii(name) && !slices.ContainsFunc(strings.Split(name, "."), notHostLabel) && v.leadsBack(ctx, name) {
			names = append(names, name)
		}
	}
	return names
}

func notHostLabel(label string) bool { return !hostLabel(label) }

func (v view) leadsBack(ctx context.Context, name string) bool {
	addrs, err := v.LookupIPAddr(ctx, name)
	return err == nil && slices.ContainsFunc(addrs, func(a net.IPAddr) bool {
		ip, ok := netip.AddrFromSlice(a.IP)
		return ok && ip.Unmap() == v.ip
	})
}

// transform applies the transformers and delimiters behind a macro letter (RFC
// 7208, section 7.3): how many labels to keep from the right, and "r" to turn
// them round before. The record has been checked against the grammar.
func transform(name, how string) string {
	rest := strings.TrimLeft(how, "0123456789")
	keep, err := strconv.Atoi(how[:len(how)-len(rest)])
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		keep = 0 // none given
	}
	reverse := rest != "" && rest[0]|0x20 == 'r'
	if reverse {
		rest = rest[1:]
	}
	if rest == "" {
		rest = "."
	}
	parts := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(rest, r) })
	if reverse {
		slices.Reverse(parts)
	}
	if keep > 0 && keep < len(parts) {
		parts = parts[len(parts)-keep:]
	}
	return strings.Join(parts, ".")
}
