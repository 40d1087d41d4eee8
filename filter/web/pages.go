package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"

	"sekisho/filter/web/account"
)

//go:embed pages/*.html text/*.json static/*
var files embed.FS

const (
	english  = "en"
	japanese = "ja"

	languageCookie = "sekisho-language"
)

// pages are the templates of both languages.
type pages struct {
	texts     map[string]map[string]string // language -> key -> text
	templates map[string]map[string]*template.Template
	static    map[string][]byte
	matcher   language.Matcher
}

// page is what a template gets. render fills in what all pages have.
type page struct {
	Title string // key of a text
	Data  any

	Lang  string
	User  *account.User // nil for nobody
	Staff bool
	Admin bool
	Here  string // path of the page, for the switch of languages
	Room  string // which part of the navigation it belongs to
}

func newPages() (*pages, error) {
	p := &pages{
		texts: map[string]map[string]string{}, templates: map[string]map[string]*template.Template{}, static: map[string][]byte{},
		matcher: language.NewMatcher([]language.Tag{language.English, language.Japanese}),
	}
	bodies, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, lang := range []string{english, japanese} {
		text, err := files.ReadFile("text/" + lang + ".json")
		if err != nil {
			return nil, err
		}
		texts := map[string]string{}
		if err := json.Unmarshal(text, &texts); err != nil {
			return nil, fmt.Errorf("text/%s.json: %w", lang, err)
		}
		p.texts[lang], p.templates[lang] = texts, map[string]*template.Template{}
		for _, body := range bodies {
			name := strings.TrimSuffix(strings.TrimPrefix(body, "pages/"), ".html")
			if name == "layout" {
				continue
			}
			t, err := template.New("layout.html").Funcs(p.functions(lang)).ParseFS(files, "pages/layout.html", "pages/chart.html", "pages/steps.html", body)
			if err != nil {
				return nil, err
			}
			p.templates[lang][name] = t
		}
	}
	names, err := fs.Glob(files, "static/*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if p.static[strings.TrimPrefix(name, "static/")], err = files.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// text is a text in a language; a key that is not there is shown as it is, and a
// test holds that there is none.
func (p *pages) text(lang, key string, args ...any) string {
	text, ok := p.texts[lang][key]
	if !ok {
		return key
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// has reports whether there is a text; where there is one language has it, both do.
func (p *pages) has(key string) bool {
	_, ok := p.texts[english][key]
	return ok
}

func (p *pages) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":   func(key string, args ...any) string { return p.text(lang, key, args...) },
		"has": p.has,
		"time": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.Local().Format("2006-01-02 15:04")
		},
		"stamp":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"visible": visible,
		"size":    size,
		"query":   url.QueryEscape,
		"add":     func(a, b int) int { return a + b },
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

// language chooses by the switch, or else by the browser.
func (p *pages) language(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == english || c.Value == japanese) {
		return c.Value
	}
	if tag, _ := language.MatchStrings(p.matcher, r.Header.Get("Accept-Language")); strings.HasPrefix(tag.String(), japanese) {
		return japanese
	}
	return english
}

// render writes a page, whole or not at all.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Lang = s.pages.language(r)
	p.Here = r.URL.RequestURI()
	if r.Method != http.MethodGet {
		p.Here = "/"
		if token := r.PathValue("token"); token != "" {
			p.Here = "/l/" + url.PathEscape(token)
		}
	}
	if p.User != nil {
		p.Staff, p.Admin = staff.lets(p.User.Role), adminOnly.lets(p.User.Role)
	}
	var b bytes.Buffer
	if err := s.pages.templates[p.Lang][name].Execute(&b, p); err != nil {
		panic(err) // guarded answers
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang)
	h.Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// language is the switch. It is a POST like all that has an effect.
func (s *Server) language(w http.ResponseWriter, r *http.Request, _ *caller) {
	lang := english
	if r.PostFormValue("to") == japanese {
		lang = japanese
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600})
	http.Redirect(w, r, localPath(r.PostFormValue("here")), http.StatusSeeOther)
}

func (s *Server) static(w http.ResponseWriter, r *http.Request, _ *caller) {
	name := r.PathValue("file")
	text, ok := s.pages.static[name]
	if !ok {
		s.fail(w, r, http.StatusNotFound, "error.no-page", nil)
		return
	}
	kinds := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	w.Header().Set("Content-Type", kinds[name[strings.LastIndexByte(name, '.')+1:]])
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(text)
}
