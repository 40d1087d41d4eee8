package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"sekisho/filter/config"
	"sekisho/filter/control"
)

const startIt = "start it: systemctl start sekisho (or: sekisho run --config FILE)"

// daemon asks the control socket what judges, and holds it against the files.
func (e *examination) daemon(ctx context.Context) {
	if e.cfg.Control == config.ControlOff {
		e.add("daemon", Skipped, "there is no control socket (control: off)", "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	set, err := control.Ask(ctx, e.cfg.Control, control.Status, control.None{})
	if err == nil {
		e.listens(set.Milter)
	}
	switch {
	case errors.Is(err, control.ErrUnreachable):
		e.add("daemon", Bad, err.Error(), startIt)
	case err != nil:
		e.add("daemon", Bad, err.Error(), "look at its log; ask as the daemon's user or as root")
	case e.set != nil && (set.Domains != len(e.set.Policies.Domains()) || set.Brands != e.set.Brands.Len()):
		e.add("daemon", Warning, fmt.Sprintf("judges by generation %d with %d domains and %d brands, the files have %d and %d",
			set.Generation, set.Domains, set.Brands, len(e.set.Policies.Domains()), e.set.Brands.Len()), "sekisho reload")
	default:
		e.add("daemon", OK, fmt.Sprintf("judges by generation %d: %d domains, %d brands", set.Generation, set.Domains, set.Brands), "")
	}
}

// listens takes note of where the daemon listens: of a socket unit the settings know
// nothing.
func (e *examination) listens(milter []string) {
	var all []config.Listen
	for _, name := range milter {
		network, address, _ := strings.Cut(name, ":")
		l := config.Listen{Network: network, Address: address}
		for _, own := range e.cfg.Listen {
			if own.Network == network && own.Address == address {
				l.Mode = own.Mode
			}
		}
		all = append(all, l)
	}
	if len(all) > 0 {
		e.cfg.Listen = all
	}
}

// sockets connects to each milter socket, as the MTA does.
func (e *examination) sockets(ctx context.Context) {
	for _, l := range e.cfg.Listen {
		name := l.Network + ":" + l.Address
		ctx, cancel := context.WithTimeout(ctx, askTime)
		var d net.Dialer
		c, err := d.DialContext(ctx, l.Network, l.Address)
		cancel()
		if err != nil {
			e.add("milter", Bad, "nobody listens on "+name+": "+bare(err), startIt)
			continue
		}
		_ = c.Close()
		e.add("milter", OK, name+" takes connections", "")
	}
}

// bare is a network error without what the name of the socket says already.
func bare(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

// admin asks for health and metrics, as a monitor does.
func (e *examination) admin(ctx context.Context) {
	if e.cfg.Admin.Listen == "" {
		e.add("metrics", Warning, "there are none (admin.listen is empty)", "set admin.listen, so that Prometheus can see what becomes of mail")
		return
	}
	at := "http://" + reachable(e.cfg.Admin.Listen)
	status, _, err := get(ctx, at+"/readyz")
	switch {
	case err != nil:
		e.add("health", Bad, err.Error(), startIt)
		return
	case status != http.StatusOK:
		e.add("health", Bad, fmt.Sprintf("%s/readyz says %d: it does not take mail now", at, status), "look at its log: it starts or stops")
	default:
		e.add("health", OK, at+"/readyz says that it takes mail", "")
	}
	status, page, err := get(ctx, at+"/metrics")
	switch {
	case err != nil || status != http.StatusOK:
		e.add("metrics", Bad, fmt.Sprintf("%s/metrics: status %d, %v", at, status, err), "look at its log")
	case !strings.Contains(page, "\nsekisho_build_info{"):
		e.add("metrics", Bad, at+"/metrics is somebody else's page", "give the daemon a free port in admin.listen")
	default:
		e.add("metrics", OK, at+"/metrics", "")
		e.mail(page)
	}
}

// mail tells whether any has come since the daemon started: Postfix may be set up and
// not reloaded.
func (e *examination) mail(page string) {
	judged := 0.0
	for line := range strings.Lines(page) {
		if rest, ok := strings.CutPrefix(line, "sekisho_messages_total{"); ok {
			_, value, _ := strings.Cut(rest, "} ")
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			judged += n
		}
	}
	if judged == 0 {
		e.add("mail", Warning, "no message has come since the daemon started", "send yourself one from another host; if none comes: postfix reload, and look at the log of Postfix")
		return
	}
	e.add("mail", OK, fmt.Sprintf("%.0f messages have been judged since the daemon started", judged), "")
}

func get(ctx context.Context, url string) (status int, page string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: it is this host
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	return resp.StatusCode, string(text), err
}

// reachable turns a wildcard address into one that a client on this host can use.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
