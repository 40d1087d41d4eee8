package rule

import (
	"fmt"
	"strings"
	"testing"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

func environment(tb testing.TB) *Env {
	tb.Helper()
	e, err := NewEnv()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// compile wants an expression without problems.
func compile(tb testing.TB, e *Env, expr string) *Program {
	tb.Helper()
	p, problems := e.Compile(expr)
	if problems != nil {
		tb.Fatalf("%s: %v", expr, problems)
	}
	return p
}

// letter is the facts of a message that claims to be a shop.
func letter() *fact.Facts {
	return &fact.Facts{
		Message: fact.Message{
			Author:  "one",
			From:    []fact.Mailbox{{Name: "アマゾン", Address: "info@shop.example", Local: "info", Domain: "shop.example"}},
			ReplyTo: []fact.Mailbox{{Address: "x@free.example", Local: "x", Domain: "free.example"}},
			Subject: "【重要】ｱﾏｿﾞﾝ ギフト券", MessageID: "1@shop.local", Received: 2, Size: 1200, Forms: 1, Password: true,
			Attachments: []fact.Attachment{{Type: "application/pdf", Name: "請求書.pdf.exe", Size: 4000}},
		},
		Envelope: fact.Envelope{Client: "192.0.2.7", ClientName: "mail.shop.example", Helo: "mail.shop.example", HeloProved: true,
			Sender: "bounce@shop.example", Recipients: 12, TLS: "TLSv1.3"},
		Proof: fact.Proof{Source: "dns", FromDomain: "shop.example", FromOrg: "shop.example", SPF: fact.SPF{Result: "pass", Domain: "shop.example"},
			DKIM:  []fact.Signature{{Result: "pass", Domain: "shop.example", Selector: "s", Bits: 1024}},
			DMARC: fact.DMARC{Result: "pass", Policy: "none", Applied: "none", Org: "shop.example", By: "dkim"}, ARC: "none", IPRev: "pass", Aligned: true,
			Identities: []fact.Identity{{Domain: "shop.example", Org: "shop.example", Method: "dkim", Strength: "dkim-weak", Aligned: true}}},
		Claim: fact.Claims{Brands: []string{"amazon"}, All: []fact.Claim{{Brand: "amazon", Place: "from-name", Strength: "strong", Seen: "アマゾン", Folded: "アマゾン"}}},
		Links: []fact.Link{
			{Kind: "a", Host: "www.shop.example", Org: "shop.example", URL: "https://www.shop.example/login"},
			{Kind: "qr", Host: "203.0.113.5", URL: "http://203.0.113.5/"},
		},
	}
}

func findings() []finding.Finding {
	return []finding.Finding{{Name: finding.Impersonation, Brand: "amazon", Why: "claims Amazon"}, {Name: finding.Lure, Why: "重要"}}
}

// largest is the largest facts that package fact makes. Texts are of characters
// that grow most when they are folded.
func largest() *fact.Facts {
	text := strings.Repeat("\uFDFA", fact.MaxText/3)
	f := letter()
	many := func(n int) []fact.Mailbox {
		list := make([]fact.Mailbox, n)
		for i := range list {
			list[i] = fact.Mailbox{Name: text, Address: text, Local: text, Domain: fmt.Sprintf("%d.", i) + strings.Repeat("a.", 120) + "example"}
		}
		return list
	}
	f.Message.From, f.Message.Sender, f.Message.ReplyTo = many(fact.MaxMailboxes), many(fact.MaxMailboxes), many(fact.MaxMailboxes)
	f.Message.Subject, f.Message.MessageID, f.Envelope.Helo, f.Envelope.Sender = text, text, text, text
	for i := range fact.MaxLinks {
		f.Links = append(f.Links, fact.Link{Kind: "a", Host: fmt.Sprintf("%d.", i) + strings.Repeat("a.", 120) + "example", URL: strings.Repeat("x", fact.MaxURL)})
	}
	f.Links = f.Links[:fact.MaxLinks]
	for i := range fact.MaxClaims {
		f.Claim.All = append(f.Claim.All, fact.Claim{Brand: "b", Place: "body", Strength: "weak", Seen: text, Folded: text})
		f.Claim.Brands = append(f.Claim.Brands, fmt.Sprintf("brand-%d", i))
	}
	f.Claim.All, f.Claim.Brands = f.Claim.All[:fact.MaxClaims], f.Claim.Brands[:fact.MaxClaims]
	return f
}
