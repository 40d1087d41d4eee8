package daemon

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/config"
)

// TestRun: a message gets its verdict, the admin server answers, and after the
// end everything can be opened again.
func TestRun(t *testing.T) {
	h := start(t, "")
	if r := h.deliver(friend()); r.Code != milter.ActContinue || len(r.Edits) == 0 {
		t.Errorf("friend: %+v", r)
	}
	if r := h.deliver(phish()); r.Code != milter.ActDiscard {
		t.Errorf("phish: %+v", r)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if code, text := h.ask(path); code != http.StatusOK || text != want {
			t.Errorf("%s: %d %q", path, code, text)
		}
	}
	if code, _ := h.ask("/debug/pprof/"); code != http.StatusNotFound {
		t.Errorf("a path that is not there: %d", code)
	}
	for series, value := range map[string]int{
		`sekisho_messages_total{verdict="accept"}`:                                  1,
		`sekisho_messages_total{verdict="quarantine"}`:                              1,
		`sekisho_verdicts_total{policy="default",verdict="quarantine"}`:             1,
		`sekisho_quarantine_stored_total`:                                           1,
		`sekisho_generation`:                                                        1,
		`sekisho_build_info{goversion="` + runtime.Version() + `",version="1.2.3"}`: 1,
		`sekisho_wire_connections_total`:                                            2,
		`sekisho_session_replies_total{reply="discard"}`:                            1,
		`sekisho_last_reload_successful`:                                            1,
	} {
		if !h.metric(series, value) {
			t.Errorf("%s is not %d", series, value)
		}
	}
	h.stop()
	if err := h.wait(); err != nil {
		t.Error(err)
	}
	if _, err := h.resolver.LookupTXT(t.Context(), "slow.test"); err == nil {
		t.Error("the resolver is still open")
	}
	again, err := New(h.options())
	if err != nil {
		t.Fatal(err)
	}
	again.close()
}

// TestNewFails: what cannot be opened is told, and what was opened before it is
// closed again.
func TestNewFails(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, h *house, c *config.Config)
		want  string
	}{
		"milter port": {
			func(t *testing.T, h *house, _ *config.Config) { occupy(t, h.milter) },
			"(setting listen): bind: address already in use",
		},
		"admin port": {
			func(t *testing.T, h *house, _ *config.Config) { occupy(t, h.admin) },
			"(setting admin.listen): bind: address already in use",
		},
		"control socket": {
			func(t *testing.T, h *house, c *config.Config) { c.Control = h.settings },
			"(setting control): bind: address already in use",
		},
		"state folder": {
			func(t *testing.T, h *house, c *config.Config) { c.StateDir = h.settings },
			"state folder: ",
		},
		"quarantine": {
			func(t *testing.T, h *house, c *config.Config) { c.Quarantine.Dir = h.settings },
			"open quarantine ",
		},
		"name servers": {
			func(t *testing.T, h *house, c *config.Config) { c.DNS.Servers = []string{"nowhere"} },
			"dns servers: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := prepare(t)
			opt := h.options()
			c := &opt.Settings.Config
			socket := filepath.Join(h.dir, "first.sock")
			c.Listen = append([]config.Listen{{Network: "unix", Address: socket, Mode: 0o600}}, c.Listen...)
			tt.spoil(t, h, c)
			_, err := New(opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if _, err := os.Stat(socket); err == nil {
				t.Error("the socket before it is still there")
			}
		})
	}
}

func occupy(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// TestShutdownLetsMessagesFinish: from the first moment nobody new comes in and
// the daemon is not ready, while the message under way gets its verdict.
func TestShutdownLetsMessagesFinish(t *testing.T) {
	h := start(t, "")
	idle, busy := h.connect(), h.connect()
	answer := make(chan error, 1)
	go func() {
		r, err := busy.Send(message("a@slow.test", "From: a@slow.test\n\nHello.\n"))
		if err == nil && r.Code != milter.ActContinue {
			t.Errorf("message under way: %+v", r)
		}
		answer <- err
	}()
	h.eventually("judging", func() bool { return h.metric("sekisho_messages_in_flight", 1) })
	h.stop()
	h.eventually("unready", func() bool { code, _ := h.ask("/readyz"); return code == http.StatusServiceUnavailable })
	if code, _ := h.ask("/healthz"); code != http.StatusOK {
		t.Errorf("healthz while stopping: %d", code)
	}
	if _, _, err := idle.ReadFrame(); err == nil {
		t.Error("a connection between messages stays open")
	}
	h.eventually("closed", func() bool {
		c, err := net.Dial("tcp", h.milter)
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	if err := h.Reload(); err == nil {
		t.Error("reload while stopping")
	}
	if err := <-answer; err != nil {
		t.Errorf("message under way: %v", err)
	}
	if err := h.wait(); err != nil {
		t.Error(err)
	}
}

// TestShutdownTime: what does not finish in time is cut; the MTA keeps the message.
func TestShutdownTime(t *testing.T) {
	h := start(t, "shutdown_time: 50ms\n")
	busy := h.connect()
	answer := make(chan error, 1)
	go func() {
		_, err := busy.Send(message("a@silent.test", "From: a@silent.test\n\nHello.\n"))
		answer <- err
	}()
	h.eventually("judging", func() bool { return h.metric("sekisho_messages_in_flight", 1) })
	begin := time.Now()
	h.stop()
	if err := h.wait(); err == nil || !strings.Contains(err.Error(), "1 connections cut") {
		t.Errorf("Run: %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	if err := <-answer; err == nil {
		t.Error("the message was answered")
	}
}

// TestListenerFails: a daemon that lost a socket ends, so that somebody notices.
func TestListenerFails(t *testing.T) {
	for which, socket := range map[goroutine]func(*sockets) net.Listener{
		inMilter:  func(s *sockets) net.Listener { return s.milter[0] },
		inAdmin:   func(s *sockets) net.Listener { return s.admin[0] },
		inControl: func(s *sockets) net.Listener { return s.control },
	} {
		h := start(t, "")
		l := socket(h.sockets)
		l.Close()
		if err := h.wait(); err == nil || !strings.HasPrefix(err.Error(), string(which)+" on "+socketName(l)) {
			t.Errorf("%s: Run returned %v", which, err)
		}
	}
}

// TestRunReloads: a signal on the channel is a reload.
func TestRunReloads(t *testing.T) {
	h := prepare(t)
	d, err := New(h.options())
	if err != nil {
		t.Fatal(err)
	}
	hangup := make(chan os.Signal, 1)
	ctx := t.Context()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, hangup) }()
	hangup <- syscall.SIGHUP
	h.eventually("reloaded", func() bool { return d.set().Generation == 2 })
	t.Cleanup(func() { <-ended }) // the context ends before clean-up
}

// TestGuard: a panic is counted, told and contained.
func TestGuard(t *testing.T) {
	h := start(t, "")
	if err := h.guard(inReload, func() { panic("oh") }); err == nil || err.Error() != "panic in reload: oh" {
		t.Error(err)
	}
	if !h.metric(`sekisho_daemon_panics_total{goroutine="reload"}`, 1) {
		t.Error("not counted")
	}
	if h.logs.FilterMessage("panic").Len() != 1 {
		t.Error("not logged")
	}
}

// TestAdminOff: without an address there is no admin server.
func TestAdminOff(t *testing.T) {
	h := prepare(t)
	opt := h.options()
	opt.Settings.Config.Admin.Listen = ""
	d, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	milters, admins := d.Addresses()
	if len(milters) != 1 || milters[0] != "tcp:"+h.milter || len(admins) != 0 {
		t.Errorf("%q %q", milters, admins)
	}
}
