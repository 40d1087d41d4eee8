package arc

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

// letter is a message that sealers pass on. Fields are without the CRLF at
// their end.
type letter struct {
	fields []string
	body   string
}

func newLetter() letter {
	return letter{[]string{"From: Joe <joe@author.example>", "To: list@s1.example", "Subject: a  word\r\n\tor two", "Date: Tue, 24 Nov 2026 00:00:00 +0000"},
		"Hello,\r\n  this is \t the body. \r\n\r\n"}
}

func (l letter) header() mail.Header {
	h := make(mail.Header, len(l.fields))
	for i, f := range l.fields {
		name, _, _ := strings.Cut(f, ":")
		h[i] = mail.Field{Name: name, Raw: []byte(f + "\r\n")}
	}
	return h
}

// edit returns the letter with one field replaced, or without it when by is "".
func (l letter) edit(prefix, by string) letter {
	i := slices.IndexFunc(l.fields, func(f string) bool { return strings.HasPrefix(f, prefix) })
	fields := slices.Clone(l.fields)
	if by == "" {
		fields = slices.Delete(fields, i, i+1)
	} else {
		fields[i] = by
	}
	return letter{fields, l.body}
}

// sealer seals letters, by the words of the RFCs and with nothing of the code
// that verifies. Each domain publishes the same two keys.
type sealer struct {
	ed   ed25519.PrivateKey
	rsa  *rsa.PrivateKey
	zone zone
}

func newSealer(t testing.TB) *sealer {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &sealer{ed, key, zone{}}
}

// hop says what one sealer does other than usual.
type hop struct {
	instance int    // the next
	domain   string // s1.example, s2.example...
	signer   string // d= of the message signature: domain
	rsa      bool   // instead of Ed25519
	cv       string // "none" or "pass", as it should be
	names    string // h=: From, To, Subject and Date
	form     string // c=: relaxed/relaxed
	ams      string // more tags of the message signature, each with "; "
	seal     string // more tags of the seal
	results  string // of the field, behind the instance
}

func (s *sealer) seal(t testing.TB, l letter, o hop) letter {
	t.Helper()
	set := func(to *string, usual string) {
		if *to == "" {
			*to = usual
		}
	}
	if o.instance == 0 {
		o.instance = 1 + strings.Count(strings.Join(l.fields, "\r\n"), nameSeal+":")
	}
	set(&o.domain, fmt.Sprintf("s%d.example", o.instance))
	set(&o.signer, o.domain)
	set(&o.cv, map[bool]string{true: "none", false: "pass"}[o.instance == 1])
	set(&o.names, "from:to:subject:date")
	set(&o.form, "relaxed/relaxed")
	set(&o.results, o.domain+"; dkim=pass header.d=author.example")
	algorithm, selector := "ed25519-sha256", "ed"
	if o.rsa {
		algorithm, selector = "rsa-sha256", "rsa"
	}
	s.publish(t, o.domain)
	s.publish(t, o.signer)

	aar := fmt.Sprintf("%s: i=%d; %s", nameResults, o.instance, o.results)
	headerForm, bodyForm, _ := strings.Cut(o.form, "/")
	ams := fmt.Sprintf("%s: i=%d; a=%s; c=%s; d=%s; s=%s; h=%s;\r\n\t%sbh=%s; b=", nameSignature, o.instance, algorithm, o.form, o.signer, selector,
		o.names, o.ams, base64Sum(canonicalBody(bodyForm, l.body)))
	signed := append(pickFields(l.fields, o.names), ams)
	ams += s.sign(t, o.rsa, canonicalFields(headerForm, signed))

	seal := fmt.Sprintf("%s: i=%d; a=%s; cv=%s; d=%s; s=%s; %sb=", nameSeal, o.instance, algorithm, o.cv, o.domain, selector, o.seal)
	sealed := append(sealedFields(l.fields), aar, ams, seal)
	seal += s.sign(t, o.rsa, canonicalFields("relaxed", sealed))
	return letter{append([]string{seal, ams, aar}, l.fields...), l.body}
}

// chain seals a letter n times.
func (s *sealer) chain(t testing.TB, l letter, n int, o hop) letter {
	t.Helper()
	for range n {
		l = s.seal(t, l, o)
	}
	return l
}

func (s *sealer) verify(t testing.TB, l letter) Check {
	t.Helper()
	return (&Verifier{Resolver: s.zone}).Verify(t.Context(), l.header(), []byte(l.body))
}

func (s *sealer) publish(t testing.TB, domain string) {
	t.Helper()
	if s.zone["ed._domainkey."+domain] != "" {
		return
	}
	der, err := x509.MarshalPKIXPublicKey(&s.rsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	s.zone["ed._domainkey."+domain] = "v=DKIM1; k=ed25519; p=" + b64(s.ed.Public().(ed25519.PublicKey))
	s.zone["rsa._domainkey."+domain] = "v=DKIM1; p=" + b64(der)
}

func (s *sealer) sign(t testing.TB, withRSA bool, text string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	sig := ed25519.Sign(s.ed, sum[:])
	if withRSA {
		var err error
		if sig, err = rsa.SignPKCS1v15(nil, s.rsa, crypto.SHA256, sum[:]); err != nil {
			t.Fatal(err)
		}
	}
	return base64.StdEncoding.EncodeToString(sig)
}

func base64Sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// sealedFields returns the fields of all sets in the order in which a seal signs
// them. They stand in the letter from the newest set to the oldest, the seal on
// top of each.
func sealedFields(fields []string) []string {
	var out []string
	for _, f := range fields {
		if strings.HasPrefix(f, "ARC-") {
			out = append(out, f)
		}
	}
	slices.Reverse(out)
	return out
}

// pickFields returns the fields that h= names, the lowest of a name first.
func pickFields(fields []string, names string) []string {
	var out []string
	used := map[int]bool{}
	for name := range strings.SplitSeq(names, ":") {
		for i := len(fields) - 1; i >= 0; i-- {
			of, _, _ := strings.Cut(fields[i], ":")
			if !used[i] && strings.EqualFold(strings.TrimSpace(name), strings.TrimRight(of, " \t")) {
				used[i] = true
				out = append(out, fields[i])
				break
			}
		}
	}
	return out
}

// canonicalFields is RFC 6376, sections 3.4.1 and 3.4.2, word for word.
func canonicalFields(form string, fields []string) string {
	out := slices.Clone(fields)
	if form == "relaxed" {
		for i, f := range out {
			name, value, _ := strings.Cut(strings.ReplaceAll(f, "\r\n", ""), ":")
			out[i] = strings.ToLower(strings.Trim(name, " \t")) + ":" + strings.Trim(collapse(value), " ")
		}
	}
	return strings.Join(out, "\r\n")
}

// canonicalBody is RFC 6376, sections 3.4.3 and 3.4.4, word for word.
func canonicalBody(form, body string) string {
	if form == "relaxed" {
		lines := strings.Split(body, "\r\n")
		for i, line := range lines {
			lines[i] = strings.TrimRight(collapse(line), " ")
		}
		body = strings.Join(lines, "\r\n")
	}
	for strings.HasSuffix(body, "\r\n") {
		body = strings.TrimSuffix(body, "\r\n")
	}
	if body == "" && form == "relaxed" {
		return ""
	}
	return body + "\r\n"
}

// collapse makes each run of white space one space.
func collapse(s string) string {
	s = strings.ReplaceAll(s, "\t", " ")
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}
