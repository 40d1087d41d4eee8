package finding

import (
	"slices"
	"strings"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// parse reads a message as a file would hold it.
func parse(t *testing.T, text string) *mail.Message {
	t.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Parse(h, body)
}

// page parses a message of one HTML part.
func page(t *testing.T, fields, body string) *mail.Message {
	t.Helper()
	return parse(t, fields+"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+body)
}

// A name of the broad tier weighs by what speaks for an impostor beside it.
func TestBroad(t *testing.T) {
	c := catalogue(t)
	r := claim.NewReader(c)
	proved := func(domain string) proof.Proof {
		return proof.Proof{
			FromDomain: domain, FromOrg: proof.OrgDomain(domain), Source: proof.FromHeader,
			Identities: []proof.Identity{{Domain: domain, OrgDomain: proof.OrgDomain(domain), Aligned: true}},
		}
	}
	unproved := func(domain string) proof.Proof {
		return proof.Proof{FromDomain: domain, FromOrg: proof.OrgDomain(domain), Source: proof.FromHeader}
	}
	const plain, pressing = "<p>Good morning.</p>", "<p>Congratulations, you have won.</p>"
	const leaving = `<a href="https://strange.example/x">Go</a>`
	for _, k := range []struct {
		why, from, subject, body string
		proof                    proof.Proof
		want                     Name // "" for no finding about a brand
	}{
		{"name alone", "Leroy Merlin <info@example.com>", "Hello", plain, proved("example.com"), WeakClaim},
		{"and pressing words", "Leroy Merlin <info@example.com>", "Hello", pressing, proved("example.com"), Impersonation},
		{"and a strange link", "Leroy Merlin <info@example.com>", "Hello", leaving, proved("example.com"), Impersonation},
		{"and nothing proved", "Leroy Merlin <info@example.com>", "Hello", plain, unproved("example.com"), UnprovedClaim},
		{"and a made-up mailbox", "Leroy Merlin <nszkfq@example.com>", "Hello", plain, proved("example.com"), Impersonation},
		{"misspelt", "Leroy Merlyn <info@example.com>", "Hello", pressing, proved("example.com"), Impersonation},
		{"its own domain", "Leroy Merlin <info@leroymerlin.fr>", "Hello", pressing + leaving, proved("leroymerlin.fr"), ""},
		{"its own domain, not proved", "Leroy Merlin <info@leroymerlin.fr>", "Hello", plain, unproved("leroymerlin.fr"), ""},
		{"its name in another country", "Leroy Merlin <info@leroymerlin.be>", "Hello", pressing, proved("leroymerlin.be"), ""},
		{"its name under a new top-level name", "Leroy Merlin <info@leroymerlin.shop>", "Hello", pressing, proved("leroymerlin.shop"), Impersonation},
		{"an everyday word", "Michaels <info@example.com>", "Hello", pressing + leaving, proved("example.com"), ""},
		{"in the subject only", "News <info@example.com>", "Leroy Merlin opens a shop", pressing, proved("example.com"), ""},
		{"in the subject, pressing, nothing proved", "News <info@example.com>", "Leroy Merlin opens a shop", pressing, unproved("example.com"), WeakClaim},
		{"in running text", "News <info@example.com>", "Hello", "<p>We met at Leroy Merlin, and you have won.</p>", unproved("example.com"), ""},
		{"a person's address", "leroymerlin@example <info@example.com>", "Hello", plain, proved("example.com"), ""},
	} {
		m := page(t, "From: "+k.from+"\r\nSubject: "+k.subject+"\r\n", k.body)
		found := Relate(Input{Message: m, Proof: k.proof, Claims: r.Read(m), Catalogue: c})
		i := slices.IndexFunc(found, func(f Finding) bool {
			return slices.Contains([]Name{WeakClaim, Impersonation, UnprovedClaim, SpoofedBrand}, f.Name)
		})
		got := Name("")
		if i >= 0 {
			got = found[i].Name
		}
		if got != k.want {
			t.Errorf("%s: %q, want %q: %+v", k.why, got, k.want, found)
		}
	}
}

// The name of the mail software on a delivery report is nobody's claim.
func TestDeliveryReport(t *testing.T) {
	c := catalogue(t)
	r := claim.NewReader(c)
	const report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--\r\n"
	for _, k := range []struct {
		why, text string
		env       *mail.Envelope
		claimed   bool
	}{
		{"by its form", "From: Microsoft Outlook <x@example.com>\r\nSubject: Undeliverable\r\n" + report, nil, false},
		{"by its sender", "From: Microsoft Outlook <MicrosoftExchange329e71ec@example.com>\r\nSubject: Undeliverable\r\n\r\nNot delivered.\r\n", nil, false},
		{"with a reverse-path", "From: Microsoft Outlook <postmaster@example.com>\r\nSubject: Undeliverable\r\n" + report, &mail.Envelope{Sender: "x@example.com"}, true},
		{"no report", "From: Microsoft Outlook <x@example.com>\r\nSubject: Undeliverable\r\n\r\nNot delivered.\r\n", nil, true},
		{"more than the software", "From: Microsoft Outlook <postmaster@example.com>\r\nSubject: [Microsoft] Verify your account\r\n" + report, nil, true},
	} {
		m := parse(t, k.text)
		found := Relate(Input{Message: m, Envelope: k.env, Proof: proof.Unproved(m), Claims: r.Read(m), Catalogue: c})
		if claimed := slices.ContainsFunc(found, func(f Finding) bool { return f.Brand == "microsoft" }); claimed != k.claimed {
			t.Errorf("%s: %+v", k.why, found)
		}
	}
}
