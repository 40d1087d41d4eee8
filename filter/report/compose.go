package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/mail"
	"sekisho/filter/mail/transfer"
	"sekisho/filter/quarantine"
	"sekisho/filter/redact"
	"sekisho/policy/brand"
)

// evidence is what a report tells of. What is the sender's has the addresses of the
// recipients hidden.
type evidence struct {
	item    quarantine.Item
	facts   *fact.Facts  // nil where they are gone
	brand   *brand.Brand // nil where the catalogue does not have it
	orgs    []string     // that links lead to
	hidden  *redact.Redactor
	message redact.Redacted
	subject string
	to      string // the recipient
	sender  string // MAIL FROM
}

// Compose writes the message of a report, with CRLF line ends, and the hash of all of it
// that does not change by waiting: neither its date nor how many messages there are.
// It is quarantine.Reporter's.
func (k *Keeper) Compose(ctx context.Context, r quarantine.Report) (message []byte, sum string, err error) {
	e, err := k.evidence(ctx, r.Item)
	if err != nil {
		return nil, "", err
	}
	message, sum = k.compose(r, e, k.opt.Settings())
	return message, sum, nil
}

func (k *Keeper) compose(r quarantine.Report, e *evidence, s Settings) (message []byte, sum string) {
	same := r
	same.Items = 0
	hash := sha256.Sum256(k.message(same, e, s, time.Time{}))
	return k.message(r, e, s, k.opt.Now()), hex.EncodeToString(hash[:])
}

// evidence reads the message of an item, and hides who got it.
func (k *Keeper) evidence(ctx context.Context, item string) (*evidence, error) {
	it, recipients, h, body, err := k.read(ctx, item)
	if err != nil {
		return nil, err
	}
	key, err := k.opt.Store.ReportKey(ctx)
	if err != nil {
		return nil, err
	}
	e := &evidence{item: it}
	if e.facts, err = k.facts(ctx, it.Trace); err != nil {
		return nil, err
	}
	// Without the pictures and the codes in them, which say nothing about the header.
	m := mail.ParseWithout(h, nil, mail.CheckPictures)
	e.hidden = redact.New(key, recipients, senders(it, e.facts, m), h)
	if b, ok := k.opt.Brands().Brand(it.Brand); ok {
		e.brand = b
	}
	e.orgs = destinations(e.facts, e.brand, k.opt.Brands())
	if e.message = e.hidden.Message(h, body, maxEvidence); e.message.Left > 0 || !e.message.Whole {
		k.metrics.cut.Inc()
	}
	e.subject = e.text(m.Subject.Shown)
	e.to, e.sender = e.hidden.Address(it.Recipient), e.text(it.Sender)
	return e, nil
}

// senders are the addresses in proved domains that a message gives as its sender's: the
// desk looks for the account.
func senders(it quarantine.Item, f *fact.Facts, m *mail.Message) []string {
	if f == nil {
		return nil
	}
	proved := func(domain string) bool {
		return slices.ContainsFunc(blameable(f), func(id fact.Identity) bool {
			return domain == id.Domain || domain == id.Org || strings.HasSuffix(domain, "."+id.Org)
		})
	}
	var all []string
	if domain, ok := mail.ASCIIDomain(domainOf(it.Sender)); ok && proved(domain) {
		all = append(all, it.Sender)
	}
	for _, box := range append(m.From, m.Sender...) {
		if len(all) < maxProved && proved(box.Domain) {
			all = append(all, box.Address)
		}
	}
	return all
}

// text is one of the sender's on one line, without addresses of recipients.
func (e *evidence) text(s string) string { return shown(e.hidden.Text(s)) }

// title is the subject of a report: that of the message (RFC 5965, section 2).
func (e *evidence) title() string {
	if e.subject == "" {
		return "FW: (no subject)"
	}
	return "FW: " + e.subject
}

// encoded is a text as the value of a field, which begins at a column. No line with an
// encoded word is longer than 76 characters (RFC 2047, section 2).
func encoded(text string, column int) string {
	// What looks like an encoded word would be read as one.
	text = strings.ReplaceAll(text, "=?", "= ?")
	value, lead := mime.BEncoding.Encode("utf-8", text), ""
	if value == text {
		return text
	}
	if word, rest, ok := strings.Cut(text, " "); ok && rest != "" && mime.BEncoding.Encode("utf-8", word) == word {
		value, lead = mime.BEncoding.Encode("utf-8", rest), word+"\r\n "
	}
	value = strings.ReplaceAll(value, "?= =?", "?=\r\n =?")
	if line, _, _ := strings.Cut(value, "\r\n"); lead == "" && column+len(line) > 76 {
		lead = "\r\n "
	}
	return lead + value
}

// writeField writes a field whose value may begin on the next line.
func writeField(b *bytes.Buffer, name, value string) {
	if !strings.HasPrefix(value, "\r\n") {
		value = " " + value
	}
	b.WriteString(name + ":" + value + "\r\n")
}

