// Package check judges RFC 5322 files without an MTA, with the same gate as the
// daemon.
//
// The envelope comes from the caller. Proof comes from DNS, from the topmost
// Authentication-Results field of the file (RFC 8601), or from nobody.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/dns"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// Options say how to judge.
type Options struct {
	Source     proof.Source  // where proof comes from
	Resolver   string        // host:port of the name server for proof from DNS; "" is the system's
	Policies   string        // policy folder; "" is the embedded one
	Brands     []string      // catalogue files beside the embedded one
	Timeout    time.Duration // for one message
	ClientIP   string        // SMTP client; "" is unknown
	Helo       string
	MailFrom   string
	Recipients []string
	JSON       bool // one object a line instead of an account for people
}

// ErrUnreadable means that at least one file could not be read; the others were
// judged.
var ErrUnreadable = errors.New("not every file could be read")

// Run judges the files in their order ("-" is stdin) and writes what came of
// each to out, and what could not be read to problems. Errors other than
// ErrUnreadable mean that the options are wrong, or that out failed.
func Run(ctx context.Context, opt Options, files []string, stdin io.Reader, out, problems io.Writer) error {
	g, err := newGate(opt)
	if err != nil {
		return err
	}
	env, err := opt.envelope()
	if err != nil {
		return err
	}
	unread := false
	for _, file := range files {
		header, body, err := read(file, stdin)
		if err != nil {
			fmt.Fprintf(problems, "sekisho: %v\n", err)
			unread = true
			continue
		}
		if err := judge(ctx, g, opt, env, file, header, body, out); err != nil {
			return err
		}
	}
	if unread {
		return ErrUnreadable
	}
	return nil
}

func judge(ctx context.Context, g *gate.Gate, opt Options, env mail.Envelope, file string, header mail.Header, body []byte, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, opt.Timeout)
	defer cancel()
	d := g.Inspect(ctx, env, header, body)
	if opt.JSON {
		return d.WriteJSON(out, file)
	}
	return d.WriteAccount(out, file)
}

func newGate(opt Options) (*gate.Gate, error) {
	prover, err := opt.prover()
	if err != nil {
		return nil, err
	}
	set, err := gate.LoadSet(1, opt.Policies, opt.Brands)
	if err != nil {
		return nil, err
	}
	return gate.New(set, gate.Options{Prover: prover}), nil
}

func (opt Options) prover() (gate.Prover, error) {
	switch opt.Source {
	case proof.FromHeader:
		return func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof {
			return proof.FromResults(msg)
		}, nil
	case proof.FromNobody:
		return func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(msg) }, nil
	case proof.FromDNS:
		var servers []string
		if opt.Resolver != "" {
			servers = []string{opt.Resolver}
		}
		resolver, err := dns.New(dns.Options{Servers: servers, Registerer: prometheus.NewRegistry()})
		if err != nil {
			return nil, err
		}
		return proof.NewChecker(resolver, proof.Options{}).Check, nil
	default:
		return nil, fmt.Errorf("no such source of proof: %q", opt.Source)
	}
}

func (opt Options) envelope() (mail.Envelope, error) {
	env := mail.Envelope{Helo: opt.Helo, Sender: opt.MailFrom, Recipients: opt.Recipients, Received: time.Now()}
	if opt.ClientIP == "" {
		return env, nil
	}
	ip, err := netip.ParseAddr(opt.ClientIP)
	if err != nil {
		return env, fmt.Errorf("client address: %w", err)
	}
	env.Client = ip
	return env, nil
}

func read(file string, stdin io.Reader) (mail.Header, []byte, error) {
	if file == "-" {
		return mail.ReadFile(stdin)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	header, body, err := mail.ReadFile(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return header, body, nil
}
