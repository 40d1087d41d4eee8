package proof

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/mail"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
)

// strings255 writes text as strings of a TXT record.
func strings255(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(len(text), 255)
		fmt.Fprintf(&b, "%q ", text[:n])
		text = text[n:]
	}
	return b.String()
}

// longest is a name of 127 labels, the most that fit (RFC 1035, section 3.1).
var longest = strings.Repeat("a.", 126) + "b"

var hostileZone = `
big.example.                   TXT "v=spf1 -all"
s._domainkey.big.example.      TXT ` + strings255("v=DKIM1; p="+strings.Repeat("A", 16000)) + `
s._domainkey.huge.example.     TXT ` + strings255("v=DKIM1; p="+strings.Repeat("A", 20000)) + `
control.example.               TXT "v=spf1 \000\010 +all"
_dmarc.control.example.        TXT "v=DMARC1; p=reject; \000\010\255=\127"
s._domainkey.control.example.  TXT "\000\001\255"
*.wild.example.                TXT "hello"
wild.example.                  TXT "hello"
*.all.example.                 TXT "v=DMARC1; p=reject"
_dmarc.a.b.                    TXT "v=DMARC1; p=quarantine"
`

func signatureField(domain, more string) string {
	return "DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + "; s=s; h=from" + more + "; bh=AAAA; b=AAAA"
}

// TestHostile holds what becomes of input that is made to cost, and that it is
// counted: every result is a stated one, and nobody is proved.
func TestHostile(t *testing.T) {
	tests := []struct {
		name   string
		domain string
		fields []string
		spf    spf.Result
		dkim   dkim.Result // of the first signature
		dmarc  dmarc.Result
		limit  string
		count  float64
	}{
		{"10,000 names in h=", "plain.example", []string{signatureField("plain.example", strings.Repeat(":a", 10_000))},
			spf.Neutral, dkim.Policy, dmarc.None, "field", 1},
		{"1,000 names in h=", "plain.example", []string{signatureField("plain.example", strings.Repeat(":a", 1_000))},
			spf.Neutral, dkim.Policy, dmarc.None, "names", 1},
		{"100 signatures", "good.example", repeat(signatureField("good.example", ""), 100),
			spf.Pass, dkim.Fail, dmarc.Pass, "signatures", 100 - dkim.MaxSignatures},
		{"signature folded to 128 KB", "plain.example", []string{signatureField("plain.example", strings.Repeat("\r\n ", 43_690))},
			spf.Neutral, dkim.Policy, dmarc.None, "field", 1},
		{"fields of 128 KB each", "plain.example",
			append([]string{signatureField("plain.example", "")}, repeat("X:"+strings.Repeat("\r\n x", 32_768), 9)...),
			spf.Neutral, dkim.Policy, dmarc.None, "header", 1},
		{"1,000 tags", "plain.example", []string{signatureField("plain.example", tags(1_000))},
			spf.Neutral, dkim.PermError, dmarc.None, "tags", 1},
		{"key of 16 KB", "big.example", []string{signatureField("big.example", "")},
			spf.Fail, dkim.PermError, dmarc.None, "key", 1},
		{"key of 20 KB", "huge.example", []string{signatureField("huge.example", "")},
			spf.None, dkim.PermError, dmarc.None, "", 0}, // counted as sekisho_dns_cut_answers_total
		{"control bytes in every record", "control.example", []string{signatureField("control.example", "")},
			spf.PermError, dkim.PermError, dmarc.Fail, "", 0},
		{"wildcard TXT at every level", "a.b.c.d.e.f.g.h.wild.example", []string{signatureField("a.b.c.d.e.f.g.h.wild.example", "")},
			spf.None, dkim.PermError, dmarc.None, "", 0},
		{"wildcard DMARC record at every level", "a.b.c.d.e.f.g.h.all.example", []string{signatureField("a.b.c.d.e.f.g.h.all.example", "")},
			spf.None, dkim.PermError, dmarc.Fail, "", 0},
		{"127 labels", longest, []string{signatureField(longest, "")}, spf.None, dkim.PermError, dmarc.Fail, "", 0},
	}
	w := newWorld(t)
	w.zone += hostileZone
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := dnstest.New(t, w.zone)
			r, err := dns.New(dns.Options{Servers: []string{s.Addr()}})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			c := NewChecker(r, Options{Registerer: prometheus.NewRegistry()})
			sender := "a@" + test.domain
			start := time.Now()
			p := c.Check(t.Context(), read(t, append(test.fields, "From: "+sender)...), client("helo.example", sender))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if p.SPF.Result != test.spf || p.DKIM[0].Result != test.dkim || p.DMARC.Result != test.dmarc {
				t.Errorf("spf %+v\ndkim %+v\ndmarc %+v", p.SPF, p.DKIM[0], p.DMARC)
			}
			for _, id := range p.Identities {
				if id.Method == ByDKIM {
					t.Errorf("proved: %+v", id)
				}
			}
			for _, text := range []string{p.SPF.Reason, p.DKIM[0].Reason, p.DMARC.Reason, p.DMARC.Record} {
				if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
					t.Errorf("%q is not for people", text)
				}
			}
			for _, limit := range []string{"field", "names", "tags", "header", "key", "signatures", "time"} {
				want := 0.0
				if limit == test.limit {
					want = test.count
				}
				if n := testutil.ToFloat64(c.metrics.limits.WithLabelValues(limit)); n != want {
					t.Errorf("limit %s: %v counted, want %v", limit, n, want)
				}
			}
			if n := len(s.Queries()); n > 40 {
				t.Errorf("%d questions", n)
			}
		})
	}
}

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func tags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "; x%d=y", i)
	}
	return b.String()
}

