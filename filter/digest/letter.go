package digest

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"mime"
	"net/mail"
	"strings"
	texttemplate "text/template"
	"time"

	"sekisho/filter/mail/transfer"
	"sekisho/filter/quarantine"
)

//go:embed letter.html letter.txt
var files embed.FS

// letter is what the templates get.
type letter struct {
	Tongues   []string
	Recipient string
	All       int // messages
	More      int // that are not listed
	Entries   []entry
	Advice    []brandAdvice
	Until     string // when the links end; "" without links
	Page      string // address of the page with advice; "" without pages

	meaning func(lang, finding string) string
}

// brandAdvice is where a brand is really found, and who takes reports about its fakes.
type brandAdvice struct {
	Name, Own, Report string
}

// write makes the message of a digest.
func (k *Keeper) write(d quarantine.Digest, entries []entry, s Settings, lang Language, expires time.Time) ([]byte, error) {
	l := letter{
		Tongues: lang.tongues(), Recipient: own(d.Recipient), All: len(d.Items) + d.More, More: d.More, Entries: entries, meaning: k.opt.Meaning,
	}
	if s.URL != "" {
		l.Until, l.Page = stamp(expires, s.zone()), strings.TrimSuffix(s.URL, "/")+"/advice"
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if e.brand == nil || seen[e.brand.ID] || len(l.Advice) == maxBrands {
			continue
		}
		seen[e.brand.ID] = true
		names := e.brand.Domains[:min(len(e.brand.Domains), maxOwn)]
		report := append(append([]string{}, e.brand.ReportMail...), e.brand.ReportPages...)
		l.Advice = append(l.Advice, brandAdvice{e.brand.Name, strings.Join(names, " "), strings.Join(report, " ")})
	}
	var text, page bytes.Buffer
	if err := k.text.Execute(&text, l); err != nil {
		return nil, fmt.Errorf("text of a digest: %w", err)
	}
	if err := k.html.Execute(&page, l); err != nil {
		return nil, fmt.Errorf("HTML of a digest: %w", err)
	}
	return l.message(d, s, k.opt.Now(), text.Bytes(), page.Bytes()), nil
}

// message puts header and parts together, with CRLF line ends.
func (l *letter) message(d quarantine.Digest, s Settings, now time.Time, text, page []byte) []byte {
	from, to := "<"+s.From.Address+">", "undisclosed-recipients:;"
	if s.From.Name != "" {
		from = mime.BEncoding.Encode("utf-8", s.From.Name) + " " + from
	}
	// Whatever the envelope had, one address is one address (RFC 5322, section 3.4).
	if a, err := mail.ParseAddress("<" + d.Recipient + ">"); err == nil {
		to = a.String()
	}
	boundary := "=_" + rand.Text()
	var b bytes.Buffer
	field := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	field("From", folded(from))
	field("To", to)
	field("Date", now.In(s.zone()).Format(time.RFC1123Z))
	field("Message-ID", "<"+d.ID+"@"+domainOf(s.From.Address)+">")
	field("Subject", folded(mime.BEncoding.Encode("utf-8", fmt.Sprintf(strings.Join(l.Say("subject"), " / "), l.counts()...))))
	field("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	field("X-Auto-Response-Suppress", "All")  // the same for Exchange
	field("Content-Language", strings.Join(l.Tongues, ", "))
	field("MIME-Version", "1.0")
	field("Content-Type", "multipart/alternative;\r\n boundary=\""+boundary+"\"")
	for _, part := range []struct {
		kind string
		body []byte
	}{{"text/plain", text}, {"text/html", page}} {
		b.WriteString("\r\n--" + boundary + "\r\n")
		field("Content-Type", part.kind+"; charset=utf-8")
		field("Content-Transfer-Encoding", "base64")
		b.WriteString("\r\n" + transfer.EncodeBase64(bytes.ReplaceAll(part.body, []byte("\n"), []byte("\r\n"))))
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}

// counts is the number of messages, once for each language.
func (l *letter) counts() []any {
	all := make([]any, len(l.Tongues))
	for i := range all {
		all[i] = l.All
	}
	return all
}

// folded puts each encoded word on a line of its own (RFC 2047, section 2).
func folded(s string) string { return strings.ReplaceAll(s, "?= =?", "?=\r\n =?") }

// Say is a text of ours in each language of the letter.
func (l letter) Say(key string, args ...any) []string {
	var all []string
	for _, lang := range l.Tongues {
		text := texts[key][lang]
		if len(args) > 0 {
			text = fmt.Sprintf(text, args...)
		}
		all = append(all, text)
	}
	return all
}

// Label is the same on one line.
func (l letter) Label(key string) string { return strings.Join(l.Say(key), " / ") }

// Because is what the finding that decided means.
func (l letter) Because(e entry) []string {
	var all []string
	for _, lang := range l.Tongues {
		if text := l.meaning(lang, e.Cause); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// Number is the place of an entry, from 1.
func (l letter) Number(i int) int { return i + 1 }

func templates() (*texttemplate.Template, *template.Template, error) {
	text, err := texttemplate.ParseFS(files, "letter.txt")
	if err != nil {
		return nil, nil, err
	}
	page, err := template.ParseFS(files, "letter.html")
	return text, page, err
}
