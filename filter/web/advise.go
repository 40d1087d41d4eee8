package web

import (
	"net/http"

	"sekisho/policy/brand"
)

// adviceData is what the page of advice shows: to anybody, since whom a message fools
// has no account here.
type adviceData struct {
	Advice advice
	Name   string      // of the brand; "" for no certain one
	Brands []brandData // that take reports
}

func (s *Server) advise(w http.ResponseWriter, r *http.Request, _ *caller) {
	brands := s.opt.Set().Brands
	d := adviceData{}
	var b *brand.Brand
	if id := r.PathValue("brand"); id != "" {
		known, ok := brands.Brand(id)
		if !ok {
			s.fail(w, r, http.StatusNotFound, "error.no-page", nil)
			return
		}
		b, d.Name = known, known.Name
	}
	d.Advice = newAdvice(b, s.pages.language(r))
	for known := range brands.All() {
		if len(known.ReportMail)+len(known.ReportPages) > 0 {
			d.Brands = append(d.Brands, brandData{known.ID, known.Name})
		}
	}
	s.render(w, r, http.StatusOK, "advice", page{Title: "advice.title", Data: d})
}
