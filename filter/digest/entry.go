package digest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/link"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

// entry is one message as a digest tells of it. What is the sender's is plain.
type entry struct {
	ID      string
	Claims  string // "" for no brand
	Proved  string // "" for nobody
	Known   bool   // what it was proved to be is on record
	Date    string
	From    string
	Subject string
	Cause   string // name of the finding that decided
	Expires string
	URL     string // "" where there are no pages

	brand *brand.Brand
}

// entries tells of the items of a digest.
func (k *Keeper) entries(ctx context.Context, d quarantine.Digest, s Settings, expires time.Time) ([]entry, error) {
	var all []entry
	for _, it := range d.Items {
		e := entry{ID: it.ID, Cause: it.Cause, Date: stamp(it.Stored, s.zone())}
		if !it.Received.IsZero() {
			e.Date = stamp(it.Received, s.zone())
		}
		if !it.Expires.IsZero() {
			e.Expires = it.Expires.In(s.zone()).Format("2006-01-02")
		}
		if b, ok := k.opt.Brands().Brand(it.Brand); ok {
			e.brand, e.Claims = b, b.Name
		}
		facts := k.facts(ctx, it.Trace)
		if facts != nil {
			e.Known, e.Proved = true, proved(facts)
			e.Subject, e.From = facts.Message.Subject, authors(facts.Message.From)
		}
		if err := k.read(ctx, it, &e); err != nil {
			return nil, err
		}
		if e.From == "" && it.Sender != "" {
			e.From = "<" + it.Sender + ">"
		}
		e.From, e.Subject = plain(e.From), plain(e.Subject)
		if s.URL != "" {
			e.URL = strings.TrimSuffix(s.URL, "/") + "/l/" + k.opt.Links.Token(link.Link{Item: it.ID, Digest: d.ID, Expires: expires}, it.Recipient)
		}
		all = append(all, e)
	}
	return all, nil
}

// read takes subject and authors from the message. A message that is damaged, or too
// large, leaves what the journal has.
func (k *Keeper) read(ctx context.Context, it quarantine.Item, e *entry) error {
	if it.Size > maxRead {
		return nil
	}
	raw, err := k.opt.Store.Message(ctx, it.ID)
	if errors.Is(err, quarantine.ErrCorrupt) || errors.Is(err, quarantine.ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	h, body, err := mail.ReadBytes(raw)
	if err != nil {
		return nil // the digest tells of it without
	}
	m := mail.Parse(h, body)
	e.Subject = m.Subject.Shown
	var from []fact.Mailbox
	for _, f := range m.From {
		from = append(from, fact.Mailbox{Name: f.Name.Shown, Address: f.Address})
	}
	e.From = authors(from)
	return nil
}

// facts are what was known when the message was judged; nil when that is gone.
func (k *Keeper) facts(ctx context.Context, trace string) *fact.Facts {
	if k.opt.Facts == nil || trace == "" {
		return nil
	}
	f, err := k.opt.Facts(ctx, trace)
	if err != nil {
		k.opt.Log.Warn("the journal cannot be read: a digest lacks what it would say")
		return nil
	}
	return f
}

// proved are the domains that a message is proved to be from, aligned ones first.
func proved(f *fact.Facts) string {
	var all []string
	for _, aligned := range []bool{true, false} {
		for _, id := range f.Proof.Identities {
			if id.Aligned == aligned && !slices.Contains(all, id.Domain) {
				all = append(all, id.Domain)
			}
		}
	}
	return plain(strings.Join(all, " "))
}

func authors(list []fact.Mailbox) string {
	var all []string
	for _, m := range list[:min(len(list), 3)] {
		one := m.Address
		if m.Name != "" {
			one = m.Name + " <" + m.Address + ">"
		}
		all = append(all, one)
	}
	return strings.Join(all, ", ")
}

func stamp(t time.Time, zone *time.Location) string { return t.In(zone).Format("2006-01-02 15:04") }
