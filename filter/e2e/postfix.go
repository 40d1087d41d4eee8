package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sekisho/filter/freeport"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Postfix is a private instance.
type Postfix struct {
	Addr  string // SMTP, with sekisho as milter
	Plain string // SMTP, without a milter: where released mail re-enters
	dir   string
}

// postfixOptions say what a Postfix is to do.
type postfixOptions struct {
	milter  string   // "inet:127.0.0.1:PORT" or "unix:PATH"
	next    string   // host:port that takes all delivered mail
	domains []string // recipient domains
}

// startPostfix starts a private Postfix; it is stopped when the test ends.
func startPostfix(tb testing.TB, opt postfixOptions) *Postfix {
	tb.Helper()
	if _, err := exec.LookPath("postfix"); err != nil {
		tb.Skip("Postfix is not installed: make test installs it")
	}
	if os.Getuid() != 0 {
		tb.Skip("Postfix has to be started by root")
	}
	// The private sockets of Postfix lie below; their path is limited to 107 bytes.
	dir, err := os.MkdirTemp("", "pf")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Postfix{dir: dir, Addr: freeport.Take(tb), Plain: freeport.Take(tb)}
	if err := p.configure(opt); err != nil {
		tb.Fatal(err)
	}
	if out, err := p.command("start"); err != nil {
		tb.Fatalf("postfix start: %v\n%s", err, out)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("maillog:\n%s", p.Log())
		}
		_, _ = p.command("abort")
		_ = os.RemoveAll(dir)
	})
	waitFor(tb, "Postfix on "+p.Addr, func() bool { return answers(p.Addr) && answers(p.Plain) })
	return p
}

func (p *Postfix) configure(opt postfixOptions) error {
	for _, d := range []string{"etc", "spool", "data"} {
		if err := os.MkdirAll(filepath.Join(p.dir, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(p.dir, 0o755); err != nil {
		return err
	}
	u, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(filepath.Join(p.dir, "data"), uid, gid); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(opt.next)
	if err != nil {
		return err
	}
	main := fmt.Sprintf(mainCF, p.dir, os.TempDir(), strings.Join(opt.domains, " "), host, port)
	if err := os.WriteFile(filepath.Join(p.dir, "etc", "main.cf"), []byte(main), 0o644); err != nil {
		return err
	}
	master := fmt.Sprintf(masterCF, p.Addr, opt.milter, p.Plain)
	return os.WriteFile(filepath.Join(p.dir, "etc", "master.cf"), []byte(master), 0o644)
}

func (p *Postfix) command(args ...string) (string, error) {
	out, err := exec.Command("postfix", append([]string{"-c", filepath.Join(p.dir, "etc")}, args...)...).CombinedOutput()
	return string(out), err
}

// set changes a setting for connections from now on.
func (p *Postfix) set(tb testing.TB, setting string) {
	tb.Helper()
	path := filepath.Join(p.dir, "etc", "main.cf")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, setting+"\n"...), 0o644) // the last line of a name counts
	}
	if err != nil {
		tb.Fatal(err)
	}
	if out, err := p.command("reload"); err != nil {
		tb.Fatalf("postfix reload: %v\n%s", err, out)
	}
}

// Log returns what Postfix has logged.
func (p *Postfix) Log() string {
	log, err := os.ReadFile(filepath.Join(p.dir, "maillog"))
	if err != nil {
		return err.Error()
	}
	return string(log)
}

// Queued counts the messages in a queue: "hold", "deferred", "active", "incoming".
func (p *Postfix) Queued(queue string) int {
	n := 0
	_ = filepath.WalkDir(filepath.Join(p.dir, "spool", queue), func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return nil
	})
	return n
}

func answers(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// waitFor polls until ok or a minute has gone.
func waitFor(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	waitUpTo(tb, time.Minute, what, ok)
}

// waitUpTo is waitFor for what takes longer by design.
func waitUpTo(tb testing.TB, limit time.Duration, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	tb.Fatalf("waited %v for %s", limit, what)
}

const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[2]s
myhostname = mx.kaisha.test
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = %[3]s
virtual_transport = smtp:[%[4]s]:%[5]s
default_transport = error:no outside
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
disable_dns_lookups = yes
in_flow_delay = 0
smtp_tls_security_level = none
milter_default_action = tempfail
milter_command_timeout = 60s
milter_content_timeout = 60s
`

const masterCF = `%[1]s inet n - n - 50 smtpd
  -o smtpd_milters=%[2]s
%[3]s inet n - n - 50 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
