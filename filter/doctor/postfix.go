package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"sekisho/filter/config"
)

// queueDirectory is where Postfix's daemons look for relative paths of sockets.
const queueDirectory = "/var/spool/postfix"

// postfix looks whether Postfix, where there is one, hands us its mail.
func (e *examination) postfix(ctx context.Context) {
	program := e.opt.Postconf
	if program == "" {
		var err error
		if program, err = exec.LookPath("postconf"); err != nil {
			program = "/usr/sbin/postconf"
		}
	}
	milters, err := postconf(ctx, program, "smtpd_milters")
	if errors.Is(err, fs.ErrNotExist) {
		e.add("postfix", Skipped, "there is no postconf on this host", "")
		return
	}
	var action string
	if err == nil {
		action, err = postconf(ctx, program, "milter_default_action")
	}
	if err != nil {
		e.add("postfix", Bad, "postconf does not tell: "+err.Error(), "run postfix check")
		return
	}
	e.milters(milters, action)
	if master, err := exec.CommandContext(ctx, program, "-P").Output(); err == nil {
		e.services(string(master))
	}
}

// services looks for a port 25 that master.cf gives other milters than main.cf does.
// Others, such as submission, are to ask nobody.
func (e *examination) services(master string) {
	for line := range strings.Lines(master[:min(len(master), maxOutput)]) {
		name, value, _ := strings.Cut(line, "=")
		parts := strings.Split(strings.TrimSpace(name), "/")
		if len(parts) != 3 || parts[1] != "inet" || parts[2] != "smtpd_milters" {
			continue
		}
		port := parts[0][strings.LastIndexByte(parts[0], ':')+1:]
		asks := slices.ContainsFunc(parseMilters(value), func(m milter) bool {
			return slices.ContainsFunc(e.cfg.Listen, func(l config.Listen) bool { return same(forPostfix(l.Network, l.Address), m.address) })
		})
		if (port == "smtp" || port == "25") && !asks {
			e.add("postfix", Bad, "master.cf gives "+parts[0]+"/inet other milters: its mail is not judged", "take smtpd_milters out of that service: postconf -PX "+strings.TrimSpace(name))
		}
	}
}

// milters holds smtpd_milters against our sockets.
func (e *examination) milters(milters, action string) {
	var ours, own []string
	for _, l := range e.cfg.Listen {
		own = append(own, forPostfix(l.Network, l.Address))
	}
	for _, m := range parseMilters(milters) {
		if slices.ContainsFunc(own, func(o string) bool { return same(o, m.address) }) {
			ours = append(ours, m.address)
			if m.action != "" {
				action = m.action
			}
		}
	}
	add := "postconf -e 'smtpd_milters = " + own[0] + "' && postfix reload"
	switch {
	case len(ours) == 0 && strings.TrimSpace(milters) == "":
		e.add("postfix", Bad, "smtpd_milters is empty: no mail is judged", add)
		return
	case len(ours) == 0:
		e.add("postfix", Bad, "smtpd_milters ("+milters+") does not name "+strings.Join(own, " or ")+": no mail is judged", "add it: smtpd_milters = "+own[0]+" "+milters)
		return
	case len(ours) > 1:
		e.add("postfix", Bad, "smtpd_milters names us twice ("+strings.Join(ours, ", ")+"): each message is judged twice", add)
		return
	}
	e.add("postfix", OK, "smtpd_milters names "+ours[0], "")
	switch action {
	case "tempfail":
		e.add("postfix", OK, "milter_default_action is tempfail: no mail passes unjudged while the gate is down", "")
	case "accept":
		e.add("postfix", Warning, "milter_default_action is accept: mail passes unjudged while the gate is down", "postconf -e 'milter_default_action = tempfail'")
	case "reject":
		e.add("postfix", Bad, "milter_default_action is reject: mail is lost while the gate is down", "postconf -e 'milter_default_action = tempfail'")
	default:
		e.add("postfix", Warning, "milter_default_action is "+action, "postconf -e 'milter_default_action = tempfail'")
	}
}

