package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/dns"
	"sekisho/filter/gate"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/filter/session"
	"sekisho/filter/wire"
)

// Options are what a Daemon is made of.
type Options struct {
	ConfigPath string        // "" is the embedded defaults
	Config     config.Config // what was loaded from ConfigPath
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
	decided  *record.Metrics
	checker  *proof.Checker
	wire     *wire.Server
	admin    *admin
	sockets  *sockets
	judge    judge

	mu  sync.Mutex // held by Reload
	cfg config.Config
}

// New checks everything and opens sockets and folders. After an error nothing
// is left open. Run has to follow.
func New(opt Options) (_ *Daemon, err error) {
	d := &Daemon{opt: opt, log: opt.Log, cfg: opt.Config, registry: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	d.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	d.metrics = newMetrics(d.registry, opt.Version)
	d.decided = record.NewMetrics(d.registry)
	d.admin = newAdmin(d.registry, d.log)
	set, err := gate.LoadSet(1, d.cfg.Policy.Dir, d.cfg.Brands.Files)
	if err != nil {
		return nil, err
	}
	if err := d.build(); err != nil {
		return nil, err
	}
	d.install(d.cfg, set)
	if d.sockets, err = listen(d.cfg); err != nil {
		return nil, err
	}
	return d, nil
}

// build makes the parts that stay over reloads.
func (d *Daemon) build() (err error) {
	d.resolver, err = dns.New(dns.Options{Servers: d.cfg.DNS.Servers, Timeout: d.cfg.DNS.Timeout, Registerer: d.registry})
	if err != nil {
		return fmt.Errorf("dns: %w", err)
	}
	d.checker = proof.NewChecker(d.resolver, proof.Options{Registerer: d.registry})
	if err := os.MkdirAll(d.cfg.StateDir, 0o700); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	d.store, err = quarantine.Open(d.cfg.Quarantine.Dir, quarantine.Options{Registerer: d.registry})
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	sessions, err := session.New(session.Options{
		Judge:      &d.judge,
		Limits:     sessionLimits(d.cfg.Limits),
		Oversize:   session.Oversize(d.cfg.Limits.Oversize),
		Log:        d.log.Named("session"),
		Registerer: d.registry,
	})
	if err != nil {
		return err
	}
	d.wire, err = wire.New(wire.Options{
		NewSession: sessions.Session,
		Limits:     wire.Limits{Connections: d.cfg.Limits.Connections, MessageTime: d.cfg.MessageTime},
		Want:       milter.OptQuarantine,
		Log:        d.log.Named("wire"),
		Registerer: d.registry,
	})
	return err
}

func sessionLimits(l config.Limits) session.Limits {
	return session.Limits{MessageBytes: l.MessageBytes, HeaderBytes: l.HeaderBytes, HeaderFields: l.HeaderFields, Recipients: l.Recipients}
}

// install makes cfg and set the ones that judge messages.
func (d *Daemon) install(cfg config.Config, set *gate.Set) {
	d.opt.Level.SetLevel(logLevel(cfg.Log.Level))
	d.judge.swap(gate.New(set, gate.Options{
		AuthservID: cfg.AuthservID,
		Prover:     d.checker.Check,
		Store:      d.store,
		Logger:     record.NewLogger(d.log, cfg.Log.PersonalData),
		Metrics:    d.decided,
	}))
	d.metrics.generation.Set(float64(set.Generation))
}

// Run serves until ctx ends, then lets running messages finish within the
// shutdown time limit. It returns nil after an orderly end.
func (d *Daemon) Run(ctx context.Context) error {
	defer d.close()
	failed := make(chan error, len(d.sockets.milter)+1)
	for _, l := range d.sockets.milter {
		d.spawn("milter", func() { failed <- d.wire.Serve(l) })
		d.log.Info("listening for milter connections", zap.String("address", l.Addr().String()))
	}
	if l := d.sockets.admin; l != nil {
		d.spawn("admin", func() { failed <- d.admin.server.Serve(l) })
		d.log.Info("serving metrics", zap.String("url", "http://"+l.Addr().String()+"/metrics"))
	}
	d.admin.ready.Store(true)
	d.notifyReady()
	stopWatchdog := d.watchdog()
	defer stopWatchdog()

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
		cause = fmt.Errorf("listener ended: %w", cause)
	}
	return errors.Join(cause, d.shutdown())
}

// shutdown stops accepting, lets running messages finish, and closes.
func (d *Daemon) shutdown() error {
	d.admin.ready.Store(false)
	d.notifyStopping()
	d.mu.Lock()
	limit := d.cfg.ShutdownTime
	d.mu.Unlock()
	d.log.Info("stopping: running messages may finish", zap.Duration("limit", limit))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := d.wire.Shutdown(ctx)
	if e := d.admin.server.Shutdown(ctx); e != nil && !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	d.log.Info("stopped", zap.Error(err))
	return err
}

func (d *Daemon) close() {
	if d.sockets != nil {
		d.sockets.close()
	}
	if d.store != nil {
		if err := d.store.Close(); err != nil {
			d.log.Error("closing the quarantine", zap.Error(err))
		}
	}
}

// Addresses returns what the daemon listens on: milter sockets, and the admin
// address or "".
func (d *Daemon) Addresses() (milter []string, admin string) {
	for _, l := range d.sockets.milter {
		milter = append(milter, l.Addr().Network()+":"+l.Addr().String())
	}
	if d.sockets.admin != nil {
		admin = d.sockets.admin.Addr().String()
	}
	return milter, admin
}

// spawn starts a goroutine that cannot take the process down.
func (d *Daemon) spawn(name string, work func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				d.metrics.panics.WithLabelValues(name).Inc()
				d.log.Error("panic", zap.String("goroutine", name), zap.Any("value", p), zap.Stack("stack"))
			}
		}()
		work()
	}()
}
