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
	milters, admins := d.Addresses()
	greet(os.Stdout, milters, admins)
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

// greet tells how to attach Postfix to the daemon. Of several sockets Postfix is to
// use one: with two in smtpd_milters each message would be judged twice.
func greet(w io.Writer, milters, admins []string) {
	fmt.Fprintf(w, "Add to Postfix (main.cf), then run: postfix reload\n\n")
	fmt.Fprintf(w, "    smtpd_milters = %s\n    milter_default_action = tempfail\n\n", forPostfix(milters[0]))
	for _, m := range milters[1:] {
		fmt.Fprintf(w, "Also listening, in place of that one: %s\n", forPostfix(m))
	}
	for _, a := range admins {
		if address, ok := strings.CutPrefix(a, "tcp:"); ok {
			fmt.Fprintf(w, "Metrics: http://%s/metrics\n", reachable(address))
		}
	}
}

// queueDirectory is where Postfix lives on every system that we know of. A socket
// below it is named from there, as smtpd sees it with and without chroot.
const queueDirectory = "/var/spool/postfix/"

// forPostfix is the address of a socket as Postfix writes it.
func forPostfix(socket string) string {
	if address, ok := strings.CutPrefix(socket, "tcp:"); ok {
		return "inet:" + reachable(address)
	}
	if path, ok := strings.CutPrefix(socket, "unix:"+queueDirectory); ok {
		return "unix:" + path
	}
	return socket
}

// reachable turns a wildcard address into one that a client on this host can use.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
