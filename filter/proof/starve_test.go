package proof

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sekisho/filter/proof/dmarc"
)

// greedyZone gives a domain an SPF record with as many questions as the RFC
// allows, each to a name of its own: ten mx terms of ten hosts.
func greedyZone(domain string) string {
	var b, terms strings.Builder
	for i := range 10 {
		fmt.Fprintf(&terms, " mx:m%d.%s", i, domain)
		for j := range 10 {
			fmt.Fprintf(&b, "m%d.%s. MX 10 h%d.m%d.%s.\nh%d.m%d.%s. A 203.0.113.9\n", i, domain, j, i, domain, j, i, domain)
		}
	}
	return b.String() + domain + `. TXT "v=spf1` + terms.String() + ` -all"` + "\n"
}

// TestNobodyStarvesDMARC: whatever the sender's own domains cost in questions and
// time, what the author's domain asks for is found out. Otherwise a sender could
// turn a policy of reject into a temporary error.
func TestNobodyStarvesDMARC(t *testing.T) {
	victim := "From: a@mail.victim.example"
	signature := signatureField("tar.example", "")
	tests := []struct {
		name    string
		zone    string
		options Options
	}{
		{"questions", greedyZone("evil.example") + greedyZone("helo.evil.test"), Options{}},
		{"slow SPF and key", "evil.example. TXT \"v=spf1 -all\"\n; silent evil.example\n; silent helo.evil.test\n; silent s._domainkey.tar.example\n",
			Options{Timeout: time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.zone += test.zone + "_dmarc.victim.example. TXT \"v=DMARC1; p=none; sp=reject; np=quarantine\"\nmail.victim.example. A 192.0.2.7\n"
			p := w.checker(t, test.options).Check(t.Context(), read(t, signature, victim), client("helo.evil.test", "a@evil.example"))
			if p.DMARC.Result != dmarc.Fail || p.DMARC.Applied != dmarc.PolicyReject || p.Temporary() {
				t.Errorf("spf %+v\ndkim %+v\ndmarc %+v", p.SPF, p.DKIM, p.DMARC)
			}
		})
	}
}
