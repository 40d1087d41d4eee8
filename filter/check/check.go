package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"sekisho/filter/dns"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// Options say how to judge.
type Options struct {
	Source     proof.Source  // where proof comes from
	Resolver   string        // host:port of the name server for proof from DNS; "" is the system's
	Policies   string        // policy folder; "" is the built-in one
	Brands     []string      // catalogue files beside the built-in one
	Lists      []string      // of senders and links that phishing used
	Timeout    time.Duration // for one message
	ClientIP   string        // SMTP client; "" is unknown
	Helo       string
	MailFrom   string   // "" is the null reverse-path
	Recipients []string // none: the default policy judges
	JSON       bool     // one object a line instead of an account for people
}

// ErrUnreadable means that at least one file could not be read; the others were
// judged.
var ErrUnreadable = errors.New("not every file could be read")

// Stdin is the name of standard input among files.
const Stdin = "-"

// Bench judges files.
type Bench struct {
	opt      Options
	gate     *gate.Gate
	envelope mail.Envelope
	resolver *dns.Resolver // nil where proof does not come from DNS
}

// New checks the options and loads policies and brands.
func New(opt Options) (*Bench, error) {
	b := &Bench{
		opt:      opt,
		envelope: mail.Envelope{Helo: opt.Helo, Sender: opt.MailFrom, Recipients: opt.Recipients, Received: time.Now()},
	}
	if opt.Timeout <= 0 {
		return nil, fmt.Errorf("time limit: has to be above zero, is %v", opt.Timeout)
	}
	if opt.ClientIP != "" {
		ip, err := netip.ParseAddr(opt.ClientIP)
		if err != nil {
			return nil, fmt.Errorf("client address: %w", err)
		}
		b.envelope.Client = ip.Unmap()
	}
	set, err := gate.LoadSet(1, opt.Policies, opt.Brands, opt.Lists...)
	if err != nil {
		return nil, err
	}
	prover, err := b.prover(set)
	if err != nil {
		return nil, err
	}
	b.gate = gate.New(set, gate.Options{Prover: prover})
	return b, nil
}

func (b *Bench) prover(set *gate.Set) (gate.Prover, error) {
	switch b.opt.Source {
	case proof.FromHeader:
		return func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof {
			return proof.FromResults(msg)
		}, nil
	case proof.FromNobody:
		return func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(msg) }, nil
	case proof.FromDNS:
		var servers []string
		if b.opt.Resolver != "" {
			servers = []string{b.opt.Resolver}
		}
		var err error
		if b.resolver, err = dns.New(dns.Options{Servers: servers}); err != nil {
			return nil, err
		}
		return proof.NewChecker(b.resolver, proof.Options{}).Prover(proof.Rules{ARC: set.Policies.TrustsSealers()}), nil
	default:
		return nil, fmt.Errorf("no such source of proof: %q", b.opt.Source)
	}
}

// Close ends look-ups under way.
func (b *Bench) Close() {
	if b.resolver != nil {
		b.resolver.Close()
	}
}

// Streams are where files come from and results go to.
type Streams struct {
	In       io.Reader // what the file "-" is
	Out      io.Writer // what came of each file, in their order
	Problems io.Writer // one line for each file that could not be read
}

// Judge judges the files in their order. It returns ErrUnreadable when all that
// could be read were judged; other errors end it early: that Out failed, or that
// ctx ended.
func (b *Bench) Judge(ctx context.Context, files []string, s Streams) error {
	var failed error
	for _, file := range files {
		header, body, err := read(file, s.In)
		if err != nil {
			fmt.Fprintf(s.Problems, "sekisho: %v\n", err)
			failed = ErrUnreadable
			continue
		}
		if err := b.judge(ctx, file, header, body, s.Out); err != nil {
			return err
		}
	}
	return failed
}

func (b *Bench) judge(ctx context.Context, file string, header mail.Header, body []byte, out io.Writer) error {
	limited, cancel := context.WithTimeout(ctx, b.opt.Timeout)
	defer cancel()
	d := b.gate.Inspect(limited, b.envelope, header, body)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", file, err) // look-ups were cut short: this is no verdict
	}
	if b.opt.JSON {
		return d.WriteJSON(out, file)
	}
	return d.WriteAccount(out, file)
}

// read names the file in its errors, once.
func read(file string, stdin io.Reader) (mail.Header, []byte, error) {
	if file == Stdin {
		header, body, err := mail.ReadFile(stdin)
		if err != nil {
			err = fmt.Errorf("standard input: %w", err)
		}
		return header, body, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, plain(file, err)
	}
	defer f.Close()
	header, body, err := mail.ReadFile(f)
	if err != nil {
		return nil, nil, plain(file, err)
	}
	return header, body, nil
}

// plain leaves out the operation, which says nothing to whoever named the file.
func plain(file string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", file, err)
}
