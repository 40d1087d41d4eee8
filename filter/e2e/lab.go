package e2e

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sekisho/filter/cases"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/freeport"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/suite"
)

// Lab is a whole mail site: DNS, sekisho, Postfix, and a sink for its mail.
type Lab struct {
	TB      testing.TB
	Sekisho *Daemon
	Postfix *Postfix
	Sink    *smtpsink.Sink
}

// labOptions change a lab from its defaults.
type labOptions struct {
	zone      string // further DNS records and directives
	dns       string // name server; "" starts one with all cases' zones
	settings  string // further lines of the settings file
	split     bool   // copies where readers are to see different tags
	single    bool   // one policy for each message
	plain     bool   // releases go to a port without the milter
	unix      bool   // the milter listens on a unix socket
	policies  map[string]string
	candidate map[string]string // judges in shadow, and can be promoted
}

// newLab starts a lab; everything ends with the test.
func newLab(tb testing.TB, opt labOptions) *Lab {
	tb.Helper()
	sink := smtpsink.Start(tb)
	if opt.dns == "" {
		opt.dns = dnstest.Serve(tb, allZones(tb)+opt.zone)
	}
	d := newDaemon(tb, opt)
	pf := startPostfix(tb, postfixOptions{
		milter: d.milter, next: sink.Addr, domains: []string{"kaisha.test", "gakko.test", "lab.gakko.test"},
	})
	d.release, d.releaseBy = pf.Addr, "stamp"
	if opt.plain {
		d.release, d.releaseBy = pf.Plain, "port"
	}
	d.configure()
	d.start()
	return &Lab{TB: tb, Sekisho: d, Postfix: pf, Sink: sink}
}

// allZones is the zones of all cases as one: each line once.
func allZones(tb testing.TB) string {
	tb.Helper()
	seen := map[string]bool{}
	var zone strings.Builder
	for _, c := range cases.Load(tb, "") {
		for line := range strings.Lines(c.Zone) {
			if !seen[line] {
				seen[line] = true
				zone.WriteString(line)
			}
		}
	}
	return zone.String()
}

// Daemon is a sekisho process that can be killed and started again on the same
// settings and state.
type Daemon struct {
	tb      testing.TB
	opt     labOptions
	dir     string
	milter  string // as Postfix writes it
	listen  string // as the settings write it
	admin   string
	release string

	releaseBy string // "stamp" or "port"

	mu  sync.Mutex
	cmd *exec.Cmd
	log bytes.Buffer
}

func newDaemon(tb testing.TB, opt labOptions) *Daemon {
	tb.Helper()
	dir, err := os.MkdirTemp("", "sk")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	d := &Daemon{tb: tb, opt: opt, dir: dir, admin: freeport.Take(tb)}
	if opt.unix {
		socket := filepath.Join(dir, "milter.sock")
		d.milter, d.listen = "unix:"+socket, "unix:"+socket
	} else {
		port := freeport.Take(tb)
		d.milter, d.listen = "inet:"+port, "tcp:"+port
	}
	for name, text := range opt.policies {
		d.write(filepath.Join("policies", name), text)
	}
	for name, text := range opt.candidate {
		d.write(filepath.Join("candidate", name), text)
	}
	return d
}

// write puts a file into the daemon's folder.
func (d *Daemon) write(name, text string) {
	d.tb.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		d.tb.Fatal(err)
	}
}

func (d *Daemon) configure() {
	d.tb.Helper()
	var keys []string
	if len(d.opt.policies) > 0 {
		keys = append(keys, "dir: "+filepath.Join(d.dir, "policies"))
	}
	if len(d.opt.candidate) > 0 {
		keys = append(keys, "shadow: "+filepath.Join(d.dir, "candidate"))
	}
	if d.opt.split {
		keys = append(keys, "split: true")
	}
	if d.opt.single {
		keys = append(keys, "single: true")
	}
	policies := "policy: {" + strings.Join(keys, ", ") + "}\n"
	d.write("sekisho.yaml", fmt.Sprintf(`listen: ["%s"]
socket_mode: 0666
authserv_id: mx.kaisha.test
state_dir: %s
dns: {servers: ["%s"], timeout: 2s}
quarantine: {release_to: "%s", release_by: %s}
admin: {listen: "%s"}
%s%s`, d.listen, filepath.Join(d.dir, "var"), d.opt.dns, d.release, cmp.Or(d.releaseBy, "port"), d.admin, policies, d.opt.settings))
}

// start starts the process and waits until it takes messages.
func (d *Daemon) start() {
	d.tb.Helper()
	cmd := exec.Command(binary(d.tb), "run", "--config", filepath.Join(d.dir, "sekisho.yaml"))
	cmd.Stdout, cmd.Stderr = d, d
	if err := cmd.Start(); err != nil {
		d.tb.Fatal(err)
	}
	d.cmd = cmd
	d.tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if d.tb.Failed() {
			d.tb.Logf("sekisho:\n%s", d.Log())
		}
	})
	waitFor(d.tb, "sekisho on "+d.admin, func() bool {
		resp, err := http.Get("http://" + d.admin + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// signal sends a signal to the process.
func (d *Daemon) signal(sig syscall.Signal) {
	d.tb.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.tb.Fatal(err)
	}
}

// wait waits for the process to end.
func (d *Daemon) wait() error { return d.cmd.Wait() }

// kill ends the process at once, as a crash would.
func (d *Daemon) kill() {
	d.tb.Helper()
	d.signal(syscall.SIGKILL)
	_ = d.wait()
}

// Write collects the log; it makes a Daemon an io.Writer for its process.
func (d *Daemon) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.Write(p)
}

// Log returns what the process has written.
func (d *Daemon) Log() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

// metric returns the value of one series, 0 when it is not there.
func (d *Daemon) metric(series string) float64 {
	d.tb.Helper()
	resp, err := http.Get("http://" + d.admin + "/metrics")
	if err != nil {
		d.tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				d.tb.Fatalf("metric %s: %v", series, err)
			}
			return n
		}
	}
	return 0
}

// command runs a subcommand of sekisho on the daemon's settings.
func (d *Daemon) command(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args = append(args, "--config", filepath.Join(d.dir, "sekisho.yaml"))
	out, err := exec.CommandContext(ctx, binary(d.tb), args...).CombinedOutput()
	return string(out), err
}

// built holds the program, made once for all tests.
var built struct {
	sync.Once
	path string
	err  error
}

// binary returns the path of the built program.
func binary(tb testing.TB) string {
	tb.Helper()
	built.Do(func() {
		dir, err := os.MkdirTemp("", "skbin")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "sekisho")
		cmd := exec.Command("go", "build", "-o", built.path, "./cmd/sekisho")
		cmd.Dir = suite.Root(tb)
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		tb.Fatal(built.err)
	}
	return built.path
}

// breakStore takes away the folder that the quarantine writes to.
func (d *Daemon) breakStore() {
	d.tb.Helper()
	dir := filepath.Join(d.dir, "var", "quarantine")
	if err := os.RemoveAll(dir); err != nil {
		d.tb.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		d.tb.Fatal(err)
	}
}
