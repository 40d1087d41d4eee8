// Command demo runs sekisho on the test cases' DNS zones, so that the sample
// messages authenticate as their senders meant them to, without a network:
//
//	make demo
//
// Settings are the defaults otherwise; state lies under var/demo.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"sekisho/filter/dns/dnstest"
)

const settings = `dns: {servers: ["%s"]}
authserv_id: mx.demo.test
state_dir: var/demo
quarantine: {release_to: "127.0.0.1:10025"}
`

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("demo: ", err)
	}
}

func run() error {
	zone, err := zones("testdata/cases/*/dns.zone")
	if err != nil {
		return err
	}
	server, err := dnstest.Start(zone)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := os.MkdirAll("var/demo", 0o700); err != nil {
		return err
	}
	config := "var/demo/sekisho.yaml"
	if err := os.WriteFile(config, fmt.Appendf(nil, settings, server.Addr()), 0o600); err != nil {
		return err
	}
	gate := exec.Command("./sekisho", "run", "--config", config)
	gate.Stdout, gate.Stderr = os.Stdout, os.Stderr
	if err := gate.Start(); err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		for sig := range stop {
			_ = gate.Process.Signal(sig)
		}
	}()
	return gate.Wait()
}

// zones joins the zone files, each line once.
func zones(pattern string) (string, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	seen := map[string]bool{}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(text)) {
			if !seen[line] {
				seen[line] = true
				all.WriteString(line)
			}
		}
	}
	return all.String(), nil
}
