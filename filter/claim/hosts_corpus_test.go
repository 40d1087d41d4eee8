package claim

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/suite"
	"sekisho/policy/brand"
)

// records reads a CSV file without its header line.
func records(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(suite.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// labelled returns the brand that a label of a list names.
func labelled(c *brand.Catalogue, label string) (*brand.Brand, bool) {
	text := canon.Fold(label)
	for _, m := range c.Match(text) {
		if m.Start == 0 {
			return m.Brand, true
		}
	}
	return nil, false
}

// hostTokens are the Latin words that a host name can carry of a brand: its names
// of one word and its registered labels, without blanks and hyphens.
func hostTokens(b *brand.Brand, least int) []string {
	var tokens []string
	for _, a := range b.Aliases {
		tokens = append(tokens, joined(strings.ToLower(a.Name)))
	}
	for _, d := range b.Domains {
		label, _, _ := strings.Cut(d, ".")
		tokens = append(tokens, joined(label))
	}
	var kept []string
	for _, t := range tokens {
		if len(t) >= least && strings.Trim(t, "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
			kept = append(kept, t)
		}
	}
	return kept
}

// lookalikes returns the brands that a host of a link claims.
func lookalikes(r *Reader, host string) []string {
	m := &mail.Message{Links: []mail.Link{{Kind: mail.LinkAnchor, URL: "https://" + host + "/", Host: host}}}
	var ids []string
	for _, c := range r.Read(m) {
		ids = append(ids, c.Brand)
	}
	return ids
}

// TestLookalikeHosts measures how many hosts of confirmed phishing that carry a
// token of the brand they pose as are told to be its look-alikes.
func TestLookalikeHosts(t *testing.T) {
	r := reader(t)
	c := r.catalogue
	for least, floor := range map[int]float64{5: 0.94, 4: 0.93, 3: 0.92} {
		carry, found, right := 0, 0, 0
		for _, row := range records(t, "lists/jpcert-phishurl/dev_sample_5000.csv") {
			label, host := row[2], row[3]
			b, ok := labelled(c, label)
			if !ok {
				continue
			}
			token := ""
			plain := joined(strings.ToLower(host))
			for _, k := range hostTokens(b, least) {
				if strings.Contains(plain, k) && len(k) > len(token) {
					token = k
				}
			}
			if token == "" || len(c.Owners(host)) > 0 {
				continue
			}
			carry++
			ids := lookalikes(r, host)
			if len(ids) > 0 {
				found++
			}
			met := false
			for _, id := range ids {
				other, _ := c.Brand(id)
				met = met || id == b.ID || other.OwnerGroup != "" && other.OwnerGroup == b.OwnerGroup
			}
			if met {
				right++
			}
		}
		t.Logf("tokens of %d letters or more: %d hosts, %d look like a brand, %d (%.1f %%) like theirs", least, carry, found, right, 100*float64(right)/float64(carry))
		if float64(right) < floor*float64(carry) {
			t.Errorf("less than %.0f %%", 100*floor)
		}
	}
}

// mostPopular is how many of 10,000 well-known names may be told to be look-alikes.
const mostPopular = 5

// TestPopularHosts holds how many of the most visited names are told to be
// look-alikes.
func TestPopularHosts(t *testing.T) {
	r := reader(t)
	n := 0
	for _, row := range records(t, "lists/sublime-static/tranco_top_10k.csv") {
		host := row[len(row)-1]
		if _, err := publicsuffix.EffectiveTLDPlusOne(host); err != nil {
			continue
		}
		if ids := lookalikes(r, host); len(ids) > 0 {
			n++
			t.Logf("    %s %v", host, ids)
		}
	}
	t.Logf("%d look-alikes", n)
	if n > mostPopular {
		t.Errorf("more than %d", mostPopular)
	}
}

// FuzzHost holds that whatever a host name looks like, its look-alikes are brands
// of the catalogue, a few of them, and none whose own the host is.
func FuzzHost(f *testing.F) {
	for _, s := range []string{"www.rakuten.co.jp.evil.example", "xn--pypal-4ve.com", "a-m-a-z-o-n.top", "etc-meisai.jp.login.example", "192.0.2.1", "web.app", "..", "-", "paypa1-login.web.app"} {
		f.Add(s)
	}
	r := reader(f)
	f.Fuzz(func(t *testing.T, host string) {
		if len(host) > maxHostBytes {
			return
		}
		names := r.hosts.in(host)
		if len(names) > maxHostLabels*maxFuzzNames {
			t.Errorf("%q looks like %d names", host, len(names))
		}
		for _, n := range names {
			if _, ok := r.catalogue.Brand(n.brand); !ok {
				t.Errorf("%q looks like %q, which is no brand", host, n.brand)
			}
		}
		for _, id := range lookalikes(r, host) {
			if r.catalogue.Leads(id, host) {
				t.Errorf("%q is told to look like its owner %s", host, id)
			}
		}
	})
}

// maxFuzzNames is more names than one label can look like at once: brands that
// share a name.
const maxFuzzNames = 64
