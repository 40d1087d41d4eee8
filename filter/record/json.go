package record

import (
	"encoding/json"
	"io"

	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/proof/spf"
	"sekisho/policy"
)

// Line is a Decision as one JSON object. The field names are an interface that
// other programs rely on: add, never rename.
type Line struct {
	File       string          `json:"file,omitempty"`
	Verdict    policy.Verdict  `json:"verdict"`
	Points     int             `json:"points"`
	Claims     []LineClaim     `json:"claims"`
	Proof      LineProof       `json:"proof"`
	Findings   []LineFinding   `json:"findings"`
	Recipients []LineRecipient `json:"recipients"`
	Shed       []policy.Check  `json:"shed,omitempty"` // left out because there was too much to do
	Trace      string          `json:"trace"`
}

// LineClaim is one claim in a Line.
type LineClaim struct {
	Brand    string         `json:"brand"`
	Place    claim.Place    `json:"place"`
	Strength claim.Strength `json:"strength"`
	Seen     string         `json:"seen"`
	Folded   string         `json:"folded"`
}

// LineProof is the proof in a Line. Results are RFC 8601 words; "" means that
// nobody looked.
type LineProof struct {
	Source      string         `json:"source"`
	FromDomain  string         `json:"from_domain"`
	SPF         string         `json:"spf"`
	SPFDomain   string         `json:"spf_domain,omitempty"`
	DKIM        []LineDKIM     `json:"dkim"`
	DMARC       string         `json:"dmarc"`
	DMARCAsks   string         `json:"dmarc_policy,omitempty"`
	DMARCSecure bool           `json:"dmarc_secure,omitempty"` // DNSSEC has proved the record
	ARC         string         `json:"arc"`
	IPRev       string         `json:"iprev,omitempty"`
	Helo        string         `json:"helo,omitempty"`
	TLS         string         `json:"tls,omitempty"`
	Disagree    *LineDisagree  `json:"dmarc_disagree,omitempty"`
	Identities  []LineIdentity `json:"identities"`
}

// LineDisagree is there when RFC 9989 and RFC 7489 differ: in the organisational
// domain of From, or else in what is aligned with it.
type LineDisagree struct {
	TreeWalk   string `json:"tree_walk"`
	SuffixList string `json:"suffix_list"` // "" for a public suffix
}

// LineDKIM is one signature in a Line.
type LineDKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
	Result   string `json:"result"`
	Reason   string `json:"reason,omitempty"`
	Secure   bool   `json:"secure,omitempty"` // DNSSEC has proved the key
}

// LineIdentity is one proved domain in a Line.
type LineIdentity struct {
	Domain   string `json:"domain"`
	Method   string `json:"method"`
	Strength string `json:"strength"`
	Aligned  bool   `json:"aligned"`
}

// LineFinding is one finding in a Line, with the points it has under the policy
// of the recipient with the worst verdict.
type LineFinding struct {
	Name   finding.Name `json:"name"`
	Points int          `json:"points"`
	Why    string       `json:"why"`
}

// LineRecipient is one recipient's outcome in a Line.
type LineRecipient struct {
	Rcpt    string         `json:"rcpt"`
	Policy  string         `json:"policy"`
	Verdict policy.Verdict `json:"verdict"`
	Points  int            `json:"points"`
	By      finding.Name   `json:"by,omitempty"`
	Where   string         `json:"where,omitempty"`

	Observed   policy.Verdict `json:"observed,omitempty"` // the verdict that was not carried out, because the policy only observes
	Exceptions []policy.Used  `json:"exceptions,omitempty"`
	Softened   []finding.Name `json:"softened,omitempty"` // findings that have stepped down for their false alarms
	Forwarder  *LineForwarder `json:"forwarder,omitempty"`
}

// LineForwarder is the trusted path that failures of authentication were put down
// to for a recipient.
type LineForwarder struct {
	Kind   finding.ForwarderKind `json:"kind"`
	Domain string                `json:"domain"`
	Where  string                `json:"where"`
	Reason string                `json:"reason"`
}

// WriteJSON writes the decision as one line; file names where the message came
// from and may be empty.
func (d *Decision) WriteJSON(w io.Writer, file string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(d.line(file))
}

func (d *Decision) line(file string) Line {
	l := Line{
		File: file, Verdict: d.Verdict, Points: d.Points, Shed: d.Shed, Trace: d.Trace,
		Claims: []LineClaim{}, Findings: []LineFinding{}, Recipients: []LineRecipient{},
		Proof: d.lineProof(),
	}
	for _, c := range d.Claims {
		l.Claims = append(l.Claims, LineClaim{Brand: c.Brand, Place: c.Place, Strength: c.Strength, Seen: c.Seen, Folded: c.Folded})
	}
	for _, s := range d.scores() {
		l.Findings = append(l.Findings, LineFinding{Name: s.Finding.Name, Points: s.Points, Why: s.Finding.Why})
	}
	for _, r := range d.Recipients {
		lr := LineRecipient{Rcpt: r.Address, Policy: r.Policy, Verdict: r.Verdict, Points: r.Points, By: r.By, Where: r.Where, Observed: r.Observed, Exceptions: r.Exceptions, Softened: r.Softened}
		if f := r.Forwarder; f != nil {
			lr.Forwarder = &LineForwarder{Kind: f.Kind, Domain: f.Domain, Where: f.Where, Reason: f.Reason}
		}
		l.Recipients = append(l.Recipients, lr)
	}
	return l
}

func (d *Decision) lineProof() LineProof {
	p := &d.Proof
	l := LineProof{
		Source: string(p.Source), FromDomain: p.FromDomain,
		SPF: string(p.SPF.Result), DMARC: string(p.DMARC.Result), DMARCAsks: string(p.DMARC.Published), DMARCSecure: p.DMARC.Secure,
		ARC: p.ARC, IPRev: string(p.IPRev.Result), Helo: p.Client.Helo, TLS: p.Client.TLSVersion,
		DKIM: []LineDKIM{}, Identities: []LineIdentity{},
	}
	if p.DMARC.Disagree {
		l.Disagree = &LineDisagree{TreeWalk: p.DMARC.OrgDomain, SuffixList: p.DMARC.ListOrgDomain}
	}
	if p.SPF.Result != "" && p.SPF.Result != spf.None {
		l.SPFDomain = p.SPF.Domain
	}
	for _, s := range p.DKIM {
		l.DKIM = append(l.DKIM, LineDKIM{Domain: s.Domain, Selector: s.Selector, Result: string(s.Result), Reason: s.Reason, Secure: s.Secure})
	}
	for _, id := range p.Identities {
		l.Identities = append(l.Identities, LineIdentity{Domain: id.Domain, Method: string(id.Method), Strength: string(id.Strength), Aligned: id.Aligned})
	}
	return l
}

// scores returns the findings with the points of the heaviest recipient's policy.
func (d *Decision) scores() []policy.Score {
	if h := d.Heaviest(); len(h.Scores) > 0 {
		return h.Scores
	}
	scores := make([]policy.Score, len(d.Findings))
	for i, f := range d.Findings {
		scores[i] = policy.Score{Finding: f}
	}
	return scores
}
