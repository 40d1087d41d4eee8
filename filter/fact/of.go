package fact

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// Of makes the facts of a message from all that was learnt about it. What was
// found has to come from finding.Relate of the same input.
func Of(in finding.Input, found []finding.Finding) *Facts {
	b := &builder{}
	f := &Facts{
		Message:  b.message(in.Message),
		Envelope: b.envelope(in.Envelope, &in.Proof),
		Proof:    b.proof(&in.Proof),
		Claim:    b.claims(in.Claims),
		Links:    b.links(in.Message.Links),
		Found:    found,
		Detour:   in.Detour(found),
	}
	f.Message.List = f.Detour.List
	f.Cut = b.cut
	return f
}

// builder makes facts and remembers whether a limit was reached.
type builder struct{ cut bool }

// text cuts at a rune edge and replaces what is not UTF-8.
func (b *builder) text(s string, limit int) string {
	if len(s) > limit {
		b.cut = true
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// first returns at most n of list.
func first[T any](b *builder, list []T, n int) []T {
	if len(list) > n {
		b.cut = true
		return list[:n]
	}
	return list
}

func (b *builder) message(m *mail.Message) Message {
	out := Message{
		Author:  string(m.Author),
		From:    b.mailboxes(m.From),
		Sender:  b.mailboxes(m.Sender),
		ReplyTo: b.mailboxes(m.ReplyTo),
		Subject: b.text(m.Subject.Shown, maxText), MessageID: b.text(m.MessageID, maxText),
		Size:  len(m.Body),
		Forms: len(m.Forms),
	}
	for _, f := range m.Header {
		switch strings.ToLower(f.Name) {
		case "received":
			out.Received++
		case "in-reply-to", "references":
			out.Reply = true
		case "list-unsubscribe":
			out.Bulk = true
		case "precedence":
			switch strings.ToLower(string(f.Value())) {
			case "bulk", "list":
				out.Bulk = true
			}
		}
	}
	for _, p := range m.Parts {
		if p.Disposition != "attachment" && p.Filename == "" && strings.HasPrefix(p.MediaType, "text/") {
			continue
		}
		if len(out.Attachments) == maxAttachments {
			b.cut = true
			break
		}
		out.Attachments = append(out.Attachments, Attachment{Type: b.text(p.MediaType, maxText), Name: b.text(p.Filename, maxText), Size: p.Size})
	}
	for _, f := range m.Forms {
		out.Password = out.Password || f.Password
	}
	out.Hidden = slices.ContainsFunc(m.Passages, func(p mail.Passage) bool { return p.Kind == mail.PassageHidden })
	for _, d := range m.Deviations {
		if slices.Contains(out.Deviations, d.Name) {
			continue
		}
		if len(out.Deviations) == maxDeviations {
			b.cut = true
			break
		}
		out.Deviations = append(out.Deviations, d.Name)
	}
	return out
}

func (b *builder) mailboxes(list []mail.Mailbox) []Mailbox {
	var out []Mailbox
	for _, m := range first(b, list, maxMailboxes) {
		out = append(out, Mailbox{
			Name: b.text(m.Name.Shown, maxText), Address: b.text(m.Address, maxText),
			Local: b.text(m.Local, maxText), Domain: m.Domain,
		})
	}
	return out
}

func (b *builder) envelope(env *mail.Envelope, p *proof.Proof) Envelope {
	out := Envelope{ClientName: p.Client.Name, Helo: b.text(p.Client.Helo, maxText), HeloProved: p.Client.HeloProved}
	if p.Client.Addr.IsValid() {
		out.Client = p.Client.Addr.String()
	}
	if env == nil {
		return out
	}
	if env.Client.IsValid() && out.Client == "" {
		out.Client = env.Client.Unmap().String()
	}
	if out.Helo == "" {
		out.Helo = b.text(env.Helo, maxText)
	}
	out.Sender = b.text(env.Sender, maxText)
	out.Recipients = len(env.Recipients)
	out.User, out.TLS = b.text(env.AuthUser, maxText), b.text(env.TLSVersion, maxText)
	return out
}

func (b *builder) proof(p *proof.Proof) Proof {
	out := Proof{
		Source: string(p.Source), FromDomain: p.FromDomain, FromOrg: p.FromOrg,
		SPF: SPF{Result: string(p.SPF.Result), Domain: b.text(p.SPF.Domain, maxText)},
		DMARC: DMARC{
			Result: string(p.DMARC.Result), Policy: string(p.DMARC.Published), Applied: string(p.DMARC.Applied),
			Org: p.DMARC.OrgDomain, By: p.DMARC.AlignedBy,
		},
		ARC: p.ARC, IPRev: string(p.IPRev.Result),
	}
	for _, s := range first(b, p.DKIM, maxIdentities) {
		out.DKIM = append(out.DKIM, Signature{Result: string(s.Result), Domain: b.text(s.Domain, maxText), Selector: b.text(s.Selector, maxText), Bits: s.KeyBits})
	}
	for _, id := range first(b, p.Identities, maxIdentities) {
		out.Aligned = out.Aligned || id.Aligned
		out.Identities = append(out.Identities, Identity{
			Domain: id.Domain, Org: id.OrgDomain, Method: string(id.Method), Strength: string(id.Strength), Aligned: id.Aligned,
		})
	}
	return out
}

func (b *builder) claims(list []claim.Claim) Claims {
	var out Claims
	for _, c := range first(b, list, maxClaims) {
		if c.Strength != claim.Mention && !slices.Contains(out.Brands, c.Brand) {
			out.Brands = append(out.Brands, c.Brand)
		}
		out.All = append(out.All, Claim{
			Brand: c.Brand, Place: string(c.Place), Strength: string(c.Strength),
			Seen: b.text(c.Seen, maxText), Folded: b.text(c.Folded, maxText),
		})
	}
	return out
}

// links keeps each kind and host once: a newsletter has forty links and leads to
// two places.
func (b *builder) links(list []mail.Link) []Link {
	type way struct {
		kind mail.LinkKind
		host string
	}
	seen := make(map[way]bool)
	var out []Link
	for _, l := range list {
		w := way{l.Kind, l.Host}
		if l.Kind == mail.LinkImage || seen[w] {
			continue
		}
		if len(out) == maxLinks {
			b.cut = true
			break
		}
		seen[w] = true
		out = append(out, Link{Kind: string(l.Kind), Host: l.Host, Org: proof.OrgDomain(l.Host), URL: b.text(l.URL, maxURL)})
	}
	return out
}
