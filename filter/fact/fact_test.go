package fact_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/claim"
	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/policy/brand"
)

// catalogue is read once: it never changes.
var catalogue = sync.OnceValues(func() (*brand.Catalogue, error) { return brand.Load() })

func input(t *testing.T, lines ...string) finding.Input {
	t.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	brands, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Parse(h, body)
	p := proof.Unproved(m)
	p.Client = proof.Client{Addr: netip.MustParseAddr("192.0.2.1"), Name: "mx.example.jp", Helo: "mx.example.jp", HeloProved: true}
	p.Seals = []proof.Seal{{Domain: "lists.example", Author: true}}
	p.DKIM = []dkim.Signature{{Result: dkim.Fail, Domain: "example.jp", Selector: "s", KeyBits: 2048}}
	return finding.Input{
		Message: m, Proof: p, Claims: claim.NewReader(brands).Read(m), Catalogue: brands,
		Envelope: &mail.Envelope{Sender: "a@example.jp", Recipients: []string{"b@kaisha.test", "c@kaisha.test"}, TLSVersion: "TLSv1.3"},
	}
}

func of(in finding.Input) *fact.Facts { return fact.Of(in, finding.Relate(in)) }

func letter(t *testing.T) finding.Input {
	return input(t,
		"Received: from a by b", "Received: from c by d",
		`From: "=?UTF-8?B?5qW95aSp?=" <a@example.jp>`, "Reply-To: x@example.net", "Subject: =?UTF-8?B?44CQ5qW95aSp44CR?=",
		"Message-ID: <1@example.jp>", "In-Reply-To: <0@example.jp>", "List-Id: news <news.example.jp>", "List-Unsubscribe: <mailto:x@example.jp>",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/html; charset=utf-8", "",
		`<p>hello</p><p style="display:none">unseen</p><a href="https://a.example/1">one</a> <a href="https://a.example/2">two</a>`,
		`<img src="https://img.example/x.png"><form action="https://f.example/"><input type=password></form>`,
		"--b", "Content-Type: application/pdf; name=x.pdf", "Content-Disposition: attachment; filename=x.pdf", "", "%PDF", "--b--", "")
}

// TestOf: what stands in the message stands in the facts.
func TestOf(t *testing.T) {
	f := of(letter(t))
	want := fact.Message{
		Author: "one", From: []fact.Mailbox{{Name: "楽天", Address: "a@example.jp", Local: "a", Domain: "example.jp"}},
		ReplyTo: []fact.Mailbox{{Address: "x@example.net", Local: "x", Domain: "example.net"}}, Subject: "【楽天】",
		MessageID: "1@example.jp", List: "news.example.jp", Bulk: true, Reply: true, Received: 2,
		Attachments: []fact.Attachment{{Type: "application/pdf", Name: "x.pdf", Size: 4}}, Password: true, Forms: 1, Hidden: true,
	}
	if diff := cmp.Diff(want, f.Message, cmpopts.IgnoreFields(fact.Message{}, "Size", "Deviations")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	links := []fact.Link{
		{Kind: "a", Host: "a.example", Org: "a.example", URL: "https://a.example/1"},
		{Kind: "form", Host: "f.example", Org: "f.example", URL: "https://f.example/"},
	}
	if diff := cmp.Diff(links, f.Links); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	env := fact.Envelope{
		Client: "192.0.2.1", ClientName: "mx.example.jp", Helo: "mx.example.jp", HeloProved: true,
		Sender: "a@example.jp", Recipients: 2, TLS: "TLSv1.3",
	}
	if diff := cmp.Diff(env, f.Envelope); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"rakuten"}, f.Claim.Brands); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if f.Cut {
		t.Error("cut")
	}
}

// TestKept: facts that were stored are the facts that were there.
func TestKept(t *testing.T) {
	for name, in := range map[string]finding.Input{"a letter": letter(t), "nothing": input(t, "Subject: x", "", "")} {
		t.Run(name, func(t *testing.T) {
			f := of(in)
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			var again fact.Facts
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f, &again, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("(-made +stored)\n%s", diff)
			}
		})
	}
}

