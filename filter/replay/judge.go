package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/dns"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/replay/archive"
	"sekisho/policy"
)

// BuiltIn names the built-in policy where a folder is asked for.
const BuiltIn = "built-in"

// judge judges single messages. It is safe for concurrent use.
type judge struct {
	gate    *gate.Gate
	against *policy.Set // nil: not compared
	env     mail.Envelope
	timeout time.Duration
}

// newJudge loads policies and brands, and chooses where proof comes from.
func newJudge(opt *Options) (*judge, error) {
	prove, err := prover(opt.Source, opt.Resolver)
	if err != nil {
		return nil, err
	}
	set, err := gate.LoadSet(1, folder(opt.Policies), opt.Brands, opt.Lists...)
	if err != nil {
		return nil, err
	}
	j := &judge{
		// Ids of decisions are not told: an endless nought makes no difference.
		gate:    gate.New(set, gate.Options{Prover: prove, Random: nought{}}),
		timeout: opt.Timeout,
	}
	if opt.Recipient != "" {
		j.env.Recipients = []string{opt.Recipient}
	}
	if opt.Against == "" {
		return j, nil
	}
	j.against, err = policies(opt.Against)
	return j, err
}

// recipient is whose policy judges; "" is the default policy's.
func (j *judge) recipient() string {
	if len(j.env.Recipients) == 0 {
		return ""
	}
	return j.env.Recipients[0]
}

func policies(dir string) (*policy.Set, error) {
	if folder(dir) == "" {
		return policy.Embedded()
	}
	return policy.Load(dir)
}

// folder is the policy folder as gate.LoadSet wants it.
func folder(dir string) string {
	if dir == BuiltIn {
		return ""
	}
	return dir
}

type nought struct{}

func (nought) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// prover makes the source of proof.
func prover(source proof.Source, resolver string) (gate.Prover, error) {
	switch source {
	case proof.FromHeader:
		return func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.FromResults(m) }, nil
	case proof.FromNobody:
		return func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(m) }, nil
	case proof.FromDNS:
		opt := dns.Options{Registerer: prometheus.NewRegistry()}
		if resolver != "" {
			opt.Servers = []string{resolver}
		}
		r, err := dns.New(opt)
		if err != nil {
			return nil, err
		}
		return proof.NewChecker(r, proof.Options{}).Check, nil
	}
	return nil, fmt.Errorf("no such source of proof: %q", source)
}

// judge judges one message of an archive. Whatever goes wrong is in the Outcome:
// one bad file must not end a run over a million good ones.
func (j *judge) judge(ctx context.Context, m archive.Message) (o Outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = Outcome{File: m.Name, Error: fmt.Sprintf("panic: %v", p)}
		}
	}()
	header, body, err := read(m)
	if err != nil {
		return Outcome{File: m.Name, Error: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	d := j.gate.Inspect(ctx, j.env, header, body)
	o = tell(m.Name, d)
	if j.against != nil {
		old := j.against.Hear(d.Facts, d.Started).For(j.recipient())
		o.Against = &Against{Verdict: old.Verdict, Points: old.Points, By: old.By}
	}
	return o
}

func read(m archive.Message) (h mail.Header, body []byte, err error) {
	f, err := m.Open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return mail.ReadFile(f)
}
