package web

import (
	"context"
	"net/http"
	"slices"

	"sekisho/filter/campaign"
	"sekisho/policy"
)

// Campaigns are the incidents of the moment, and the groups of messages that make
// the same claim. It is a part of campaign.Watch.
type Campaigns interface {
	Incidents() []campaign.Incident // the newest first
	Groups() []campaign.Group       // the one seen last first
}

// campaignsData is the list. What it tells is of everybody's mail, so only admins
// see it.
type campaignsData struct {
	Incidents []incidentData
	Groups    []campaign.Group
	More      int // groups beyond those
}

type incidentData struct {
	campaign.Incident
	Over bool
	Rows []copyData
	More int // messages beyond those
}

// copyData is one message of an incident.
type copyData struct {
	Trace    string
	Earlier  bool // up to the alarm
	Verdicts []verdictCount
	Stored   bool
}

type verdictCount struct {
	Verdict policy.Verdict
	Count   int
}

func (s *Server) campaigns(w http.ResponseWriter, r *http.Request, who *caller) {
	d := campaignsData{}
	if s.opt.Campaigns != nil {
		for _, i := range s.opt.Campaigns.Incidents() {
			d.Incidents = append(d.Incidents, incidentData{Incident: i, Over: !i.Open(s.opt.Now())})
		}
		d.Groups = s.opt.Campaigns.Groups()
	}
	if len(d.Groups) > maxGroups {
		d.Groups, d.More = d.Groups[:maxGroups], len(d.Groups)-maxGroups
	}
	s.render(w, r, http.StatusOK, "campaigns", page{Title: "campaigns.title", Room: "campaigns", User: &who.User, Data: d})
}

// incident is the page of one: its first messages, those from before the alarm
// marked, with what became of them.
func (s *Server) incident(w http.ResponseWriter, r *http.Request, who *caller) {
	var all []campaign.Incident
	if s.opt.Campaigns != nil {
		all = s.opt.Campaigns.Incidents()
	}
	at := slices.IndexFunc(all, func(i campaign.Incident) bool { return i.ID == r.PathValue("incident") })
	if at < 0 {
		s.fail(w, r, http.StatusNotFound, "error.no-page", nil)
		return
	}
	d := incidentData{Incident: all[at], Over: !all[at].Open(s.opt.Now())}
	for n, trace := range d.Traces {
		row, err := s.copyOf(r.Context(), trace)
		if err != nil {
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		}
		row.Earlier = n < d.Before
		d.Rows = append(d.Rows, row)
	}
	d.More = max(0, d.Messages-len(d.Traces))
	s.render(w, r, http.StatusOK, "incident", page{Title: "incident.title", Room: "campaigns", User: &who.User, Data: d})
}

// copyOf asks the journal what became of a message.
func (s *Server) copyOf(ctx context.Context, trace string) (copyData, error) {
	c := copyData{Trace: trace}
	from, err := s.journal.open(ctx)
	if err != nil || from == nil {
		return c, err
	}
	records, err := from.Find(ctx, trace)
	if err != nil || len(records) == 0 || records[0].Trace != trace {
		return c, err
	}
	for _, v := range policy.Verdicts() {
		n := 0
		for _, rcpt := range records[0].Recipients {
			if rcpt.Verdict == v {
				n++
			}
		}
		if n > 0 {
			c.Verdicts = append(c.Verdicts, verdictCount{v, n})
		}
	}
	c.Stored = records[0].Stored != ""
	return c, nil
}

// incidentsOf are the incidents that a message is among the first ones of.
func (s *Server) incidentsOf(trace string) []string {
	var ids []string
	if s.opt.Campaigns == nil {
		return nil
	}
	for _, i := range s.opt.Campaigns.Incidents() {
		if slices.Contains(i.Traces, trace) {
			ids = append(ids, i.ID)
		}
	}
	return ids
}
