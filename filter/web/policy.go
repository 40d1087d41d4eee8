package web

import (
	"net/http"
	"slices"
	"strings"

	"sekisho/policy"
)

// policyData is the effective policy of an address.
type policyData struct {
	Address string
	Own     []string // to choose from
	Name    string
	Group   string
	Lines   []policy.Line
	Denied  bool // somebody else's address
}

func (s *Server) policy(w http.ResponseWriter, r *http.Request, who *caller) {
	d := policyData{Address: strings.TrimSpace(r.FormValue("address")), Own: slices.Clone(who.Addresses)}
	if len(d.Address) > maxQuery {
		d.Address = ""
	}
	if d.Address == "" && len(who.Addresses) > 0 {
		d.Address = who.Addresses[0]
	}
	status := http.StatusOK
	if d.Address != "" {
		if d.Denied = !who.Sees(d.Address); d.Denied {
			status = http.StatusForbidden
		} else {
			d.read(s.opt.Set().Policies.For(d.Address), s)
		}
	}
	s.render(w, r, status, "policy", page{Title: "policy.title", Room: "policy", User: &who.User, Data: d})
}

func (d *policyData) read(p *policy.Policy, s *Server) {
	d.Name, d.Group = p.Name(), p.Group()
	for line := range p.Lines(s.opt.Now()) {
		if len(d.Lines) == maxPolicyLines {
			return
		}
		d.Lines = append(d.Lines, line)
	}
}
