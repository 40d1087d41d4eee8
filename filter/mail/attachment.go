package mail

import (
	"strings"

	"sekisho/filter/mail/calendar"
	"sekisho/filter/mail/htmltext"
	"sekisho/filter/mail/pdflink"
	"sekisho/filter/mail/transfer"
	"sekisho/filter/mail/weburl"
)

// readCalendar reads an invitation: what its summary, place and description say, and
// where they lead.
func (m *Message) readCalendar(n int, text string) {
	c := calendar.Read(text)
	if c.Cut {
		m.deviate(DeviationLimitCalendar, m.Parts[n].Path)
	}
	for _, p := range c.Properties {
		switch p.Name {
		case calendar.Summary:
			m.addPassage(PassageHeading, n, collapseLines(p.Value))
		case calendar.URL, calendar.Attach, calendar.Conference:
			m.addFound(LinkAnchor, n, p.Value)
		case calendar.HTML:
			m.readHTML(n, p.Value)
		default:
			m.readPlain(n, p.Value)
		}
	}
}

// collapseLines makes one line of several.
func collapseLines(text string) string { return collapse(strings.ReplaceAll(text, "\n", " ")) }

// addFound keeps an address that was found as it stands.
func (m *Message) addFound(kind LinkKind, part int, ref string) {
	if u := weburl.Resolve("", ref); u != "" {
		m.addLink(Link{Kind: kind, Part: part, URL: u, Host: weburl.Host(u)})
	}
}

// readPDF reads where a PDF document leads.
func (w *walker) readPDF(n int, enc transfer.Encoding, body []byte) {
	p := &w.m.Parts[n]
	if !pdflink.Is(p.Data) {
		return
	}
	if w.leave(CheckDocuments) {
		return
	}
	if w.documents == MaxDocuments {
		w.m.deviate(DeviationLimitDocuments, "body")
		return
	}
	w.documents++
	file, _, _ := transfer.Decode(enc, body, pdflink.MaxFile+1)
	d := pdflink.Read(file)
	if d.Cut {
		w.m.deviate(DeviationLimitPDF, p.Path)
	}
	if d.Encrypted {
		w.m.deviate(DeviationPDFEncrypted, p.Path)
	}
	for _, link := range d.Links {
		w.m.addFound(LinkPDF, n, link)
	}
}

// readScripts reads where the scripts of an HTML file lead. Mail clients run none, but
// the browser does that a file opens in.
func (m *Message) readScripts(n int, text string) {
	if m.Parts[n].Disposition != "attachment" && m.Parts[n].MediaType == "text/html" {
		return
	}
	for _, link := range htmltext.Scripts(text) {
		m.addFound(LinkScript, n, link)
	}
}
