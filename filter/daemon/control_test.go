package daemon

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sekisho/filter/config"
	"sekisho/filter/control"
	"sekisho/filter/freeport"
)

// reload asks over the control socket.
func (h *house) reload() (control.Set, error) {
	return control.Ask(h.t.Context(), filepath.Join(h.dir, "var", "control.sock"), control.Reload, control.None{})
}

// withPolicies writes a policy directory and names it in the settings.
func (h *house) withPolicies(settings string) {
	h.t.Helper()
	dir := filepath.Dir(h.write("policies/default.yaml", ""))
	h.set("policy: {dir: " + dir + settings + "}\n")
}

// TestControlReload: the answer is the new set, or all that is wrong with it.
func TestControlReload(t *testing.T) {
	h := prepare(t)
	h.withPolicies("")
	h.start()
	info, err := os.Stat(filepath.Join(h.dir, "var", "control.sock"))
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
	h.write("policies/kaisha.test.yaml", "thresholds: {reject: 10}\n")
	if set, err := h.reload(); err != nil || set.Generation != 2 || set.Domains != 1 || set.Brands == 0 {
		t.Errorf("%+v, %v", set, err)
	}
	file := h.write("policies/gakko.test.yaml", "thresholds:\n  tagg: 10\n  reject: soon\n")
	_, err = h.reload()
	var refused *control.Failure
	if !errors.As(err, &refused) || !refused.Refused() || len(refused.Problems) != 2 {
		t.Fatalf("%v", err)
	}
	if p := refused.Problems[0]; p.File != file || p.Line != 2 || p.Column != 3 || p.Source != "  tagg: 10" || !strings.Contains(p.Message, "did you mean tag?") {
		t.Errorf("%+v", p)
	}
	if refused.Message != "reload refused, generation 2 goes on" {
		t.Errorf("message %q", refused.Message)
	}
	if err := h.Reload(); err == nil || strings.Contains(refused.Error(), err.Error()) == false {
		t.Errorf("over the socket:\n%v\nand else:\n%v", refused, err)
	}
	set, err := control.Ask(t.Context(), filepath.Join(h.dir, "var", "control.sock"), control.Status, control.None{})
	if err != nil || set.Generation != 2 || set.Domains != 1 || len(set.Milter) != 1 || set.Milter[0] != "tcp:"+h.milter {
		t.Errorf("status: %+v, %v", set, err)
	}

	h.stopping.Store(true)
	if _, err := h.reload(); !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || refused.Refused() {
		t.Errorf("while stopping: %v", err)
	}
	h.stop()
	if err := h.wait(); err != nil {
		t.Error(err)
	}
	if _, err := h.reload(); !errors.Is(err, control.ErrUnreachable) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(h.dir, "var", "control.sock")); err == nil {
		t.Error("the socket is still there")
	}
}

// TestControlTaken: a second daemon on the same state does not take the socket
// away, and one that was switched off is not there.
func TestControlTaken(t *testing.T) {
	h := start(t, "")
	opt := h.options()
	opt.Settings.Config.Listen, opt.Settings.Config.Admin.Listen = []config.Listen{{Network: "tcp", Address: freeport.Take(t)}}, ""
	if _, err := New(opt); err == nil || !strings.Contains(err.Error(), "control.sock (setting control): another process listens there") {
		t.Errorf("%v", err)
	}
	if _, err := h.reload(); err != nil {
		t.Errorf("the first one: %v", err)
	}
	opt.Settings.Config.Control = config.ControlOff
	d, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	d.close()
}
