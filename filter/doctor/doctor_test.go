package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/policy"
)

// TestMilters: whether Postfix hands us its mail, however it writes our socket.
func TestMilters(t *testing.T) {
	const good = "tempfail"
	for name, tc := range map[string]struct {
		milters, action string
		want            []State
		told            string
	}{
		"alone":                  {"inet:127.0.0.1:8895", good, []State{OK, OK}, "names inet:127.0.0.1:8895"},
		"without inet":           {"127.0.0.1:8895", good, []State{OK, OK}, ""},
		"by name":                {"inet:localhost:8895", good, []State{OK, OK}, ""},
		"beside others":          {"unix:/run/opendkim.sock, inet:localhost:8895", good, []State{OK, OK}, ""},
		"by its unix socket":     {"unix:sekisho/milter.sock", good, []State{OK, OK}, ""},
		"by its whole path":      {"unix:/var/spool/postfix/sekisho/milter.sock", good, []State{OK, OK}, ""},
		"with an action of ours": {"{ inet:127.0.0.1:8895, connect_timeout=10s, default_action = accept }", good, []State{OK, Warning}, "passes unjudged"},
		"of another":             {"{unix:x, default_action=accept} inet:127.0.0.1:8895", good, []State{OK, OK}, ""},
		"empty":                  {"", good, []State{Bad}, "is empty"},
		"others":                 {"inet:127.0.0.1:8891", good, []State{Bad}, "does not name inet:127.0.0.1:8895 or unix:sekisho/milter.sock"},
		"another port":           {"inet:127.0.0.1:88950", good, []State{Bad}, ""},
		"twice":                  {"inet:127.0.0.1:8895 unix:sekisho/milter.sock", good, []State{Bad}, "judged twice"},
		"accept":                 {"inet:127.0.0.1:8895", "accept", []State{OK, Warning}, ""},
		"reject":                 {"inet:127.0.0.1:8895", "reject", []State{OK, Bad}, "mail is lost"},
		"quarantine":             {"inet:127.0.0.1:8895", "quarantine", []State{OK, Warning}, ""},
		"braces without end":     {"{inet:127.0.0.1:8895", good, []State{OK, OK}, ""},
		"nothing in braces":      {"{} , ,", good, []State{Bad}, ""},
	} {
		e := &examination{cfg: config.Config{Listen: []config.Listen{{Network: "tcp", Address: "0.0.0.0:8895"}, {Network: "unix", Address: queueDirectory + "/sekisho/milter.sock"}}}}
		e.milters(tc.milters, tc.action)
		var got []State
		told := ""
		for _, r := range e.results {
			got, told = append(got, r.State), told+r.What
		}
		if !slices.Equal(got, tc.want) || !strings.Contains(told, tc.told) {
			t.Errorf("%s: %+v", name, e.results)
		}
	}
}

// TestListens: what Postfix is held against is where the daemon listens.
func TestListens(t *testing.T) {
	t.Parallel()
	e := &examination{cfg: config.Config{Listen: []config.Listen{{Network: "unix", Address: "/a.sock", Mode: 0o660}, {Network: "tcp", Address: "127.0.0.1:8895"}}}}
	e.listens(nil) // a daemon that does not tell
	if len(e.cfg.Listen) != 2 {
		t.Errorf("%+v", e.cfg.Listen)
	}
	e.listens([]string{"unix:/a.sock", "unix:" + queueDirectory + "/sekisho/milter.sock", "tcp:[::]:8895"})
	want := []config.Listen{{Network: "unix", Address: "/a.sock", Mode: 0o660}, {Network: "unix", Address: queueDirectory + "/sekisho/milter.sock"}, {Network: "tcp", Address: "[::]:8895"}}
	if !slices.Equal(e.cfg.Listen, want) {
		t.Errorf("%+v", e.cfg.Listen)
	}
	if e.milters("unix:sekisho/milter.sock", "tempfail"); e.results[0].State != OK {
		t.Errorf("%+v", e.results)
	}
}

// TestServices: smtpd may be told something else than main.cf in master.cf.
func TestServices(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		master string
		want   []State
	}{
		"nothing":             {"", nil},
		"submission, as told": {"submission/inet/smtpd_milters =\nsmtps/inet/smtpd_milters =\n", nil},
		"port 25":             {"smtp/inet/smtpd_milters =\n", []State{Bad}},
		"port 25 by number":   {"25/inet/smtpd_milters = inet:127.0.0.1:8891\n", []State{Bad}},
		"port 25, and ours":   {"smtp/inet/smtpd_milters = inet:127.0.0.1:8895\n", nil},
		"on one address":      {"192.0.2.1:smtp/inet/smtpd_milters = \n", []State{Bad}},
	} {
		e := &examination{cfg: config.Default()}
		e.services(tc.master)
		var got []State
		for _, r := range e.results {
			got = append(got, r.State)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %+v", name, e.results)
		}
	}
}

// TestMail: whether mail has come since the daemon started.
func TestMail(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]State{
		"sekisho_messages_total{verdict=\"accept\"} 2\nsekisho_messages_total{verdict=\"tag\"} 1e+06\n": OK,
		"sekisho_messages_total{verdict=\"accept\"} 0\nsekisho_messages_total{verdict=\"tag\"} 0\n":     Warning,
		"": Warning,
	} {
		e := &examination{}
		e.mail("# HELP sekisho_messages_total x\n" + page)
		if e.results[0].State != want || (want == Warning) != (e.results[0].Fix != "") {
			t.Errorf("%q: %+v", page, e.results)
		}
	}
}

