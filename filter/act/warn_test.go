package act

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/act/banner"
	"sekisho/filter/mail"
	"sekisho/policy"
)

// TestBanner: the banner is in the body only when all who get the message ask for
// the same one; it never costs the message.
func TestBanner(t *testing.T) {
	r := func(address string, v policy.Verdict, b banner.Style) Recipient {
		return Recipient{Address: address, Verdict: v, Banner: b, Policy: "p"}
	}
	plain, body := header("From: a@b", "MIME-Version: 1.0", "Content-Type: text/plain"), []byte("hello\r\n")
	for name, tc := range map[string]struct {
		header mail.Header
		rs     []Recipient
		want   string // note
	}{
		"nobody asks":      {plain, []Recipient{r("a", policy.Tag, "")}, ""},
		"all ask":          {plain, []Recipient{r("a", policy.Tag, banner.English), r("b", policy.Tag, banner.English)}, BannerWritten},
		"one does not":     {plain, []Recipient{r("a", policy.Tag, banner.English), r("b", policy.Tag, "")}, ""},
		"another language": {plain, []Recipient{r("a", policy.Tag, banner.English), r("b", policy.Tag, banner.Japanese)}, ""},
		"one accepts":      {plain, []Recipient{r("a", policy.Tag, banner.English), r("b", policy.Accept, banner.English)}, ""},
		"one is held":      {plain, []Recipient{r("a", policy.Tag, banner.English), r("b", policy.Quarantine, "")}, BannerWritten},
		"unknown style":    {plain, []Recipient{r("a", policy.Tag, "fr")}, string(banner.NoBanner)},
		"signed":           {header("Content-Type: multipart/signed; boundary=b"), []Recipient{r("a", policy.Tag, banner.English)}, string(banner.Protected)},
	} {
		p := Build(Input{Header: tc.header, Body: body, Recipients: tc.rs, Brand: "Rakuten", Trace: "t"}).Plan
		written := p.Body != nil
		if p.Reply != Continue || p.Banner != tc.want || written != (tc.want == BannerWritten) {
			t.Errorf("%s: %s, banner %q, body %q", name, p.Reply, p.Banner, p.Body)
		}
		if written && (!bytes.Contains(p.Body, []byte(`claims to be from "Rakuten"`)) || !bytes.HasSuffix(p.Body, body)) {
			t.Errorf("%s: %q", name, p.Body)
		}
		if p.Banner != "" && !slices.Contains(BannerNotes(), p.Banner) {
			t.Errorf("%s: %q is not listed", name, p.Banner)
		}
	}
}

// TestBannerEdits: what describes the new body comes before all that goes on top,
// and is left out with it.
func TestBannerEdits(t *testing.T) {
	h := header("From: a@b", "Content-Type: text/plain; charset=us-ascii", "Subject: x", "X-Sekisho-Trace: forged")
	p := Build(Input{Header: h, Body: []byte("hello\r\n"), Trace: "t",
		Recipients: []Recipient{{Address: "a", Verdict: policy.Tag, Policy: "p", SubjectPrefix: "[!]", Banner: banner.Japanese}}}).Plan
	var got []string
	for _, e := range p.Edits {
		got = append(got, strings.Join([]string{string(e.Op), e.Name, map[bool]string{true: "bottom"}[e.Index == bottom], map[bool]string{true: "body"}[e.WithBody]}, " "))
	}
	want := []string{
		"delete X-Sekisho-Trace  ", "change Subject  ",
		"change Content-Type  body", "insert Content-Transfer-Encoding bottom body", "insert MIME-Version bottom body",
		"insert X-Sekisho-Trace  ", "insert X-Sekisho-Verdict  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	without := p.WithoutBody()
	if without.Body != nil || len(without.Edits) != 4 || len(p.Edits) != 7 {
		t.Errorf("%+v", without)
	}
	for _, e := range without.Edits {
		if e.WithBody || e.Name == "Content-Type" {
			t.Errorf("left in: %+v", e)
		}
	}
}

// header is a header of unfolded fields.
func header(lines ...string) mail.Header {
	var h mail.Header
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ":")
		h = append(h, mail.Field{Name: name, Raw: []byte(l + "\r\n")})
	}
	return h
}
