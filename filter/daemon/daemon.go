package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"sekisho/filter/budget"
	"sekisho/filter/campaign"
	"sekisho/filter/config"
	"sekisho/filter/control"
	"sekisho/filter/daemon/watch"
	"sekisho/filter/digest"
	"sekisho/filter/dns"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
	"sekisho/filter/load"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/filter/report"
	"sekisho/filter/session"
	"sekisho/filter/stamp"
	"sekisho/filter/tally"
	"sekisho/filter/web"
	"sekisho/filter/wire"
)

// Options are what a Daemon is made of.
type Options struct {
	ConfigPath string   // what a reload reads; "" is the defaults
	Settings   Settings // what Load made of it
	Version    string
	Log        *zap.Logger
	Level      zap.AtomicLevel // of Log; a reload sets it
}

// Daemon is a running sekisho.
type Daemon struct {
	opt      Options
	log      *zap.Logger
	registry *prometheus.Registry
	metrics  *metrics
	resolver *dns.Resolver
	store    *quarantine.Store
	key      *stamp.Key // of stamps on what we send ourselves
	budgets  *budget.Keeper
	tally    *tally.Tally
	claims   *campaign.Watch
	journal  *journal.Journal // nil: nothing is recorded
	digests  *digest.Keeper
	reports  *report.Keeper
	decided  *record.Metrics
	checker  *proof.Checker
	load     *load.Meter
	wire     *wire.Server
	admin    *admin
	control  *control.Server
	web      *web.Server // nil when switched off
	sockets  *sockets

	// What a reload changes.
	judge        judge
	shutdownTime atomic.Int64 // nanoseconds
	release      atomic.Pointer[quarantine.ReleaseOptions]
	digestBy     atomic.Pointer[digest.Settings]
	endDigests   func() // closes what digests have opened
	reportsBy    atomic.Pointer[report.Settings]
	endReports   func() // closes what reports have opened

	copies chan struct{} // some are in the store

	watcher  watch.Watcher                 // of what a reload reads
	watching atomic.Pointer[config.Config] // says what and how often
	rewatch  chan struct{}                 // watching has changed

	reloading sync.Mutex // one at a time
	stopping  atomic.Bool
}

