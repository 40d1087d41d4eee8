package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// manager is the service manager's side of sd_notify(3) and sd_listen_fds(3).
type manager struct {
	t      *testing.T
	notify *net.UnixConn
	cmd    *exec.Cmd
	log    bytes.Buffer
}

// startService starts sekisho as systemd would: with open sockets, with a place to
// tell its state, and with the wish for a sign of life.
func startService(t *testing.T, settings string, watchdog time.Duration, names string, files ...*os.File) *manager {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "notify")
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notify.Close() })
	m := &manager{t: t, notify: notify}
	// Only the process itself knows its number.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	m.cmd = exec.CommandContext(ctx, "sh", "-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec sekisho run --config "$1"`, "sh", settings)
	m.cmd.Dir = dir
	m.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket, "LISTEN_FDS="+strconv.Itoa(len(files)), "LISTEN_FDNAMES="+names,
		"WATCHDOG_USEC="+strconv.FormatInt(watchdog.Microseconds(), 10))
	m.cmd.ExtraFiles = files
	m.cmd.Stderr = &m.log
	if err := m.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = m.cmd.Wait()
		if t.Failed() {
			t.Log(m.log.String())
		}
	})
	return m
}

// told returns the next state, signs of life aside.
func (m *manager) told() string {
	m.t.Helper()
	for {
		if state := m.next(); state != "WATCHDOG=1" {
			return state
		}
	}
}

func (m *manager) next() string {
	m.t.Helper()
	_ = m.notify.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 4096)
	n, err := m.notify.Read(b)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b[:n])
}

func (m *manager) want(pattern string) []string {
	m.t.Helper()
	got := m.told()
	found := regexp.MustCompile("^(?:" + pattern + ")$").FindStringSubmatch(got)
	if found == nil {
		m.t.Fatalf("told %q, want %s", got, pattern)
	}
	return found
}

func (m *manager) signal(s syscall.Signal) {
	m.t.Helper()
	if err := m.cmd.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
}

// handed is a listener as the service manager opens it, and its descriptor.
func handed(t *testing.T) (address string, file *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	file, err = l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return l.Addr().String(), file
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestSystemd: the daemon takes the sockets handed to it, those named admin for
// HTTP, and tells each change of state, a reload with the monotonic time (as Type=notify-reload would ask for).
func TestSystemd(t *testing.T) {
	dir := t.TempDir()
	policies := filepath.Join(dir, "policies")
	write(t, filepath.Join(policies, "default.yaml"), "")
	settings := write(t, filepath.Join(dir, "sekisho.yaml"), fmt.Sprintf(
		"listen: [\"tcp:%s\"]\nadmin: {listen: \"%s\"}\ndns: {servers: [\"127.0.0.1:9\"], timeout: 100ms}\npolicy: {dir: %s}\n",
		"192.0.2.1:1", "192.0.2.1:2", policies)) // addresses that nobody here can listen on
	milter, milterFile := handed(t)
	admin, adminFile := handed(t)

	// A message that comes before the daemon is there waits for it.
	message := write(t, filepath.Join(dir, "a.eml"), "From: a@friend.test\n\nHello.\n")
	delivered := make(chan error, 1)
	go func() {
		delivered <- deliverTo(io.Discard, "tcp:"+milter, "a@friend.test", []string{"hanako@kaisha.test"}, message)
	}()

	m := startService(t, settings, 100*time.Millisecond, "milter:admin", milterFile, adminFile)
	m.want(`READY=1\nSTATUS=judging by set 1: 0 domains with a policy, \d+ brands`)
	for range 3 {
		if state := m.next(); state != "WATCHDOG=1" {
			t.Errorf("told %q, want a sign of life", state)
		}
	}
	if err := <-delivered; err != nil {
		t.Error(err)
	}
	if text, err := get("http://" + admin + "/readyz"); err != nil || text != "ready\n" {
		t.Errorf("admin socket: %q, %v", text, err)
	}

	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(policies, "kaisha.test.yaml"), "")
	m.signal(syscall.SIGHUP)
	usec, err := strconv.ParseInt(m.want(`RELOADING=1\nMONOTONIC_USEC=(\d+)`)[1], 10, 64)
	if took := usec - now.Nano()/1000; err != nil || took < 0 || took > 10e6 {
		t.Errorf("reload %d µs after the signal, %v", took, err)
	}
	m.want(`READY=1\nSTATUS=judging by set 2: 1 domains with a policy, \d+ brands`)

	write(t, filepath.Join(policies, "kaisha.test.yaml"), "nonsense")
	m.signal(syscall.SIGHUP)
	m.want(`RELOADING=1\nMONOTONIC_USEC=\d+`)
	m.want(`READY=1\nSTATUS=reload refused, set 2 goes on`)

	m.signal(syscall.SIGTERM)
	m.want(`STOPPING=1\n.*`)
	if err := m.cmd.Wait(); err != nil {
		t.Error(err)
	}
	// The sockets are the service manager's: they stay open for the next start.
	c, err := net.Dial("tcp", milter)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// TestSystemdUnusableSocket: a descriptor that no MTA can connect to is told.
func TestSystemdUnusableSocket(t *testing.T) {
	dir := t.TempDir()
	datagrams, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	file, err := datagrams.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m := startService(t, write(t, filepath.Join(dir, "sekisho.yaml"), "admin: {listen: \"\"}\n"), 0, "datagrams", file)
	if err := m.cmd.Wait(); err == nil || !strings.Contains(m.log.String(), `socket "datagrams" of the service manager: `) {
		t.Errorf("%v: %s", err, m.log.String())
	}
}
