package trial

import (
	"fmt"
	"strconv"

	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/authres"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
	"sekisho/policy/strictyaml"
)

// papers say who a message is proved to be. The zero value is nobody's word.
type papers struct {
	header  bool     // the topmost Authentication-Results field of the message is believed
	results *results // stated; nil for none
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (p *papers) UnmarshalValue(v strictyaml.Value) {
	if text, ok := v.Text(); ok {
		switch text {
		case "none":
		case "header":
			p.header = true
		default:
			v.Wants("none, header, or results such as {spf: pass, dkim: [example.com], dmarc: pass}")
		}
		return
	}
	v.Decode(&p.results)
}

// results are stated results of the methods; one that is left out was not looked at.
type results struct {
	SPF   spfResult   `yaml:"spf" doc:"Of the domain of envelope.sender, or of envelope.helo without a sender."`
	DKIM  []signature `yaml:"dkim" doc:"Signatures: the domain of one that passes, or its domain and result."`
	DMARC *dmarcEntry `yaml:"dmarc" doc:"Of the domain in From."`
	IPRev iprevResult `yaml:"iprev" doc:"Whether envelope.client_name leads back to envelope.client."`
	Seals []seal      `yaml:"seals" doc:"Of an ARC chain that is valid, the newest first."`
}

type (
	spfResult   spf.Result
	dkimResult  dkim.Result
	dmarcResult dmarc.Result
	dmarcPolicy dmarc.Policy
	iprevResult iprev.Result
)

// Words of the methods (RFC 8601, section 2.7).
var (
	spfWords    = []spfResult{spfResult(spf.Pass), spfResult(spf.Fail), spfResult(spf.SoftFail), spfResult(spf.Neutral), spfResult(spf.None), spfResult(spf.TempError), spfResult(spf.PermError)}
	dkimWords   = []dkimResult{dkimResult(dkim.Pass), dkimResult(dkim.Fail), dkimResult(dkim.Policy), dkimResult(dkim.Neutral), dkimResult(dkim.TempError), dkimResult(dkim.PermError)}
	dmarcWords  = []dmarcResult{dmarcResult(dmarc.Pass), dmarcResult(dmarc.Fail), dmarcResult(dmarc.None), dmarcResult(dmarc.TempError), dmarcResult(dmarc.PermError)}
	policyWords = []dmarcPolicy{dmarcPolicy(dmarc.PolicyNone), dmarcPolicy(dmarc.PolicyQuarantine), dmarcPolicy(dmarc.PolicyReject)}
	iprevWords  = []iprevResult{iprevResult(iprev.Pass), iprevResult(iprev.Fail), iprevResult(iprev.TempError), iprevResult(iprev.PermError)}
)

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *spfResult) UnmarshalValue(v strictyaml.Value) { word(v, r, spfWords...) }

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *dkimResult) UnmarshalValue(v strictyaml.Value) { word(v, r, dkimWords...) }

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *dmarcResult) UnmarshalValue(v strictyaml.Value) { word(v, r, dmarcWords...) }

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *dmarcPolicy) UnmarshalValue(v strictyaml.Value) { word(v, r, policyWords...) }

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *iprevResult) UnmarshalValue(v strictyaml.Value) { word(v, r, iprevWords...) }

// domain is a domain name, as A-label.
type domain string

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *domain) UnmarshalText(text []byte) error {
	ascii, ok := mail.ASCIIDomain(string(text))
	if !ok {
		return fmt.Errorf("wants a domain name, has %q", text)
	}
	*d = domain(ascii)
	return nil
}

// signature is a DKIM signature.
type signature struct {
	domain domain
	result dkimResult
	bits   int
}

// signatureKeys is its long form.
type signatureKeys struct {
	Domain domain     `yaml:"domain,required" doc:"d= of the signature."`
	Result dkimResult `yaml:"result,required" doc:"What came of it."`
	Bits   int        `yaml:"bits" doc:"Length of its RSA key; 2048 when left out."`
}

const usualBits = 2048

// UnmarshalValue implements strictyaml.Unmarshaler.
func (s *signature) UnmarshalValue(v strictyaml.Value) {
	*s = signature{result: dkimResult(dkim.Pass), bits: usualBits}
	if _, short := v.Text(); short {
		v.Decode(&s.domain)
		return
	}
	keys := signatureKeys{Bits: usualBits}
	v.Decode(&keys)
	*s = signature{keys.Domain, keys.Result, keys.Bits}
}