// New opens folders and sockets. After an error nothing is left open; else Run
// has to follow, which closes them.
func New(opt Options) (_ *Daemon, err error) {
	d := &Daemon{opt: opt, log: opt.Log, registry: prometheus.NewRegistry(), rewatch: make(chan struct{}, 1), copies: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	d.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	d.metrics = newMetrics(d.registry, opt.Version)
	d.decided = record.NewMetrics(d.registry)
	d.admin = newAdmin(d.registry, d.log, opt.Settings.Config.Admin.Profile)
	if err := d.build(); err != nil {
		return nil, err
	}
	d.control = d.newControl()
	if d.web, err = d.newWeb(opt.Settings.Config); err != nil {
		return nil, err
	}
	d.metrics.tested(&opt.Settings.tested)
	d.install(opt.Settings)
	d.watch(opt.Settings)
	if d.sockets, err = listen(opt.Settings.Config); err != nil {
		return nil, err
	}
	return d, nil
}

// build makes the parts that stay over reloads.
func (d *Daemon) build() (err error) {
	cfg := d.opt.Settings.Config
	d.resolver, err = dns.New(dns.Options{
		Servers: cfg.DNS.Servers, Timeout: cfg.DNS.Timeout, TrustAD: dns.TrustAD(cfg.DNS.TrustAD), Registerer: d.registry,
	})
	if err != nil {
		return err
	}
	d.checker = proof.NewChecker(d.resolver, proof.Options{Registerer: d.registry})
	if err := os.MkdirAll(cfg.StateDir, 0o700); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	d.store, err = OpenQuarantine(cfg.Quarantine, quarantine.Options{Registerer: d.registry})
	if err != nil {
		return err
	}
	// Also where releases go over a port of their own: the setting can change.
	if d.key, err = stamp.Open(cfg.ReleaseKey()); err != nil {
		return err
	}
	d.budgets, err = budget.Open(budget.Options{
		Source: d.store, File: filepath.Join(cfg.StateDir, "budget.json"), Log: d.log.Named("budget"), Registerer: d.registry,
	})
	if err != nil {
		return err
	}
	if d.tally, err = tally.Open(ExceptionsFile(cfg.StateDir)); err != nil {
		return err
	}
	d.claims, err = campaign.Open(campaign.Options{
		File: filepath.Join(cfg.StateDir, campaign.FileName), Log: d.log.Named("campaign"), Registerer: d.registry,
	})
	if err != nil {
		return err
	}
	d.journal = d.newJournal(cfg.Journal)
	if err := d.openDigests(); err != nil {
		return err
	}
	if err := d.openReports(); err != nil {
		return err
	}
	sessions, err := session.New(session.Options{
		Judge: &d.judge,
		Limits: session.Limits{
			MessageBytes: cfg.Limits.MessageBytes, HeaderBytes: cfg.Limits.HeaderBytes,
			HeaderFields: cfg.Limits.HeaderFields, Recipients: cfg.Limits.Recipients, MemoryBytes: cfg.Limits.MemoryBytes,
		},
		Oversize:   session.Oversize(cfg.Limits.Oversize),
		Overload:   d.judge.Overloaded,
		SameGroup:  d.sameGroup(cfg.Policy),
		Log:        d.log.Named("session"),
		Registerer: d.registry,
	})
	if err != nil {
		return err
	}
	d.load = load.New(load.Options{
		Turns: cfg.Limits.Turns, Wait: cfg.Limits.ShedWait, Full: sessions.Full, Memory: float64(cfg.Limits.ShedMemory) / 100, Registerer: d.registry,
	})
	d.wire, err = wire.New(wire.Options{
		NewSession: sessions.Session,
		Limits:     wire.Limits{Connections: cfg.Limits.Connections, MessageTime: cfg.MessageTime},
		AskRcpt:    cfg.Policy.Single,
		Log:        d.log.Named("wire"),
		Registerer: d.registry,
	})
	return err
}

// install makes s what judges messages from now on.
func (d *Daemon) install(s Settings) {
	d.opt.Level.SetLevel(logLevel(s.Config.Log.Level))
	d.shutdownTime.Store(int64(s.Config.ShutdownTime))
	d.release.Store(d.releaseTo(s.Config))
	d.tellBy(s.Config)
	d.reportBy(s.Config)
	d.judge.gate.Store(gate.New(s.Set, gate.Options{
		AuthservID: s.Config.AuthservID,
		Prover:     d.checker.Prover(rules(s)),
		Store:      d.store,
		Key:        d.key,
		Redeemer:   d.store,
		Split:      s.Config.Policy.Split,
		Advice:     adviceURL(s.Config),
		Copied:     d.copied,
		Logger:     record.NewLogger(d.log, s.Config.Log.PersonalData),
		Metrics:    d.decided,
		Load:       d.load,
		Softened:   d.budgets.Softened,
		Tally:      d.tally,
		Recorder:   d.recorder(),
		Campaigns:  d.claims,
		Shadow:     d.shadow(s),
	}))
	d.decided.Policies(append(s.Set.Policies.Domains(), s.Set.Policies.Default().Name()))
	d.metrics.generation.Set(float64(s.Set.Generation))
	d.warnOfTests(&s)
	d.tellRefused(s.Set.Lists)
	if expired := s.Set.Policies.Expired(time.Now()); len(expired) > 0 {
		d.log.Warn("forwarders and exceptions that have expired are of no effect", zap.Strings("entries", shortened(expired)))
	}
}

// rules are what settings and policies say about how messages are proved.
func rules(s Settings) proof.Rules {
	r := proof.Rules{ARC: s.Set.Policies.TrustsSealers()}
	for _, g := range s.Config.Gateways {
		r.Gateways = append(r.Gateways, proof.Gateway{AuthservID: g.AuthservID, Networks: g.Networks})
	}
	return r
}

// Run serves until ctx ends, then lets running messages finish within the
// shutdown time. Each signal on reload, which may be nil, is a Reload. Run
// returns nil after an orderly end.
func (d *Daemon) Run(ctx context.Context, reload <-chan os.Signal) error {
	defer d.close()
	running, stop := context.WithCancel(context.Background())
	defer stop()
	stopJournal := d.runJournal()
	defer stopJournal() // after the last message
	failed := d.serve()
	d.admin.ready.Store(true)
	d.watchdog(running)
	swept := d.again(running, inSweeper, sweepPause, d.sweep)
	counted := d.again(running, inBudget, budgetPause, d.countBudgets)
	defer d.saveTally(running)
	sent := d.sendCopies(running)
	saved := d.saveIncidents(running)
	told := d.again(running, inDigest, digestPause, d.sendDigests)
	reported := d.again(running, inReport, reportPause, d.sendReports)
	defer func() {
		stop()
		<-swept
		<-counted
		<-sent
		<-saved
		<-told
		<-reported
	}() // the store is closed next
	d.spawn(inReload, func() {
		for {
			select {
			case <-reload:
				_ = d.Reload() // logged and counted there
			case <-running.Done():
				return
			}
		}
	})
	d.spawn(inWatch, func() { d.keepWatch(running) })
	d.log.Info("ready", zap.String("version", d.opt.Version), zap.String("status", d.status()))
	d.notifyReady(d.status())

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	return errors.Join(cause, d.shutdown())
}

// serve runs a server on each socket. However one ends, failed hears of it.
func (d *Daemon) serve() (failed <-chan error) {
	ended := make(chan error, len(d.sockets.milter)+len(d.sockets.admin)+2)
	start := func(name goroutine, l net.Listener, serve func(net.Listener) error) {
		d.log.Info("listening", zap.String("for", string(name)), zap.String("socket", socketName(l)))
		d.spawn(name, func() {
			err := errors.New("panic")
			defer func() { ended <- fmt.Errorf("%s on %s ended: %w", name, socketName(l), err) }()
			err = serve(l)
		})
	}
	for _, l := range d.sockets.milter {
		start(inMilter, l, d.wire.Serve)
	}
	for _, l := range d.sockets.admin {
		start(inAdmin, l, d.admin.server.Serve)
	}
	if d.sockets.control != nil {
		start(inControl, d.sockets.control, d.control.Serve)
	}
	if d.web != nil {
		start(inWeb, d.sockets.web, d.web.Serve)
	}
	return ended
}

// shutdown stops accepting, lets running messages finish, and closes.
func (d *Daemon) shutdown() error {
	d.stopping.Store(true)
	d.admin.ready.Store(false)
	d.notifyStopping()
	limit := time.Duration(d.shutdownTime.Load())
	d.log.Info("stopping, running messages may finish", zap.Stringer("limit", limit))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := d.wire.Shutdown(ctx)
	d.admin.close()
	d.closeControl()
	d.closeWeb()
	d.log.Info("stopped", zap.Error(err))
	return err
}

func (d *Daemon) close() {
	if d.sockets != nil {
		d.sockets.close()
	}
	if d.endDigests != nil {
		d.endDigests()
	}
	if d.endReports != nil {
		d.endReports()
	}
	if d.store != nil {
		if err := d.store.Close(); err != nil {
			d.log.Error("closing the quarantine", zap.Error(err))
		}
	}
	if d.resolver != nil {
		d.resolver.Close()
	}
}

// Addresses returns what the daemon listens on, as tcp:host:port or unix:/path.
func (d *Daemon) Addresses() (milter, admin []string) {
	for _, l := range d.sockets.milter {
		milter = append(milter, socketName(l))
	}
	for _, l := range d.sockets.admin {
		admin = append(admin, socketName(l))
	}
	return milter, admin
}

func socketName(l net.Listener) string { return l.Addr().Network() + ":" + l.Addr().String() }

// spawn starts a goroutine that cannot take the process down.
func (d *Daemon) spawn(name goroutine, work func()) {
	go func() { _ = d.guard(name, work) }()
}

// guard turns a panic of work into an error; it is counted and logged.
func (d *Daemon) guard(name goroutine, work func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			d.metrics.panics.WithLabelValues(string(name)).Inc()
			d.log.Error("panic", zap.String("goroutine", string(name)), zap.Any("value", p), zap.Stack("stack"))
			err = fmt.Errorf("panic in %s: %v", name, p)
		}
	}()
	work()
	return nil
}
