package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"sekisho/filter/quarantine"
	"sekisho/filter/report"
	"sekisho/filter/web/account"
)

// Reports tell those who can do something about a phishing message. It is
// report.Keeper's.
type Reports interface {
	Ask(ctx context.Context, item, by string, as quarantine.Role) ([]report.Asked, error)
	Preview(ctx context.Context, id string) (report.Preview, error)
	Approve(ctx context.Context, id, seen, by string) (quarantine.Report, error)
	Draft(ctx context.Context, item, desk string) ([]byte, error)
}

// ask makes the reports of an item that the caller sees.
func (s *Server) ask(ctx context.Context, who *caller, id string) (asked []report.Asked, err error) {
	err = s.act(ctx, who, id, "report", func(it quarantine.Item) error {
		if s.opt.Reports == nil {
			return report.ErrOff
		}
		done, err := s.turn(ctx) // one that needs no approval is written at once
		if err != nil {
			return err
		}
		defer done()
		asked, err = s.opt.Reports.Ask(context.WithoutCancel(ctx), it.ID, who.Name, who.Role)
		return err
	})
	for i := range asked {
		if r := asked[i].Report; r != nil && !mayDecide(&who.User, *r) {
			// It may have been asked for by others, about a message to others.
			asked[i].Report = &quarantine.Report{ID: r.ID, Kind: r.Kind, Target: r.Target, State: r.State, Made: r.Made, Changed: r.Changed, Items: r.Items}
		}
	}
	return asked, err
}

// reportFor returns a report that the user may decide about. Else there is none.
func (s *Server) reportFor(ctx context.Context, u *account.User, id string) (quarantine.Report, error) {
	r, err := s.opt.Store.ReportOf(ctx, id)
	if err == nil && !mayDecide(u, r) {
		return quarantine.Report{}, quarantine.ErrNoReport
	}
	return r, err
}

func mayDecide(u *account.User, r quarantine.Report) bool {
	domains, all := u.Reach()
	return staff.lets(u.Role) && (all || slices.Contains(domains, r.Domain))
}

// reports are those that the user may decide about, newest first.
func (s *Server) reports(ctx context.Context, u *account.User, state quarantine.ReportState) ([]quarantine.Report, error) {
	f := quarantine.ReportFilter{State: state, Limit: maxShownReports}
	domains, all := u.Reach()
	if !all {
		if f.Domains = domains; len(domains) == 0 {
			return nil, nil // no scope is no report, and not every report
		}
	}
	found, err := s.opt.Store.Reports(ctx, f)
	return slices.DeleteFunc(found, func(r quarantine.Report) bool { return !mayDecide(u, r) }), err
}

// reportsOf are those of an item that the user may decide about.
func (s *Server) reportsOf(ctx context.Context, u *account.User, item string) ([]quarantine.Report, error) {
	if !staff.lets(u.Role) {
		return nil, nil
	}
	found, err := s.opt.Store.Reports(ctx, quarantine.ReportFilter{Item: item})
	return slices.DeleteFunc(found, func(r quarantine.Report) bool { return !mayDecide(u, r) }), err
}

// decide does something about a report, which is written down as one about its item.
func (s *Server) decide(ctx context.Context, who *caller, id, action string, do func() error) error {
	r, err := s.reportFor(ctx, &who.User, id)
	if err != nil {
		return err
	}
	e := event{User: who.Name, Role: string(who.Role), Via: who.via, From: who.from, Action: action + " " + r.ID, Item: r.Item, Outcome: "begun"}
	if err := s.audit.write(e); err != nil {
		return err
	}
	err = do()
	e.Outcome = "done"
	if err != nil {
		e.Outcome, e.Note = "failed", err.Error()
	}
	s.metrics.actions.WithLabelValues(action, e.Outcome).Inc()
	if wrong := s.audit.write(e); wrong != nil {
		s.opt.Log.Error("the outcome of an action is not in the audit log: " + wrong.Error())
	}
	return err
}

func (s *Server) doApprove(ctx context.Context, who *caller, id, seen string) error {
	return s.decide(ctx, who, id, "approve-report", func() error {
		switch {
		case s.opt.Reports == nil:
			return report.ErrOff
		case seen == "":
			return errNotSeen // a program has to have read it, too
		}
		done, err := s.turn(ctx)
		if err != nil {
			return err
		}
		defer done()
		_, err = s.opt.Reports.Approve(context.WithoutCancel(ctx), id, seen, who.Name)
		return err
	})
}

func (s *Server) doDrop(ctx context.Context, who *caller, id string) error {
	return s.decide(ctx, who, id, "drop-report", func() error {
		_, err := s.opt.Store.DropReport(context.WithoutCancel(ctx), id, who.Name)
		return err
	})
}

// preview is a report that the caller may decide about, as it would leave.
func (s *Server) preview(ctx context.Context, who *caller, id string) (report.Preview, error) {
	if s.opt.Reports == nil {
		return report.Preview{}, report.ErrOff
	}
	if _, err := s.reportFor(ctx, &who.User, id); err != nil {
		return report.Preview{}, err
	}
	done, err := s.turn(ctx)
	if err != nil {
		return report.Preview{}, err
	}
	defer done()
	return s.opt.Reports.Preview(ctx, id)
}

// reportError is the status and the text for an error of reports; "" for none of them.
func reportError(err error) (status int, key string) {
	switch {
	case errors.Is(err, report.ErrOff):
		return http.StatusConflict, "error.reports-off"
	case errors.Is(err, report.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, "error.report-large"
	case errors.Is(err, report.ErrChanged), errors.Is(err, errNotSeen):
		return http.StatusConflict, "error.report-changed"
	case errors.Is(err, report.ErrNoDesk):
		return http.StatusNotFound, "error.no-page"
	case errors.Is(err, quarantine.ErrNoReport):
		return http.StatusNotFound, "error.no-report"
	case errors.Is(err, quarantine.ErrReportMoved):
		return http.StatusConflict, "error.report-moved"
	}
	return 0, ""
}
