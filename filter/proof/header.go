package proof

import (
	"slices"
	"strconv"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/proof/authres"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// FromResults takes the results from the topmost Authentication-Results field,
// or with ids from the topmost one that bears one of these authserv-ids. It is
// for messages that a gateway has checked: whoever wrote the field is believed.
// A field without authserv-id, as Microsoft writes it, has the id "".
//
// Only what the field states counts. A field that can't be read, or none, is no
// result at all; fields further down are never asked instead, since the sender
// may have written them.
func FromResults(msg *mail.Message, ids ...string) Proof {
	field, _ := topmost(msg.Header, ids)
	return stated(msg, field.Results)
}

// stated is the proof of a message by what somebody states.
func stated(msg *mail.Message, results []authres.Result) Proof {
	p := newProof(FromHeader, msg)
	p.ARC = "none"
	for _, r := range results {
		p.take(r)
	}
	p.settleDMARC()
	p.findIdentities()
	p.trustDMARC()
	return p
}

// topmost returns the field to believe. One that can't be read is believed too:
// it has no results. So has one whose id is only nearly one of ids: a gateway need
// not take such a field for its own, and may have left in what the sender wrote.
func topmost(h mail.Header, ids []string) (authres.Field, bool) {
	var own []int
	for _, id := range ids {
		if id != "" {
			own = append(own, authres.Own(h, id)...)
		}
	}
	nameless := len(ids) == 0 || slices.Contains(ids, "")
	place := 0
	for _, f := range h {
		if !strings.EqualFold(strings.TrimRight(f.Name, " \t"), authres.FieldName) {
			continue
		}
		place++
		field, err := authres.Parse(string(f.Value()))
		switch {
		case len(ids) == 0, nameless && (err != nil || field.ID == ""):
			return field, err == nil
		case slices.Contains(own, place):
			if err != nil || !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, field.ID) }) {
				return authres.Field{}, false
			}
			return field, true
		}
	}
	return authres.Field{}, false
}

// take adds one result. Methods that are no proof, such as Microsoft's compauth
// (its own opinion), are passed over.
func (p *Proof) take(r authres.Result) {
	switch r.Method {
	case "spf":
		p.takeSPF(r)
	case "dkim":
		if r.Value != string(dkim.None) && len(p.DKIM) < dkim.MaxSignatures {
			p.DKIM = append(p.DKIM, takeDKIM(r))
		}
	case "dmarc":
		if p.DMARC.Result == "" {
			p.DMARC = takeDMARC(r)
		}
	case "iprev":
		if p.IPRev.Result == "" {
			p.IPRev.Result = oneOf(r.Value, iprev.PermError, iprev.Pass, iprev.Fail, iprev.TempError)
		}
	case "arc":
		p.ARC = oneOf(r.Value, "none", "pass", "fail")
	}
}

// oneOf returns the word among words that value is, else the fallback.
func oneOf[T ~string](value string, fallback T, words ...T) T {
	if slices.Contains(words, T(value)) {
		return T(value)
	}
	return fallback
}

// takeSPF fills in the MAIL FROM or the HELO check, whichever the result names.
func (p *Proof) takeSPF(r authres.Result) {
	value := r.Value
	if value == "hardfail" { // RFC 5451's word, still written
		value = string(spf.Fail)
	}
	check := spf.Check{
		Result:   oneOf(value, spf.PermError, spf.Pass, spf.Fail, spf.SoftFail, spf.Neutral, spf.None, spf.TempError),
		Identity: "mailfrom",
		Reason:   r.Reason,
	}
	sender, helo := r.Get("smtp", "mailfrom"), r.Get("smtp", "helo")
	if sender == "" {
		sender = r.Get("smtp", "mail")
	}
	sender = strings.Trim(sender, "<>")
	domain := domainPart(sender)
	if domain != "" && strings.Contains(sender, "@") {
		check.Sender = sender
	}
	if domain == "" && helo != "" {
		check.Identity, domain = "helo", asciiDomain(helo)
	}
	check.Domain = domain
	switch {
	case check.Identity == "helo" && p.Helo.Result == "":
		p.Helo = check
	case check.Identity == "mailfrom" && p.SPF.Result == "":
		p.SPF = check
	}
}

