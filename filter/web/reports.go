package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/report"
)

// askedData is what came of asking for reports of an item.
type askedData struct {
	Item  string
	Asked []report.Asked
	Pages []string // where the brand takes reports from people
	Desks []report.Desk
}

func (s *Server) askReport(w http.ResponseWriter, r *http.Request, who *caller) {
	id := r.PathValue("id")
	asked, err := s.ask(r.Context(), who, id)
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	d := askedData{Item: id, Asked: asked}
	if it, err := s.item(r.Context(), &who.User, id); err == nil {
		if b, ok := s.opt.Set().Brands.Brand(it.Brand); ok {
			d.Pages = b.ReportPages
		}
	}
	if staff.lets(who.Role) {
		if d.Desks, err = report.Desks(); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		}
	}
	s.render(w, r, http.StatusOK, "asked", page{Title: "asked.title", Room: "list", User: &who.User, Data: d})
}

// reportDraft is a message to a national desk, which a person opens and sends.
func (s *Server) reportDraft(w http.ResponseWriter, r *http.Request, who *caller) {
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err == nil && s.opt.Reports == nil {
		err = report.ErrOff
	}
	var done func()
	if err == nil {
		done, err = s.turn(r.Context())
	}
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	raw, err := s.opt.Reports.Draft(r.Context(), it.ID, r.PathValue("desk"))
	done()
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	file(w, "report-"+it.ID, raw)
}

// file answers with a message, as a file: no browser shows it.
func file(w http.ResponseWriter, name string, raw []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Security-Policy", framePolicy)
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(fileChar, name)+`.eml"`)
	_, _ = w.Write(raw)
}

// reportsData is what the list of reports shows.
type reportsData struct {
	State   quarantine.ReportState
	States  []quarantine.ReportState
	Reports []quarantine.Report
	Off     bool
}

// reportStates are all states, in the order in which a report goes through them.
func reportStates() []quarantine.ReportState {
	return []quarantine.ReportState{quarantine.Draft, quarantine.Approved, quarantine.Sending, quarantine.Sent, quarantine.Refused, quarantine.Dropped}
}

func (s *Server) reportList(w http.ResponseWriter, r *http.Request, who *caller) {
	d := reportsData{States: reportStates(), State: reportState(r.FormValue("state")), Off: s.opt.Reports == nil}
	var err error
	if d.Reports, err = s.reports(r.Context(), &who.User, d.State); err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	s.render(w, r, http.StatusOK, "reports", page{Title: "reports.title", Room: "reports", User: &who.User, Data: d})
}

// reportState is a state by its name; "" for none.
func reportState(name string) quarantine.ReportState {
	for _, one := range reportStates() {
		if string(one) == name {
			return one
		}
	}
	return ""
}

// reportData is what the page of a report shows.
type reportData struct {
	quarantine.Report
	Preview *report.Preview // nil where its message is gone
	Text    string
	Fields  string
	Message string // source of the message, what fits
	Cut     bool
	View    *view // of the message, as its reader has it
}

func (s *Server) reportPage(w http.ResponseWriter, r *http.Request, who *caller) {
	one, err := s.reportFor(r.Context(), &who.User, r.PathValue("report"))
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	d := reportData{Report: one}
	switch p, err := s.preview(r.Context(), who, one.ID); {
	case errors.Is(err, quarantine.ErrErased), errors.Is(err, quarantine.ErrNotFound), errors.Is(err, quarantine.ErrCorrupt), errors.Is(err, report.ErrOff):
	case err != nil:
		s.failAction(w, r, err)
		return
	default:
		d.Preview, d.Text, d.Fields = &p, visibleLines(p.Text), visibleLines(p.Fields)
		d.Message, d.Cut = cut(p.Evidence, maxShownText)
		d.Message = visibleLines(d.Message)
		if h, body, err := mail.ReadFile(strings.NewReader(p.Evidence)); err == nil && len(body) > 0 {
			d.View = newView(mail.Parse(h, body))
		}
	}
	s.render(w, r, http.StatusOK, "report", page{Title: "report.title", Room: "reports", User: &who.User, Data: d})
}

// visibleLines is visible for a text of several lines.
func visibleLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = visible(l)
	}
	return strings.Join(lines, "\n")
}

func (s *Server) reportMessage(w http.ResponseWriter, r *http.Request, who *caller) {
	p, err := s.preview(r.Context(), who, r.PathValue("report"))
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	file(w, "report-"+p.Report.ID, p.Message)
}

func (s *Server) approveReport(w http.ResponseWriter, r *http.Request, who *caller) {
	err := s.doApprove(r.Context(), who, r.PathValue("report"), r.PostFormValue("seen"))
	s.after(w, r, "/reports/"+r.PathValue("report"), err)
}

func (s *Server) dropReport(w http.ResponseWriter, r *http.Request, who *caller) {
	s.after(w, r, "/reports/"+r.PathValue("report"), s.doDrop(r.Context(), who, r.PathValue("report")))
}

// The API.

type (
	apiAsked struct {
		Reports []report.Asked `json:"reports"`
	}
	apiReports struct {
		Reports []quarantine.Report `json:"reports"`
	}
	apiReport struct {
		quarantine.Report
		Sum string `json:"sum,omitempty"` // for approve; "" where its message is gone
	}
	apiApprove struct {
		Sum string `json:"sum"`
	}
)

func (s *Server) apiAskReport(w http.ResponseWriter, r *http.Request, who *caller) {
	asked, err := s.ask(r.Context(), who, r.PathValue("id"))
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	answer(w, http.StatusOK, apiAsked{asked})
}

func (s *Server) apiReportList(w http.ResponseWriter, r *http.Request, who *caller) {
	found, err := s.reports(r.Context(), &who.User, reportState(r.FormValue("state")))
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	answer(w, http.StatusOK, apiReports{append([]quarantine.Report{}, found...)})
}

func (s *Server) apiReportShow(w http.ResponseWriter, r *http.Request, who *caller) {
	s.answerReport(w, r, who, nil)
}

func (s *Server) apiApproveReport(w http.ResponseWriter, r *http.Request, who *caller) {
	var q apiApprove
	if s.question(w, r, &q) {
		s.answerReport(w, r, who, s.doApprove(r.Context(), who, r.PathValue("report"), q.Sum))
	}
}

func (s *Server) apiDropReport(w http.ResponseWriter, r *http.Request, who *caller) {
	s.answerReport(w, r, who, s.doDrop(r.Context(), who, r.PathValue("report")))
}

// answerReport answers with a report as it is now, or tells what went wrong.
func (s *Server) answerReport(w http.ResponseWriter, r *http.Request, who *caller, err error) {
	one, found := s.reportFor(r.Context(), &who.User, r.PathValue("report"))
	if err = cmp.Or(err, found); err != nil {
		s.failAction(w, r, err)
		return
	}
	out := apiReport{Report: one}
	if p, err := s.preview(r.Context(), who, one.ID); err == nil {
		out.Sum = p.Sum
	}
	answer(w, http.StatusOK, out)
}