// dmarcEntry is the result for the author's domain: pass, or in its long form with
// the policy that the domain asks for.
type dmarcEntry struct {
	Result dmarcResult `yaml:"result,required" doc:"What came of it."`
	Policy dmarcPolicy `yaml:"policy" doc:"What the domain asks for when it fails; none when left out."`
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (d *dmarcEntry) UnmarshalValue(v strictyaml.Value) {
	if _, short := v.Text(); short {
		v.Decode(&d.Result)
		return
	}
	type keys dmarcEntry
	v.Decode((*keys)(d))
}

// seal is one set of an ARC chain.
type seal struct {
	Domain domain `yaml:"domain,required" doc:"Who sealed."`
	Author bool   `yaml:"author" doc:"It states that the author was authenticated there."`
}

// prove returns the proof of a message. An error says why what is stated can't be.
func (p *papers) prove(msg *mail.Message, env *mail.Envelope) (proof.Proof, error) {
	switch {
	case p.header:
		return proof.FromResults(msg), nil
	case p.results == nil:
		return proof.Unproved(msg), nil
	}
	return p.results.prove(msg, env)
}

// prove reads the results as those of a field on top of the message, which has the
// authority that our own checks have.
func (r *results) prove(msg *mail.Message, env *mail.Envelope) (proof.Proof, error) {
	raw := authres.FieldName + ": " + authres.Format("test.invalid", r.list(env)) + "\r\n"
	below := *msg
	below.Header = append(mail.Header{{Name: authres.FieldName, Raw: []byte(raw)}}, msg.Header...)
	p := proof.FromResults(&below)
	p.Source = proof.FromDNS
	for _, id := range p.Identities {
		if id.Aligned && p.DMARC.Result == dmarc.Fail {
			return p, fmt.Errorf("proof: %s passes for %s, which is in alignment with From, so dmarc can't fail", id.Method, id.Domain)
		}
	}
	p.Client = proof.Client{Addr: env.Client, Helo: env.Helo, TLSVersion: env.TLSVersion}
	if p.IPRev.Result == iprev.Pass {
		p.IPRev.Name, p.Client.Name = env.ClientName, env.ClientName
		p.Client.HeloProved = env.Helo == env.ClientName
	}
	for _, s := range r.Seals {
		p.ARC = "pass"
		p.Seals = append(p.Seals, proof.Seal{Domain: string(s.Domain), Author: s.Author})
	}
	return p, nil
}

// list are the results as RFC 8601 writes them.
func (r *results) list(env *mail.Envelope) []authres.Result {
	var all []authres.Result
	add := func(method, value, comment string, properties ...authres.Property) {
		if value != "" {
			all = append(all, authres.Result{Method: method, Value: value, Comment: comment, Properties: properties})
		}
	}
	sender := authres.Property{Type: "smtp", Name: "mailfrom", Value: env.Sender}
	if env.Sender == "" {
		sender = authres.Property{Type: "smtp", Name: "helo", Value: env.Helo}
	}
	add("spf", string(r.SPF), "", sender)
	for _, s := range r.DKIM {
		add("dkim", string(s.result), strconv.Itoa(s.bits)+"-bit key",
			authres.Property{Type: "header", Name: "d", Value: string(s.domain)}, authres.Property{Type: "header", Name: "a", Value: "rsa-sha256"})
	}
	if d := r.DMARC; d != nil {
		add("dmarc", string(d.Result), "", authres.Property{Type: "policy", Name: "dmarc", Value: string(d.Policy)})
	}
	add("iprev", string(r.IPRev), "")
	return all
}

// check tells results that lack what they are about.
func (r *results) check(e *entry, doc *strictyaml.Document) {
	pos := e.Proof.Pos
	env := e.Envelope
	if env == nil {
		env = &envelope{}
	}
	if r.SPF != "" && env.Sender == "" && env.Helo == "" {
		doc.Errorf(pos, "proof: spf is about envelope.sender, or envelope.helo, and neither is there")
	}
	if r.IPRev == iprevResult(iprev.Pass) && (!env.Client.IsValid() || env.ClientName == "") {
		doc.Errorf(pos, "proof: iprev: pass is about envelope.client and envelope.client_name, and one of them is missing")
	}
	if len(r.DKIM) > maxSignatures {
		doc.Errorf(pos, "proof: more than %d signatures", maxSignatures)
	}
	if len(r.Seals) > maxSeals {
		doc.Errorf(pos, "proof: more than %d seals", maxSeals)
	}
	if d := r.DMARC; d != nil && d.Policy != "" && d.Result != dmarcResult(dmarc.Fail) && d.Result != dmarcResult(dmarc.Pass) {
		doc.Errorf(pos, "proof: a domain with a DMARC policy passes or fails, not %s", d.Result)
	}
}
