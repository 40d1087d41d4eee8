package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"sekisho/filter/daemon"
)

type runCmd struct {
	Config string `placeholder:"FILE" help:"Settings file; every setting has a default."`
}

func (c *runCmd) Run() error {
	daemon.TuneMemory()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	ctx, stop := untilSignal()
	defer stop()

	settings, err := daemon.Load(c.Config)
	if err != nil {
		return usage{err}
	}
	log, level, err := daemon.NewLog(settings.Config.Log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	d, err := daemon.New(daemon.Options{ConfigPath: c.Config, Settings: settings, Version: version, Log: log, Level: level})
	if err != nil {
		return err
	}
	greet(os.Stdout, d)
	return d.Run(ctx, hangup)
}

// untilSignal returns a context that ends at the first SIGINT or SIGTERM. By then
// the signals have their ordinary effect again: a second one ends the process at
// once.
func untilSignal() (ctx context.Context, stop context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals)
		cancel()
	}()
	return ctx, cancel
}

// greet tells how to attach Postfix to the daemon.
func greet(w io.Writer, d *daemon.Daemon) {
	milters, admins := d.Addresses()
	for i, m := range milters {
		if address, ok := strings.CutPrefix(m, "tcp:"); ok {
			milters[i] = "inet:" + reachable(address)
		}
	}
	fmt.Fprintf(w, "Add to Postfix (main.cf), then run: postfix reload\n\n")
	fmt.Fprintf(w, "    smtpd_milters = %s\n    milter_default_action = tempfail\n\n", strings.Join(milters, ", "))
	for _, a := range admins {
		if address, ok := strings.CutPrefix(a, "tcp:"); ok {
			fmt.Fprintf(w, "Metrics: http://%s/metrics\n", reachable(address))
		}
	}
}

// reachable turns a wildcard address into one that a client on this host can use.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