// A field of 128 KB that nobody signed takes nothing from an honest message.
func TestLongFieldBesideSignature(t *testing.T) {
	w := newWorld(t)
	msg := w.message(t, "a@good.example", "good.example")
	long := mail.Field{Name: "X", Raw: []byte("X:" + strings.Repeat("\r\n x", 32_768) + "\r\n")}
	msg.Header = append(mail.Header{long}, msg.Header...)
	p := w.checker(t, Options{}).Check(t.Context(), msg, client("helo.example", "a@good.example"))
	if p.DKIM[0].Result != dkim.Pass || p.DMARC.Result != dmarc.Pass {
		t.Errorf("%+v", p)
	}
}

// TestSlowDNS holds that what comes too late is temporary, and what comes in time
// counts.
func TestSlowDNS(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"good.example", "_dmarc.good.example", "s._domainkey.good.example"} {
		w.zone += "; delay " + name + " 60ms\n"
	}
	msg := w.message(t, "a@good.example", "good.example")
	for limit, want := range map[time.Duration]dmarc.Result{30 * time.Millisecond: dmarc.TempError, 5 * time.Second: dmarc.Pass} {
		p := w.checker(t, Options{Timeout: limit}).Check(t.Context(), msg, client("helo.example", "a@good.example"))
		if p.DMARC.Result != want || p.Temporary() != (want == dmarc.TempError) {
			t.Errorf("within %v: %+v", limit, p)
		}
	}
}

// TestSecure holds that the word of DNSSEC is told and decides nothing.
func TestSecure(t *testing.T) {
	w := newWorld(t)
	msg := w.message(t, "a@good.example", "good.example")
	env := client("helo.example", "a@good.example")
	plain := w.checker(t, Options{}).Check(t.Context(), msg, env)
	w.zone += "; secure _dmarc.good.example\n; secure s._domainkey.good.example\n"
	proved := w.checker(t, Options{}).Check(t.Context(), msg, env)
	if plain.DKIM[0].Secure || plain.DMARC.Secure || !proved.DKIM[0].Secure || !proved.DMARC.Secure {
		t.Errorf("plain %+v\nproved %+v", plain, proved)
	}
	if plain.DMARC.Result != proved.DMARC.Result || plain.Identities[0] != proved.Identities[0] {
		t.Errorf("plain %+v\nproved %+v", plain, proved)
	}
	for _, r := range Results(proved, env) {
		if r.Method == "dkim" && r.Comment != "2048-bit key; secure" {
			t.Errorf("%q", r.Comment)
		}
	}
}
