package web

import (
	"context"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
)

// view is a message as its page shows it. All texts are as the message has them,
// for a template to escape, with URLs defanged.
type view struct {
	Subject string
	From    []string
	To      []string
	Date    string
	ReplyTo []string

	Fields  []fieldView
	Text    string
	Links   []linkView
	Parts   []partView
	HasHTML bool

	Cut      bool // more fields, text, links or parts than are shown
	TooLarge bool // not read: all of the above is empty
}

type fieldView struct{ Name, Value string }

type linkView struct{ Kind, Text, URL string }

type partView struct {
	Path, Type, Name string
	Size             int64
	Attached         bool
}

// message reads the message of an item; nil when it is too large to be shown.
func (s *Server) message(ctx context.Context, it *quarantine.Item) (*mail.Message, error) {
	if it.Size > maxParsed {
		return nil, nil
	}
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	raw, err := s.opt.Store.Message(ctx, it.ID)
	if err != nil {
		return nil, err
	}
	header, body, err := mail.ReadBytes(raw)
	if err != nil {
		return nil, err
	}
	return mail.Parse(header, body), nil
}

// turn waits until a message may be read: many large ones at once would take the
// memory that judging needs.
func (s *Server) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.reading <- struct{}{}:
		return func() { <-s.reading }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func newView(m *mail.Message) *view {
	if m == nil {
		return &view{TooLarge: true}
	}
	v := &view{Subject: visible(m.Subject.Shown), From: mailboxes(m.From), ReplyTo: mailboxes(m.ReplyTo)}
	for i, f := range m.Header {
		if i == maxShownFields {
			v.Cut = true
			break
		}
		name, value := f.Name, string(f.Raw)
		if name != "" {
			_, value, _ = strings.Cut(value, ":")
		}
		value, short := cut(strings.TrimSpace(value), maxShownField)
		v.Cut = v.Cut || short
		v.Fields = append(v.Fields, fieldView{visible(name), defanged(strings.ReplaceAll(value, "\r\n", "\n"))})
		switch strings.ToLower(name) {
		case "to":
			v.To = append(v.To, visible(value))
		case "date":
			v.Date = visible(value)
		}
	}
	v.readText(m)
	for i := range m.Links {
		if len(v.Links) == maxShownLinks {
			v.Cut = true
			break
		}
		l := &m.Links[i]
		text, _ := cut(l.Text, maxShownField)
		u, _ := cut(l.URL, maxShownField)
		v.Links = append(v.Links, linkView{Kind: string(l.Kind), Text: defanged(text), URL: defang(u)})
	}
	for i := range m.Parts {
		if len(v.Parts) == maxShownParts {
			v.Cut = true
			break
		}
		p := &m.Parts[i]
		name, _ := cut(p.Filename, maxShownField)
		v.Parts = append(v.Parts, partView{p.Path, visible(p.MediaType), visible(name), int64(p.Size), p.Disposition == "attachment"})
	}
	v.HasHTML = htmlPart(m) != nil
	return v
}

// readText takes what a reader would see, without the visible text of links, which
// is part of the passage around it.
func (v *view) readText(m *mail.Message) {
	var b strings.Builder
	part := -1
	// Most messages say the same in text and in HTML: the first of the two is enough.
	first := map[string]bool{}
	for i := range m.Passages {
		p := &m.Passages[i]
		if p.Kind == mail.PassageHidden || p.Kind == mail.PassageLink || p.Kind == mail.PassageTitle || first[p.Text] {
			continue
		}
		if b.Len() > maxShownText {
			v.Cut = true
			break
		}
		if p.Part != part && part >= 0 {
			b.WriteString("\n")
		}
		part, first[p.Text] = p.Part, true
		b.WriteString(p.Text)
		b.WriteByte('\n')
	}
	text, short := cut(b.String(), maxShownText)
	v.Text, v.Cut = defanged(text), v.Cut || short
}

func mailboxes(list []mail.Mailbox) []string {
	var out []string
	for i, m := range list {
		if i == maxShownParts {
			break
		}
		text := m.Address
		if m.Name.Shown != "" {
			text = m.Name.Shown + " <" + m.Address + ">"
		}
		out = append(out, visible(text))
	}
	return out
}

// htmlPart is the part that a client would show as HTML; nil for none.
func htmlPart(m *mail.Message) *mail.Part {
	for i := range m.Parts {
		if p := &m.Parts[i]; p.MediaType == "text/html" && p.Disposition != "attachment" && !p.Embedded {
			return p
		}
	}
	return nil
}