// TestPostconf: what it prints, that it fails, and that it is not there.
func TestPostconf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		want   State
		told   string
	}{
		"answers": {"#!/bin/sh\n[ $1 = -P ] && exit; [ $2 = smtpd_milters ] && echo inet:127.0.0.1:8895 || echo tempfail\n", OK, "names inet:127.0.0.1:8895"},
		"fails":   {"#!/bin/sh\necho fatal >&2\nexit 1\n", Bad, "postconf does not tell: fatal (exit status 1)"},
		"none":    {"", Skipped, "no postconf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "postconf")
			if tc.script != "" {
				if err := os.WriteFile(program, []byte(tc.script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			e := &examination{cfg: config.Default(), opt: Options{Postconf: program}}
			e.postfix(t.Context())
			if r := e.results[0]; r.State != tc.want || !strings.Contains(r.What, tc.told) {
				t.Errorf("%+v", e.results)
			}
		})
	}
}

// TestDNS: servers that answer, that know nothing, that are dead.
func TestDNS(t *testing.T) {
	t.Parallel()
	dead, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := dead.LocalAddr().String()
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		server string
		want   State
		told   string
	}{
		"answers":       {dnstest.Serve(t, "gmail.com. MX 5 mx.gmail.com.\n"), OK, "answers in"},
		"knows nothing": {dnstest.Serve(t, "a.test. TXT x\n"), Warning, "gmail.com has no mail server"},
		"dead":          {address, Bad, "does not answer"},
	} {
		e := &examination{}
		e.server(t.Context(), tc.server)
		if r := e.results[0]; r.State != tc.want && !strings.Contains(r.What, "takes") || !strings.Contains(r.What, tc.told) && !strings.Contains(r.What, "takes") {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for addr, want := range map[string]bool{"127.0.0.1:53": true, "[::1]:53": true, "10.1.2.3:53": true, "192.168.1.1:53": true, "[fe80::1]:53": true,
		"8.8.8.8:53": false, "[2001:4860:4860::8888]:53": false, "nonsense": false} {
		if local(addr) != want {
			t.Errorf("%s is local: %v", addr, !want)
		}
	}
}

// TestMayOpen: who may connect to a socket.
func TestMayOpen(t *testing.T) {
	t.Parallel()
	me, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]bool{0o600: true, 0o400: false, 0o666: true, 0o040: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mayOpen(info, me) != want {
			t.Errorf("%o: %v", mode, !want)
		}
	}
	other := &user.User{Uid: "4294967294", Gid: "4294967294", Username: "nobody-of-that-name"}
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o602: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mayOpen(info, other) != want {
			t.Errorf("another user, %o: %v", mode, !want)
		}
	}
}

// TestPermissions: what is open to everybody is told.
func TestPermissions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open, closed := filepath.Join(dir, "open"), filepath.Join(dir, "closed")
	for path, mode := range map[string]os.FileMode{open: 0o755, closed: 0o750} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	e := &examination{cfg: config.Config{StateDir: open, Journal: config.Journal{Dir: closed}, Control: config.ControlOff}}
	e.permissions(t.Context())
	if len(e.results) != 2 || e.results[0].State != Bad || e.results[0].Fix != "chmod o= "+open || e.results[1].State != OK {
		t.Errorf("%+v", e.results)
	}
}

// TestJournal: the newest decision, one of the future, and none.
func TestJournal(t *testing.T) {
	t.Parallel()
	set, err := policy.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		last time.Time
		want State
	}{"now": {now, OK}, "future": {now.Add(time.Hour), Bad}, "none": {time.Time{}, Warning}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "journal")
			if !tc.last.IsZero() {
				journaltest.Write(t, dir, set, nil, 3, tc.last)
			}
			e := &examination{cfg: config.Config{Journal: config.Journal{Dir: dir, Keep: time.Hour}}, opt: Options{Now: func() time.Time { return now }}}
			e.journal(t.Context())
			if r := e.results[0]; r.State != tc.want {
				t.Errorf("%+v", r)
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "journal.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			e.results = nil
			if e.journal(t.Context()); e.results[0].State != Bad {
				t.Errorf("broken: %+v", e.results)
			}
		})
	}
	r, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "none"))
	if err == nil {
		_ = r.Close()
		t.Error("opened")
	}
}

// TestNothingRuns: with nothing there every check comes to an end and says what to
// do.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "sekisho.yaml")
	text := fmt.Sprintf("state_dir: %q\nlisten: [\"unix:%s/m.sock\"]\nadmin: {listen: \"127.0.0.1:1\"}\ndns: {servers: [\"127.0.0.1:1\"]}\nquarantine: {release_to: \"127.0.0.1:1\"}\n", dir+"/var", dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	results := Examine(context.Background(), Options{Config: file, Postconf: filepath.Join(dir, "postconf")})
	checks := map[string]State{}
	for _, r := range results {
		checks[r.Check] = r.State
		if r.State == Bad && r.Fix == "" {
			t.Errorf("nothing to do about %+v", r)
		}
	}
	for check, want := range map[string]State{"settings": OK, "policies": OK, "dns": Bad, "daemon": Bad, "milter": Bad, "health": Bad, "postfix": Skipped,
		"journal": Warning, "quarantine": Warning, "release": Bad} {
		if checks[check] != want {
			t.Errorf("%s is %s, want %s", check, checks[check], want)
		}
	}
}
