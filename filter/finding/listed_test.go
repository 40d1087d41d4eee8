package finding

import (
	"os"
	"path/filepath"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/listed"
)

// TestListed holds that an entry counts together with the proof alone.
func TestListed(t *testing.T) {
	c := catalogue(t)
	path := filepath.Join(t.TempDir(), "l.csv")
	const list = "entry,brand,kind\nfake.example,rakuten,attacker\naccount@rakuten.co.jp,rakuten,spoofed\nreal@kaisha.example,rakuten,spoofed\n" +
		"https://page.example/login,rakuten,attacker\nr10.to,amazon,attacker\nsent-for.example,rakuten,attacker\n"
	if err := os.WriteFile(path, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	lists, err := listed.Load(c, path)
	if err != nil {
		t.Fatal(err)
	}
	unproven := func(domain string) proof.Proof {
		return proof.Proof{Source: proof.FromDNS, Author: mail.AuthorOne, FromDomain: domain, FromOrg: proof.OrgDomain(domain)}
	}
	link := func(page string) letter {
		return letter{name: "お知らせ", address: "a@sender.example", subject: "x", links: []string{page}}
	}
	rakuten := genuine
	rakuten.links = []string{"https://sent-for.example/r"}
	for _, k := range []struct {
		why    string
		letter letter
		sender string
		proof  proof.Proof
		want   Name // "" for none
	}{
		{"an attacker", letter{address: "x@mail.fake.example"}, "", passes("mail.fake.example"), ListedSender},
		{"an attacker in the envelope", letter{address: "a@sender.example"}, "b@fake.example", passes("sender.example"), ListedSender},
		{"an attacker takes the answers", letter{address: "a@sender.example", replyTo: "x@fake.example"}, "", passes("sender.example"), ListedSender},
		{"a brand's own address, not proved", letter{address: "account@rakuten.co.jp"}, "", unproven("rakuten.co.jp"), ListedSender},
		{"a brand's own address, proved", letter{address: "account@rakuten.co.jp"}, "", passes("rakuten.co.jp"), ""},
		{"a brand's own address, nobody looked", letter{address: "account@rakuten.co.jp"}, "", unproved("rakuten.co.jp"), ""},
		{"somebody's own address, proved", letter{address: "real@kaisha.example"}, "", passes("kaisha.example"), ""},
		{"somebody's own address, not proved", letter{address: "real@kaisha.example"}, "", unproven("kaisha.example"), ListedSender},
		{"a page", link("https://page.example/login"), "", passes("sender.example"), ListedLink},
		{"another page", link("https://page.example/other"), "", passes("sender.example"), ""},
		{"against the brand itself", rakuten, "", passes("rakuten.co.jp"), ListConflict},
	} {
		m := k.letter.message()
		found := Relate(Input{
			Message: m, Envelope: &mail.Envelope{Sender: k.sender}, Proof: k.proof,
			Claims: claim.NewReader(c).Read(m), Catalogue: c, Lists: lists,
		})
		for _, name := range []Name{ListedSender, ListedLink, ListConflict} {
			if Has(found, name) != (name == k.want) {
				t.Errorf("%s: %v, want %q", k.why, found, k.want)
			}
		}
		if k.want == ListConflict && points(found) > 0 {
			t.Errorf("%s: %d points", k.why, points(found))
		}
	}
}