// message puts a report together (RFC 5965, section 2). A zero date leaves out what
// tells of time.
func (k *Keeper) message(r quarantine.Report, e *evidence, s Settings, now time.Time) []byte {
	boundary := boundary("report", r.ID, e)
	from := "<" + s.From.Address + ">"
	if s.From.Name != "" {
		from = encoded(s.From.Name, len("From: ")) + "\r\n " + from
	}
	var b bytes.Buffer
	field := func(name, value string) { writeField(&b, name, value) }
	field("From", from)
	field("To", "<"+r.Target+">")
	if !now.IsZero() {
		field("Date", now.Format(dateForm))
	}
	field("Message-ID", "<report."+r.ID+"@"+domainOf(s.From.Address)+">")
	field("Subject", encoded(e.title(), len("Subject: ")))
	field("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	field("MIME-Version", "1.0")
	field("Content-Type", "multipart/report; report-type=feedback-report;\r\n boundary=\""+boundary+"\"")
	part := func(header string) { b.WriteString("\r\n--" + boundary + "\r\n" + header + "\r\n") }
	part("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n")
	b.WriteString(transfer.EncodeBase64([]byte(k.text(r, e, s))))
	part("Content-Type: message/feedback-report\r\n")
	k.fields(&b, r, e)
	if e.message.Whole {
		part("Content-Type: message/rfc822\r\n")
	} else {
		part("Content-Type: text/rfc822-headers\r\n") // RFC 6522, section 4
	}
	b.Write(e.message.Bytes)
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}

// boundary parts a report. No message can hold it, whoever wrote it and knew the id:
// it depends on all of the message.
func boundary(what, id string, e *evidence) string {
	sum := sha256.Sum256(e.message.Bytes)
	return "=_" + what + "_" + id + "_" + hex.EncodeToString(sum[:8])
}

// fields writes what machines read (RFC 5965, section 3).
func (k *Keeper) fields(b *bytes.Buffer, r quarantine.Report, e *evidence) {
	field := func(name, value string) {
		if clean(value) {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	it := e.item
	field("Feedback-Type", "fraud")
	field("User-Agent", strings.TrimSuffix("sekisho/"+k.opt.Version, "/"))
	field("Version", "1")
	arrived := it.Received
	if arrived.IsZero() {
		arrived = it.Stored
	}
	field("Arrival-Date", arrived.UTC().Format(dateForm))
	if client, err := netip.ParseAddr(it.Client); err == nil {
		field("Source-IP", client.Unmap().WithZone("").String())
	}
	field("Reporting-MTA", "dns; "+k.opt.Hostname)
	if r.Items > 0 {
		field("Incidents", fmt.Sprint(r.Items))
	}
	if it.Sender == "" || clean(e.sender) && !strings.ContainsAny(e.sender, " <>") {
		field("Original-Mail-From", "<"+e.sender+">")
	}
	field("Original-Rcpt-To", "<"+e.to+">") // hidden as in RFC 6590
	if e.facts == nil {
		return
	}
	if results := k.results(e.facts); results != "" {
		field("Authentication-Results", results)
	}
	for _, d := range reported(e) {
		if name, ok := mail.ASCIIDomain(d); ok {
			field("Reported-Domain", name)
		}
	}
	n := 0
	for _, l := range e.facts.Links {
		if uri := e.hidden.Text(l.URL); isURI(uri) && n < maxLinks && len(uri) <= maxURI && !e.hidden.Has(uri) {
			field("Reported-URI", uri)
			n++
		}
	}
}

// reported are the domains that a report is about: who is proved, and where links lead.
func reported(e *evidence) []string {
	var all []string
	for _, id := range blameable(e.facts) {
		all = appendOnce(all, id.Org)
	}
	for _, d := range e.orgs {
		all = appendOnce(all, d)
	}
	return all
}

// results are what we found when the message came in (RFC 8601).
func (k *Keeper) results(f *fact.Facts) string {
	p := f.Proof
	var all []string
	add := func(method, result, property, value string) {
		if result == "" {
			return
		}
		text := method + "=" + result
		if name, ok := mail.ASCIIDomain(value); ok {
			text += " " + property + "=" + name
		}
		all = append(all, text)
	}
	add("spf", p.SPF.Result, "smtp.mailfrom", p.SPF.Domain)
	for _, sig := range p.DKIM[:min(len(p.DKIM), maxProved)] {
		add("dkim", sig.Result, "header.d", sig.Domain)
	}
	add("dmarc", p.DMARC.Result, "header.from", p.FromDomain)
	if len(all) == 0 {
		return ""
	}
	return k.opt.Hostname + ";\r\n " + strings.Join(all, ";\r\n ")
}

// isURI reports whether a text has the characters of a URI alone (RFC 3986, section 2).
func isURI(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r)
	})
}

// clean reports whether a value may stand in a field: ASCII, on one line or folded by us.
func clean(s string) bool {
	return !strings.ContainsFunc(strings.ReplaceAll(s, "\r\n ", " "), func(r rune) bool { return r < ' ' || r > '~' })
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
