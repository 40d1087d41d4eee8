package dmarc

import (
	"context"
	"errors"
	"net"
	"strings"

	"sekisho/filter/dns"
)

// Resolver asks the DNS. Errors are *net.DNSError; those of filter/dns tell
// names that do not exist from names without the records asked for.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
}

// authenticResolver is a Resolver that also tells whether DNSSEC has proved the
// answer.
type authenticResolver interface {
	LookupTXTAuthentic(ctx context.Context, name string) (records []string, secure bool, err error)
}

// site is a domain at which a record was found.
type site struct {
	domain string
	record *record
}

// walker looks records up for one message. Walks from several identifiers of
// it share most of their names.
type walker struct {
	r    Resolver
	seen map[string]lookup
}

type lookup struct {
	record *record
	err    error
}

// at returns the record of a domain: nil when it has none. When it has several,
// all are discarded (RFC 9989, section 4.10, steps 2 and 6).
func (w *walker) at(ctx context.Context, domain string) (*record, error) {
	if l, ok := w.seen[domain]; ok {
		return l.record, l.err
	}
	l := w.ask(ctx, domain)
	w.seen[domain] = l
	return l.record, l.err
}

func (w *walker) ask(ctx context.Context, domain string) lookup {
	texts, secure, err := w.lookUpTXT(ctx, "_dmarc."+domain)
	if notFound(err) {
		return lookup{}
	}
	if err != nil {
		return lookup{err: err}
	}
	var only *record
	for _, text := range texts {
		r, ok := parse(text)
		if !ok {
			continue
		}
		if only != nil {
			return lookup{}
		}
		r.secure = secure
		only = &r
	}
	return lookup{record: only}
}

func (w *walker) lookUpTXT(ctx context.Context, name string) (texts []string, secure bool, err error) {
	if a, ok := w.r.(authenticResolver); ok {
		return a.LookupTXTAuthentic(ctx, name)
	}
	texts, err = w.r.LookupTXT(ctx, name)
	return texts, false, err
}

// walk is the DNS tree walk (RFC 9989, section 4.10). It returns the sites from
// the longest name to the shortest; with an error, those before it.
func (w *walker) walk(ctx context.Context, domain string) ([]site, error) {
	var sites []site
	target := domain
	for range maxQueries {
		r, err := w.at(ctx, target)
		if err != nil {
			return sites, err
		}
		if r != nil {
			sites = append(sites, site{target, r})
			if r.psd != psdUnknown {
				break
			}
		}
		next, ok := above(target)
		if !ok {
			break
		}
		target = next
	}
	return sites, nil
}

// above is the name to ask for after target: its parent, or for a long name
// the one of seven labels (steps 4 and 7).
func above(target string) (string, bool) {
	labels := strings.Count(target, ".") + 1
	for drop := max(1, labels-walkLabels); drop > 0; drop-- {
		_, rest, ok := strings.Cut(target, ".")
		if !ok {
			return "", false
		}
		target = rest
	}
	return target, true
}

// orgDomain selects the organisational domain among the sites of a walk (RFC
// 9989, section 4.10.2).
func orgDomain(sites []site, start string) string {
	for _, s := range sites {
		switch {
		case s.record.psd == psdNo:
			return s.domain
		case s.record.psd == psdYes && s.domain != start:
			return oneBelow(s.domain, start)
		}
	}
	if len(sites) == 0 {
		return start
	}
	return sites[len(sites)-1].domain
}

// oneBelow is the name one label below suffix on the way to name.
func oneBelow(suffix, name string) string {
	head := strings.TrimSuffix(name, "."+suffix)
	return head[strings.LastIndexByte(head, '.')+1:] + "." + suffix
}

// within says whether name is domain or below it.
func within(name, domain string) bool {
	head, ok := strings.CutSuffix(name, domain)
	return ok && (head == "" || head[len(head)-1] == '.')
}

// exists says whether a name exists in the sense of RFC 8020 (RFC 9989, section
// 3.2): any answer but NXDOMAIN. One question tells. A resolver that does not
// say why nothing was found is asked for more types.
func (w *walker) exists(ctx context.Context, domain string) (bool, error) {
	asks := []func() error{
		func() error { _, err := w.r.LookupMX(ctx, domain); return err },
		func() error { _, err := w.r.LookupIPAddr(ctx, domain); return err },
		func() error { _, err := w.r.LookupTXT(ctx, domain); return err },
	}
	for _, ask := range asks {
		switch err := ask(); {
		case err == nil, errors.Is(err, dns.ErrNoData):
			return true, nil
		case errors.Is(err, dns.ErrNoName):
			return false, nil
		case !notFound(err):
			return false, err
		}
	}
	return false, nil
}

func notFound(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

func temporary(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.Temporary() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
