package web

import (
	"errors"
	"net/http"
	"slices"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/mail/charset"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

// entryData is what the page of an item shows.
type entryData struct {
	quarantine.Item
	View       *view // nil when the message is erased or damaged
	Damaged    bool
	Facts      *fact.Facts // nil when the journal does not have them
	BrandName  string
	Claims     []claimData
	Proved     []string // domains, aligned ones first
	Findings   []findingData
	Advice     advice
	MayRelease bool
	Deliverer  bool // there is a server that takes released messages
	Exception  exceptionForm
	Reports    []quarantine.Report // of this message, that the user may decide about
	Reporting  bool                // reports are made
}

type claimData struct{ Brand, Place, Seen string }

type findingData struct{ Name, Meaning, Why string }

func (s *Server) entry(w http.ResponseWriter, r *http.Request, who *caller) {
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	d := entryData{Item: it, MayRelease: mayRelease(&it, &who.User)}
	d.Deliverer = s.opt.Release().Addr != ""
	if it.State != quarantine.Erased {
		m, err := s.message(r.Context(), &it)
		switch {
		case errors.Is(err, quarantine.ErrErased):
		case errors.Is(err, quarantine.ErrCorrupt):
			d.Damaged = true
		case err != nil:
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		default:
			d.View = newView(m)
		}
	}
	if d.Facts, err = s.journal.facts(r.Context(), it.Trace); err != nil {
		s.opt.Log.Warn("the journal cannot be read: a page lacks what it would say")
	}
	lang := s.pages.language(r)
	s.explain(&d, lang)
	d.Exception = s.exceptionForm(&d)
	d.Reporting = s.opt.Reports != nil
	if d.Reports, err = s.reportsOf(r.Context(), &who.User, it.ID); err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	s.render(w, r, http.StatusOK, "entry", page{Title: "entry.title", Room: "list", User: &who.User, Data: d})
}

// explain says who the message claims to be, who it is proved to be, why it is held
// and what to do.
func (s *Server) explain(d *entryData, lang string) {
	set := s.opt.Set()
	name := func(id string) string {
		if b, ok := set.Brands.Brand(id); ok {
			return b.Name
		}
		return id
	}
	var b *brand.Brand
	if known, ok := set.Brands.Brand(d.Brand); ok {
		b = known
	}
	d.BrandName = name(d.Brand)
	d.Advice = newAdvice(b, lang)
	why := map[string]string{}
	if f := d.Facts; f != nil {
		for _, c := range f.Claim.All {
			if c.Strength == "mention" || len(d.Claims) == maxShownParts {
				continue
			}
			seen, _ := cut(c.Seen, maxShownField)
			d.Claims = append(d.Claims, claimData{name(c.Brand), c.Place, defanged(seen)})
		}
		for _, aligned := range []bool{true, false} {
			for _, id := range f.Proof.Identities {
				if id.Aligned == aligned && !slices.Contains(d.Proved, id.Domain) {
					d.Proved = append(d.Proved, id.Domain)
				}
			}
		}
		for _, one := range f.Found {
			why[string(one.Name)] = defanged(one.Why)
		}
	}
	names := d.Item.Findings
	if len(names) == 0 && d.Cause != "" {
		names = []string{d.Cause}
	}
	for _, n := range names {
		meaning := finding.Name(n).Meaning()
		if key := "finding." + n; lang != english && s.pages.texts[lang][key] != "" {
			meaning = s.pages.texts[lang][key]
		}
		d.Findings = append(d.Findings, findingData{n, meaning, why[n]})
	}
}

// failStore answers an error of the store.
func (s *Server) failStore(w http.ResponseWriter, r *http.Request, err error) {
	status, key := storeError(err)
	if status == http.StatusInternalServerError {
		s.fail(w, r, status, key, err)
		return
	}
	s.fail(w, r, status, key, nil)
}

// storeError is the status and the text for an error of the store.
func storeError(err error) (status int, key string) {
	switch {
	case errors.Is(err, quarantine.ErrNotFound):
		return http.StatusNotFound, "error.no-item"
	case errors.Is(err, quarantine.ErrErased):
		return http.StatusGone, "error.erased"
	case errors.Is(err, quarantine.ErrPending):
		return http.StatusConflict, "error.pending"
	case errors.Is(err, quarantine.ErrRole):
		return http.StatusForbidden, "error.role"
	case errors.Is(err, quarantine.ErrCorrupt):
		return http.StatusInternalServerError, "error.damaged"
	}
	return http.StatusInternalServerError, "error.internal"
}

// frame is the message's HTML, for the frame of its page.
func (s *Server) frame(w http.ResponseWriter, r *http.Request, who *caller) {
	w.Header().Set("Content-Security-Policy", framePolicy)
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	m, err := s.message(r.Context(), &it)
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	text := ""
	if m != nil {
		if p := htmlPart(m); p != nil {
			text, _ = charset.Decode(p.Data, p.Charset)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(harmless(text)))
}

// download is the original message, as a file: no browser shows it.
func (s *Server) download(w http.ResponseWriter, r *http.Request, who *caller) {
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	done, err := s.turn(r.Context())
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	raw, err := s.opt.Store.Message(r.Context(), it.ID)
	done() // whoever takes the bytes slowly holds nobody up
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	file(w, it.ID, raw)
}

func fileChar(r rune) rune {
	if r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
		return r
	}
	return '_'
}