// TestLimits: each list is whole at its limit and cut one past it.
func TestLimits(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, tc := range map[string]struct {
		limit int
		lines func(n int) []string
		count func(f *fact.Facts) int
	}{
		"links": {200, func(n int) []string {
			return []string{"From: a@example.jp", "", many(n, "http://h%d.example/ ")}
		}, func(f *fact.Facts) int { return len(f.Links) }},
		"reply-to": {16, func(n int) []string {
			return []string{"From: a@example.jp", "Reply-To: " + strings.TrimSuffix(many(n, "a%d@example.jp, "), ", "), "", ""}
		}, func(f *fact.Facts) int { return len(f.Message.ReplyTo) }},
		"subject": {500, func(n int) []string {
			return []string{"From: a@example.jp", "Subject: " + strings.Repeat("x", n), "", ""}
		}, func(f *fact.Facts) int { return len(f.Message.Subject) }},
		"attachments": {50, func(n int) []string {
			return []string{"From: a@example.jp", "Content-Type: multipart/mixed; boundary=b", "",
				many(n, "--b\nContent-Type: image/x\nContent-Disposition: attachment; filename=%d\n\nx\n") + "--b--\n"}
		}, func(f *fact.Facts) int { return len(f.Message.Attachments) }},
	} {
		t.Run(name, func(t *testing.T) {
			at, past := of(input(t, tc.lines(tc.limit)...)), of(input(t, tc.lines(tc.limit+1)...))
			if tc.count(at) != tc.limit || at.Cut {
				t.Errorf("at the limit: %d, cut %t", tc.count(at), at.Cut)
			}
			if tc.count(past) != tc.limit || !past.Cut {
				t.Errorf("past the limit: %d, cut %t", tc.count(past), past.Cut)
			}
		})
	}
}

// TestProofLimits: the same for what no message of this size can bring.
func TestProofLimits(t *testing.T) {
	in := input(t, "From: a@example.jp", "", "")
	for _, n := range []int{30, 31} {
		in.Proof.DKIM, in.Proof.Identities = make([]dkim.Signature, n), make([]proof.Identity, 30)
		if f := of(in); len(f.Proof.DKIM) != 30 || f.Cut != (n > 30) {
			t.Errorf("%d signatures: %d, cut %t", n, len(f.Proof.DKIM), f.Cut)
		}
		in.Proof.DKIM, in.Proof.Identities = nil, make([]proof.Identity, n)
		if f := of(in); len(f.Proof.Identities) != 30 || f.Cut != (n > 30) {
			t.Errorf("%d identities: %d, cut %t", n, len(f.Proof.Identities), f.Cut)
		}
		in.Proof.Identities = nil
	}
	for _, n := range []int{60, 61} {
		in.Claims = make([]claim.Claim, n)
		if f := of(in); len(f.Claim.All) != 60 || f.Cut != (n > 60) {
			t.Errorf("%d claims: %d, cut %t", n, len(f.Claim.All), f.Cut)
		}
	}
	in.Claims = nil
	for _, n := range []int{60, 61} {
		in.Message.Deviations = nil
		for i := range n {
			in.Message.Deviations = append(in.Message.Deviations, mail.Deviation{Name: fmt.Sprint(i)})
		}
		if f := of(in); len(f.Message.Deviations) != 60 || f.Cut != (n > 60) {
			t.Errorf("%d deviations: %d, cut %t", n, len(f.Message.Deviations), f.Cut)
		}
	}
}

// TestTextIsUTF8: texts are cut between characters.
func TestTextIsUTF8(t *testing.T) {
	in := input(t, "From: a@example.jp", "", "")
	in.Message.Subject.Shown = strings.Repeat("あ", 200)
	in.Message.MessageID = "a\xffb"
	f := of(in)
	if !utf8.ValidString(f.Message.Subject) || len(f.Message.Subject) != 498 || f.Message.MessageID != "a\uFFFDb" {
		t.Errorf("%q %q", f.Message.Subject, f.Message.MessageID)
	}
}
