package daemon

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/mail"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/report"
	"sekisho/policy/brand"
)

const (
	reportsEvery = 30 * time.Second // how soon a report leaves that was approved
	firstReports = 2 * time.Second  // at most, after the start
)

// NewReports makes what reports phishing, as the daemon and the command both do. o has
// the store, the brands and the settings; end closes what is opened here.
func NewReports(cfg config.Config, o report.Options) (k *report.Keeper, end func(), err error) {
	records := &records{}
	if cfg.Journal.Keep > 0 {
		records.dir = cfg.Journal.Dir
	}
	o.Facts, o.Hostname = records.facts, cfg.Hostname
	k, err = report.New(o)
	return k, records.close, err
}

// ReportSettings are the settings as package report wants them.
func ReportSettings(cfg config.Config) (report.Settings, error) {
	r := cfg.Report
	s := report.Settings{Approval: report.Approval(r.Approval), PerDay: r.PerDay, ToOne: r.PerTarget, Abuse: map[string]string{}}
	for _, desk := range r.Abuse {
		s.Abuse[desk.Domain] = desk.Address
	}
	if r.From == "" {
		return s, nil
	}
	from, err := mail.ParseAddress(r.From)
	if err == nil {
		s.From = *from
	}
	return s, err
}

// openReports makes what reports phishing.
func (d *Daemon) openReports() (err error) {
	d.reports, d.endReports, err = NewReports(d.opt.Settings.Config, report.Options{
		Store: d.store, Brands: func() *brand.Catalogue { return d.set().Brands }, Settings: func() report.Settings { return *d.reportsBy.Load() },
		Version: d.opt.Version, Log: d.log.Named("report"), Registerer: d.registry,
	})
	return err
}

// reportBy makes the settings those of the next report. Load has checked them.
func (d *Daemon) reportBy(cfg config.Config) {
	s, err := ReportSettings(cfg)
	if err != nil && d.reportsBy.Load() != nil {
		d.log.Error("the settings of reports cannot be used, those before go on", zap.Error(err))
		return
	}
	d.reportsBy.Store(&s)
}

func reportPause(n int) time.Duration {
	if n == 0 {
		return rand.N(firstReports)
	}
	return reportsEvery
}

// sendReports sends what is approved.
func (d *Daemon) sendReports(ctx context.Context) {
	sent, err := d.reports.Round(ctx, *d.release.Load())
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		d.log.Error("reports wait", zap.Int("sent", sent), zap.String("problems", firstLines(err)))
	case sent > 0:
		d.log.Info("reports sent", zap.Int("sent", sent))
	}
}
