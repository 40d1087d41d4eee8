package record

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// WriteAccount tells a person what was decided and why. file names where the
// message came from.
func (d *Decision) WriteAccount(w io.Writer, file string) error {
	b := bufio.NewWriter(w)
	h := d.Heaviest()
	fmt.Fprintf(b, "%s\n", printable(file))
	row(b, "verdict", fmt.Sprintf("%s, %d points%s", d.Verdict, d.Points, because(h.Where, string(h.By))))
	if d.Failure != "" {
		row(b, "failure", d.Failure)
	}
	if d.Message != nil {
		row(b, "from", author(d.Message))
		row(b, "subject", d.Message.Subject.Shown)
	}
	d.accountClaims(b)
	d.accountProof(b)
	label := "findings"
	for _, s := range d.scores() {
		row(b, label, fmt.Sprintf("%+d %s: %s", s.Points, s.Finding.Name, s.Finding.Why))
		label = ""
	}
	label = "for"
	for _, r := range d.Recipients {
		who := r.Address
		if who == "" {
			who = "(any recipient)"
		}
		verdict := string(r.Verdict)
		if r.Observed != "" {
			verdict += " (only observed: " + string(r.Observed) + ")"
		}
		row(b, label, fmt.Sprintf("%s -> %s, policy %s%s", who, verdict, r.Policy, because(r.Where, string(r.By))))
		for _, u := range r.Exceptions {
			row(b, "", "exception "+exception(u))
		}
		if f := r.Forwarder; f != nil {
			row(b, "", fmt.Sprintf("by the trusted %s %s (%s: %s)", f.Kind, f.Domain, f.Where, f.Reason))
		}
		label = ""
	}
	row(b, "trace", d.Trace)
	return b.Flush()
}

func (d *Decision) accountClaims(b *bufio.Writer) {
	if len(d.Claims) == 0 {
		row(b, "claims", "none")
		return
	}
	label := "claims"
	for _, c := range d.Claims {
		note := string(c.Strength)
		if c.Ambiguous {
			note += ", ambiguous"
		}
		row(b, label, fmt.Sprintf("%s in %s (%s): seen %q, folded %q", c.Brand, c.Place, note, c.Seen, c.Folded))
		label = ""
	}
}

func (d *Decision) accountProof(b *bufio.Writer) {
	p := &d.Proof
	if len(p.Identities) == 0 {
		row(b, "proved", "nothing")
	}
	label := "proved"
	for _, id := range p.Identities {
		note := "not aligned with From"
		if id.Aligned {
			note = "aligned with From"
		}
		if id.Strength == proof.WeakKey && id.KeyBits > 0 {
			note += fmt.Sprintf(", with a key of %d bits only", id.KeyBits)
		}
		row(b, label, fmt.Sprintf("%s by %s, %s", id.Domain, id.Method, note))
		label = ""
	}
	var words []string
	add := func(method, result string) {
		if result != "" {
			words = append(words, method+"="+result)
		}
	}
	add("spf", string(p.SPF.Result))
	for _, s := range p.DKIM {
		add("dkim("+s.Domain+")", string(s.Result))
	}
	add("dmarc", string(p.DMARC.Result))
	add("p", string(p.DMARC.Published))
	add("arc", p.ARC)
	add("iprev", string(p.IPRev.Result))
	words = append(words, "(source "+string(p.Source)+")")
	row(b, "results", strings.Join(words, " "))
}

func because(where, by string) string {
	switch {
	case where == "" && by == "":
		return ""
	case by == "":
		return " (" + where + ")"
	default:
		return " (" + where + ", by " + by + ")"
	}
}

func author(m *mail.Message) string {
	var all []string
	for _, f := range m.From {
		if f.Name.Shown == "" {
			all = append(all, "<"+f.Address+">")
			continue
		}
		all = append(all, fmt.Sprintf("%q <%s>", f.Name.Shown, f.Address))
	}
	if m.Author != mail.AuthorOne {
		all = append(all, "("+string(m.Author)+")")
	}
	return strings.Join(all, ", ")
}

func row(b *bufio.Writer, label, text string) {
	fmt.Fprintf(b, "  %-9s %s\n", label, printable(text))
}

// printable keeps hostile text from moving a terminal's cursor or adding lines.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}
