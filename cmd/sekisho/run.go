package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"sekisho/filter/config"
	"sekisho/filter/daemon"
)

type runCmd struct {
	Config string `type:"existingfile" placeholder:"FILE" help:"Settings; every setting has a default."`
}

func (c *runCmd) Run() error {
	cfg := config.Default()
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config); err != nil {
			return usage{err}
		}
	}
	log, level, err := daemon.NewLog(cfg.Log)
	if err != nil {
		return usage{err}
	}
	defer func() { _ = log.Sync() }()
	d, err := daemon.New(daemon.Options{ConfigPath: c.Config, Config: cfg, Version: version, Log: log, Level: level})
	if err != nil {
		return usage{err}
	}
	greet(d)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	go func() {
		for range hup {
			_ = d.Reload() // logged and counted there
		}
	}()
	return d.Run(ctx)
}

// greet tells a person at a terminal how to attach Postfix.
func greet(d *daemon.Daemon) {
	milters, admin := d.Addresses()
	for i, m := range milters {
		network, address, _ := strings.Cut(m, ":")
		if network == "tcp" {
			milters[i] = "inet:" + reachable(address)
		}
	}
	fmt.Printf("Add to Postfix (main.cf), then run: postfix reload\n\n")
	fmt.Printf("    smtpd_milters = %s\n    milter_default_action = tempfail\n\n", strings.Join(milters, ", "))
	if admin != "" {
		fmt.Printf("Metrics: http://%s/metrics\n", reachable(admin))
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