// postconf asks for one parameter.
func postconf(ctx context.Context, program, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-h", name)
	cmd.WaitDelay = askTime
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(failed.Stderr) > 0 {
		err = fmt.Errorf("%s (%w)", strings.TrimSpace(string(failed.Stderr[:min(len(failed.Stderr), maxOutput)])), err)
	}
	return strings.Join(strings.Fields(string(out[:min(len(out), maxOutput)])), " "), err
}

// milter is one entry of smtpd_milters: inet:host:port, unix:path, or either in
// braces with parameters of its own (postconf(5), since Postfix 3.0).
type milter struct{ address, action string }

func parseMilters(text string) []milter {
	var all []milter
	separates := func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }
	equals := regexp.MustCompile(`\s*=\s*`)
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ,\t") {
		if !strings.HasPrefix(text, "{") {
			word := text
			if end := strings.IndexFunc(text, separates); end >= 0 {
				word = text[:end]
			}
			all, text = append(all, milter{address: word}), text[len(word):]
			continue
		}
		inside, rest, _ := strings.Cut(text[1:], "}")
		text = rest
		fields := strings.FieldsFunc(equals.ReplaceAllString(inside, "="), separates)
		if len(fields) == 0 {
			continue
		}
		m := milter{address: fields[0]}
		for _, f := range fields[1:] {
			if action, ok := strings.CutPrefix(f, "default_action="); ok {
				m.action = action
			}
		}
		all = append(all, m)
	}
	return all
}

// forPostfix is a socket of ours as Postfix writes it.
func forPostfix(network, address string) string {
	if network == "tcp" {
		return "inet:" + reachable(address)
	}
	if path, err := filepath.Abs(address); err == nil {
		address = path
	}
	if path, ok := strings.CutPrefix(address, queueDirectory+"/"); ok {
		return "unix:" + path
	}
	return "unix:" + address
}

// same reports two ways to write one socket.
func same(ours, theirs string) bool {
	if path, ok := strings.CutPrefix(theirs, "unix:"); ok {
		return ours == "unix:"+strings.TrimPrefix(path, queueDirectory+"/")
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(theirs, "inet:"))
	if err != nil {
		return false
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	return ours == "inet:"+net.JoinHostPort(host, port)
}

// mayOpen reports whether a user may connect to a socket with these permissions:
// write is what counts (unix(7)).
func mayOpen(info fs.FileInfo, u *user.User) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode().Perm()&0o002 != 0 {
		return true
	}
	if u.Uid == strconv.Itoa(int(stat.Uid)) {
		return info.Mode().Perm()&0o200 != 0
	}
	groups, err := u.GroupIds()
	return err != nil || info.Mode().Perm()&0o020 != 0 && slices.Contains(groups, strconv.Itoa(int(stat.Gid)))
}

// permissions looks at who may open what.
func (e *examination) permissions(context.Context) {
	mta, unknown := user.Lookup("postfix")
	for _, l := range e.cfg.Listen {
		if l.Network != "unix" {
			continue
		}
		info, err := os.Stat(l.Address)
		switch {
		case err != nil: // the check of sockets has told
		case l.Mode != 0 && info.Mode().Perm() != l.Mode: // 0: it is a socket unit's
			e.add("permissions", Warning, l.Address+" has "+info.Mode().Perm().String()+", socket_mode says "+l.Mode.String(), "restart the daemon, or set SocketMode of its socket unit")
		case unknown == nil && !mayOpen(info, mta):
			e.add("permissions", Bad, "the user postfix may not open "+l.Address+" ("+info.Mode().Perm().String()+")", "put postfix into the socket's group: adduser postfix sekisho && postfix reload")
		default:
			e.add("permissions", OK, l.Address+" has "+info.Mode().Perm().String(), "")
		}
	}
	private := []string{e.cfg.StateDir, e.cfg.Journal.Dir, e.cfg.Quarantine.Dir}
	if e.cfg.Control != config.ControlOff {
		private = append(private, e.cfg.Control)
	}
	for _, path := range private {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o007 != 0 {
			e.add("permissions", Bad, path+" is open to everybody ("+info.Mode().Perm().String()+")", "chmod o= "+path)
		} else if err == nil {
			e.add("permissions", OK, path+" has "+info.Mode().Perm().String(), "")
		}
	}
}