func takeDKIM(r authres.Result) dkim.Signature {
	s := dkim.Signature{
		Result:    oneOf(r.Value, dkim.PermError, dkim.Pass, dkim.Fail, dkim.Policy, dkim.Neutral, dkim.TempError),
		Domain:    asciiDomain(r.Get("header", "d")),
		Identity:  r.Get("header", "i"),
		Selector:  r.Get("header", "s"),
		Algorithm: strings.ToLower(r.Get("header", "a")),
		B:         r.Get("header", "b"),
		Reason:    r.Reason,
	}
	if s.Domain == "" {
		s.Domain = domainPart(s.Identity) // which lies within d=
	}
	if number, _, ok := strings.Cut(r.Comment, "-bit"); ok { // OpenDKIM: (2048-bit key)
		s.KeyBits, _ = strconv.Atoi(number)
	}
	return s
}

// takeDMARC reads the result, and the policy where a server tells it: as a
// property, in a comment (p=REJECT), or as Microsoft's action=.
func takeDMARC(r authres.Result) dmarc.Check {
	c := dmarc.Check{
		Result:       oneOf(r.Value, dmarc.None, dmarc.Pass, dmarc.Fail, dmarc.TempError, dmarc.PermError),
		AuthorDomain: domainPart(r.Get("header", "from")),
		Reason:       r.Reason,
	}
	words := strings.FieldsFunc(r.Comment, func(r rune) bool { return strings.ContainsRune(" ,;", r) })
	for _, w := range words {
		if name, value, ok := strings.Cut(strings.ToLower(w), "="); ok && name == "p" && c.Published == "" {
			c.Published = policyWord(value)
		}
	}
	if c.Published == "" {
		c.Published = policyWord(r.Get("policy", "published-domain-policy"))
	}
	c.Applied = policyWord(strings.ToLower(r.Get("policy", "dmarc")))
	if c.Applied == "" {
		c.Applied = policyWord(strings.TrimPrefix(strings.ToLower(r.Get("", "action")), "o")) // oreject: overridden
	}
	if c.Applied == "" {
		c.Applied = c.Published
	}
	return c
}

func policyWord(s string) dmarc.Policy {
	return oneOf(s, "", dmarc.PolicyNone, dmarc.PolicyQuarantine, dmarc.PolicyReject)
}

// settleDMARC drops a DMARC result that is about another domain than the one
// that the message's reader sees.
func (p *Proof) settleDMARC() {
	switch why := p.unusableAuthor(); {
	case why != "":
		p.DMARC = dmarc.Check{Result: dmarc.PermError, Reason: why}
	case p.DMARC.Result == "":
		p.DMARC = dmarc.Check{Result: dmarc.None, AuthorDomain: p.FromDomain, Reason: "the field states no DMARC result"}
	case p.DMARC.AuthorDomain != "" && p.DMARC.AuthorDomain != p.FromDomain:
		p.DMARC = dmarc.Check{Result: dmarc.None, AuthorDomain: p.FromDomain, Reason: "the field is about another From domain"}
	default:
		p.DMARC.AuthorDomain = p.FromDomain
	}
	if p.SPF.Result == "" && p.Helo.Result != "" {
		p.SPF = p.Helo // the path was null
	}
}

// trustDMARC says what aligned, and adds the From domain itself where the field
// states that DMARC passed, but not by what.
func (p *Proof) trustDMARC() {
	if p.DMARC.Result != dmarc.Pass {
		return
	}
	if p.aligned() {
		p.DMARC.AlignedBy, p.DMARC.AlignedDomain = string(p.Identities[0].Method), p.Identities[0].Domain
		return
	}
	id := Identity{Domain: p.FromDomain, OrgDomain: p.FromOrg, Method: ByDMARC, Strength: Stated, Aligned: true}
	p.Identities = slices.Insert(p.Identities, 0, id)
}

// domainPart returns the domain of an address or a bare domain, "" if it is none.
func domainPart(s string) string { return asciiDomain(s[strings.LastIndexByte(s, '@')+1:]) }
