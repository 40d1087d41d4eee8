package listed

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"sekisho/filter/claim/canon"
	"sekisho/policy/brand"
	"sekisho/policy/strictyaml"
)

// loader fills Lists.
type loader struct {
	catalogue *brand.Catalogue
	lists     *Lists
	brands    map[string]string // catalogue id by the words of a list
}

// read adds one list. Its encoding is UTF-8, with or without a mark.
func (l *loader) read(path string, src []byte) error {
	doc := strictyaml.Parse(path, nil)
	src = []byte(strings.TrimPrefix(string(src), "\ufeff"))
	switch {
	case !utf8.Valid(src):
		doc.Errorf(strictyaml.Pos{File: path}, "the file is not UTF-8")
	case strings.HasSuffix(strings.ToLower(path), ".csv"):
		l.readCSV(doc, path, string(src))
	default:
		l.readText(doc, path, string(src))
	}
	return doc.Err()
}

// The names that the columns of a CSV list may have, the first that is there
// counts.
var (
	entryColumns = []string{"entry", "address", "url", "domain", "host", "value", "sender"}
	brandColumns = []string{"brand", "claimed_brand", "target", "description", "brand_label_ja"}
	kindColumns  = []string{"kind", "type"}
)

func (l *loader) readCSV(doc *strictyaml.Document, path, src string) {
	r := csv.NewReader(strings.NewReader(src))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		doc.Errorf(strictyaml.Pos{File: path}, "the list has no header line")
		return
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
	}
	at, of, as := column(header, entryColumns), column(header, brandColumns), column(header, kindColumns)
	if at < 0 {
		doc.Errorf(strictyaml.Pos{File: path, Line: 1}, "no column is named %s", strings.Join(entryColumns, ", "))
		return
	}
	for {
		row, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &syntax):
			doc.Errorf(strictyaml.Pos{File: path, Line: syntax.Line, Column: syntax.Column}, "%v", syntax.Err)
			return
		case err != nil:
			doc.Errorf(strictyaml.Pos{File: path}, "%v", err)
			return
		}
		line, _ := r.FieldPos(0)
		field := func(i int) string {
			if i < 0 || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		if field(at) != "" {
			l.add(doc, strictyaml.Pos{File: path, Line: line}, field(at), field(of), field(as))
		}
	}
}

func column(header, names []string) int {
	for _, name := range names {
		if i := slices.Index(header, name); i >= 0 {
			return i
		}
	}
	return -1
}

// readText reads one entry a line. Comments begin with #; those that say kind or
// brand hold for the lines below.
func (l *loader) readText(doc *strictyaml.Document, path, src string) {
	claimed, kind := "", ""
	line := 0
	for text := range strings.Lines(src) {
		line++
		text = strings.TrimSpace(text)
		comment, is := strings.CutPrefix(text, "#")
		switch {
		case text == "":
		case !is:
			l.add(doc, strictyaml.Pos{File: path, Line: line}, text, claimed, kind)
		default:
			key, value, _ := strings.Cut(comment, ":")
			switch strings.TrimSpace(key) {
			case "kind":
				kind = strings.TrimSpace(value)
			case "brand":
				claimed = strings.TrimSpace(value)
			}
		}
	}
}

// add enters one line. A line that nobody can read is an error; one that must not
// hold is refused.
func (l *loader) add(doc *strictyaml.Document, pos strictyaml.Pos, value, claimed, kind string) {
	if l.lists.Len() >= MaxEntries {
		doc.Errorf(pos, "more than %d entries", MaxEntries)
		return
	}
	if len(value) > maxEntry {
		doc.Errorf(pos, "an entry of more than %d bytes", maxEntry)
		return
	}
	e := Entry{Value: value, Claimed: claimed, Brand: l.brand(claimed), Kind: Kind(strings.ToLower(kind)), Where: pos.FileLine()}
	t := newTarget(value)
	if e.Kind == "" && t.link {
		e.Kind = Attacker // nobody spoofs a link
	}
	switch {
	case e.Kind != Attacker && e.Kind != Spoofed:
		doc.Errorf(pos, "the kind is %q; it has to be %s or %s", kind, Attacker, Spoofed)
	case t.host == "":
		doc.Errorf(pos, "%q is neither an address nor a domain nor the address of a page", value)
	default:
		if why := l.conflict(e, t); why != "" {
			l.refuse(e, why)
			return
		}
		l.enter(e, t)
	}
}

func (l *loader) enter(e Entry, t target) {
	switch {
	case t.address != "":
		l.lists.addresses[t.address] = e
	case t.page != "":
		l.lists.pages[t.page] = e
	default:
		l.lists.hosts[t.host] = e
	}
}

func (l *loader) refuse(e Entry, why string) {
	if len(l.lists.refused) == MaxRefused {
		l.lists.more++
		return
	}
	l.lists.refused = append(l.lists.refused, Refused{e, why})
}

// brand returns the id of the brand that a list names, by its id or by one of its
// names.
func (l *loader) brand(words string) string {
	if words == "" {
		return ""
	}
	if id, known := l.brands[words]; known {
		return id
	}
	id := ""
	if b, ok := l.catalogue.Brand(words); ok {
		id = b.ID
	} else {
		t := canon.Fold(words)
		if m := l.catalogue.Match(t); len(m) == 1 && m[0].Start == 0 && m[0].End == len(t.Folded) {
			id = m[0].Brand.ID
		}
	}
	l.brands[words] = id
	return id
}

// conflict tells why an entry must not hold; "" when nothing speaks against it. A
// spoofed address may be anybody's. An attacker's is never a brand's own, nor what
// everybody shares: there only a single address or page can be meant.
func (l *loader) conflict(e Entry, t target) string {
	if e.Kind == Spoofed && t.page == "" {
		return ""
	}
	single := t.address != "" || t.page != ""
	c := l.catalogue
	if owners := c.Owners(t.host); len(owners) > 0 && t.page == "" {
		return t.host + " is a domain of " + owners[0].Name + ", whose own mail it would stop"
	}
	shared := c.Mailbox(t.host) || c.TenantSpace(t.host) && c.Top(t.host) || c.MailService(t.host) || c.Redirector(t.host) || public(t.host) || len(c.Owners(t.host)) > 0
	if shared && !single {
		return t.host + " is shared by everybody; name a single address or page"
	}
	if t.page != "" && len(c.Owners(t.host)) > 0 && (e.Brand == "" || c.Leads(e.Brand, t.host)) {
		return "the page is on a site of " + c.Owners(t.host)[0].Name + " itself"
	}
	return ""
}
