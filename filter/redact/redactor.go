package redact

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"sekisho/filter/mail"
	"sekisho/filter/mail/entity"
)

// Redactor hides some recipients. It is safe for concurrent use.
type Redactor struct {
	key     []byte
	domains []string                 // all addresses in which are hidden; lower case
	same    map[string]string        // of them in letters of any script -> in A-labels
	named   map[string]bool          // other addresses that are hidden, lower case
	known   []string                 // recipients who are looked for in each of the ways; lower case
	hashes  map[string]string        // of known addresses in hexadecimal -> what to write
	words   map[string]string        // local parts that are hidden where they stand alone -> what to write
	starts  map[string][]string      // them by their first minBare bytes, longest first
	loose   map[string]*householders // of known addresses, by domain
}

// roles are local parts that tell of nobody (RFC 2142, and what is usual), and what we
// write ourselves.
var roles = []string{"abuse", "account", "accounts", "admin", "administrator", "billing", "contact", "customer", "email", "hello", "help",
	"hostmaster", "http", "https", "info", "jimu", "mail", "mailto", "marketing", "news", "noc", "noreply", "office", "order", "orders", "post",
	"postmaster", "privacy", "recruit", "redacted", "root", "sales", "security", "service", "shop", "soumu", "staff", "support", "test", "usenet",
	"user", "webmaster"}

// New makes a redactor for the recipients of a message, and those that its own fields
// name, but the senders: who writes to themselves, with the recipients in Bcc, is not
// hidden from who looks for them. The key makes its hashes.
func New(key []byte, recipients, senders []string, h mail.Header) *Redactor {
	r := &Redactor{key: key, named: map[string]bool{}, hashes: map[string]string{},
		same: map[string]string{}, words: map[string]string{}, starts: map[string][]string{}, loose: map[string]*householders{}}
	for _, address := range recipients {
		r.knowAll(lower(address))
	}
	var not []string
	for _, address := range senders {
		not = append(not, lower(address))
	}
	for i, f := range h {
		if i == maxFields {
			break
		}
		name := lower(f.Name)
		if !namesRecipients(name) && name != "received" {
			continue
		}
		value := entity.Value(f.Raw)
		value = value[:min(len(value), maxFieldBytes)]
		if name == "received" {
			value = forClause.Find(value)
		}
		for _, a := range addresses(mail.DecodeText(value).Shown) {
			if a = lower(a); len(r.named) < maxNamed && !slices.Contains(not, a) {
				r.named[a] = true
			}
		}
	}
	return r
}

// knowAll has an address hidden with its domain in letters of any script as well as in
// A-labels (RFC 5890), and by what its local part is without a detail (RFC 5233).
func (r *Redactor) knowAll(address string) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return
	}
	local, domain := address[:at], address[at+1:]
	if ascii, ok := mail.ASCIIDomain(domain); ok {
		domain = ascii
	}
	// What is no sound name stays as it is.
	if shown, err := idna.Punycode.ToUnicode(domain); err == nil && shown != domain {
		r.same[shown] = domain
		r.know(local + "@" + shown)
	}
	r.know(local + "@" + domain)
	if base, _, detailed := strings.Cut(local, "+"); detailed {
		r.bare(base, r.hash(base+"@"+domain))
	}
}

func (r *Redactor) know(address string) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || len(address) > maxAddress {
		return
	}
	local, domain := address[:at], address[at+1:]
	if !slices.Contains(r.domains, domain) && len(r.domains) < MaxKnown {
		r.domains = append(r.domains, domain)
	}
	if len(r.known) == MaxKnown || slices.Contains(r.known, address) {
		r.named[address] = true
		return
	}
	r.known = append(r.known, address)
	local, hidden := strings.Trim(local, `"`), r.hash(address)
	m, s1, s2 := md5.Sum([]byte(address)), sha1.Sum([]byte(address)), sha256.Sum256([]byte(address))
	for _, sum := range [][]byte{m[:], s1[:], s2[:]} {
		r.hashes[hex.EncodeToString(sum)] = hidden
	}
	r.bare(local, hidden)
	if r.loose[domain] == nil {
		r.loose[domain] = &householders{hidden: map[string]string{}, lengths: map[byte][]int{}}
	}
	r.loose[domain].add(local, hidden)
}

// bare has a local part hidden where it stands alone, if that tells of somebody.
func (r *Redactor) bare(local, hidden string) {
	if len(local) < minBare || r.words[local] != "" || slices.Contains(roles, local) {
		return
	}
	r.words[local] = hidden
	start := local[:minBare]
	r.starts[start] = append(r.starts[start], local)
	slices.SortStableFunc(r.starts[start], func(a, b string) int { return len(b) - len(a) })
}

const (
	prefix  = "redacted-"
	hashLen = 16 // characters of base32: 80 bits
)

// hash is what is written for the local part of an address: HMAC with SHA-256 (RFC
// 2104) in letters that survive wherever a local part may stand. RFC 6590, section 3,
// writes base64, which tells small letters from capitals where mailers do not.
func (r *Redactor) hash(address string) string {
	address = lower(address)
	at := strings.LastIndexByte(address, '@')
	address = address[:at+1] + r.ascii(address[at+1:])
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(address))
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:hashLen]
}

// Address is an address with its local part hidden, whoever's it is.
func (r *Redactor) Address(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return r.hash(address)
	}
	if isHidden(address[:at]) {
		return address
	}
	return r.hash(address) + "@" + r.ascii(lower(address[at+1:]))
}

// ascii is a domain of the recipients in A-labels, and others as they are.
func (r *Redactor) ascii(domain string) string {
	if ascii := r.same[domain]; ascii != "" {
		return ascii
	}
	return domain
}

// isHidden reports whether a local part is, or ends in, what we write: bytes of a
// charset whose characters look like letters may stand before it in a text as it was
// sent.
func isHidden(local string) bool {
	at := strings.LastIndex(local, prefix)
	if at < 0 {
		return false
	}
	rest := local[at+len(prefix):]
	return len(rest) == hashLen && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// hides reports whether an address, in lower case, is one to be hidden.
func (r *Redactor) hides(local, domain string) bool {
	return !isHidden(local) && (r.ours(domain) || r.named[local+"@"+domain])
}

// ours reports whether a name holds one of the recipients' domains, so that a text
// that names it names the domain: kaisha.test also in mx.kaisha.test and kaisha.testing.
func (r *Redactor) ours(domain string) bool {
	for _, d := range r.domains {
		if strings.HasPrefix(domain, d) || strings.Contains(domain, "."+d) {
			return true
		}
	}
	return false
}

// lower is a text with its ASCII letters in lower case: no byte moves.
func lower(s string) string {
	b := []byte(nil)
	for i := range len(s) {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			if b == nil {
				b = []byte(s)
			}
			b[i] = c + 'a' - 'A'
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}
