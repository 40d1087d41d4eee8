package act

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/policy"
)

func TestBuildReplies(t *testing.T) {
	r := func(address string, v policy.Verdict, cause finding.Name) Recipient {
		return Recipient{Address: address, Verdict: v, Cause: cause, Policy: "p"}
	}
	hold := func(r Recipient) Recipient { r.Hold = true; return r }
	const (
		imp   = finding.Impersonation
		dmarc = finding.DMARCReject
	)
	for name, tc := range map[string]struct {
		rs       []Recipient
		reply    Reply
		enhanced string
		held     []string
		taken    []string // DeleteRecipients
		rest     []string // Delivered
		hold     bool
	}{
		"no recipients":        {reply: Tempfail, enhanced: "4.3.0"},
		"no verdict":           {rs: []Recipient{r("a", "", "")}, reply: Tempfail, enhanced: "4.3.0"},
		"unknown verdict":      {rs: []Recipient{r("a", policy.Accept, ""), r("b", "perhaps", "")}, reply: Tempfail, enhanced: "4.3.0"},
		"one tempfail":         {rs: []Recipient{r("a", policy.Reject, dmarc), r("b", policy.Tempfail, finding.AuthTempError)}, reply: Tempfail, enhanced: "4.4.3"},
		"all reject":           {rs: []Recipient{r("a", policy.Reject, dmarc), r("b", policy.Reject, dmarc)}, reply: Reject, enhanced: "5.7.26"},
		"all reject, causes":   {rs: []Recipient{r("a", policy.Reject, dmarc), r("b", policy.Reject, imp)}, reply: Reject, enhanced: "5.7.1"},
		"all accept":           {rs: []Recipient{r("a", policy.Accept, ""), r("b", policy.Accept, "")}, reply: Continue, rest: []string{"a", "b"}},
		"all quarantine":       {rs: []Recipient{r("a", policy.Quarantine, imp), r("b", policy.Quarantine, imp)}, reply: Discard, held: []string{"a", "b"}},
		"reject or quarantine": {rs: []Recipient{r("a", policy.Reject, imp), r("b", policy.Quarantine, imp)}, reply: Discard, held: []string{"a", "b"}},
		"mixed": {rs: []Recipient{r("a", policy.Reject, imp), r("b", policy.Accept, ""), r("c", policy.Quarantine, imp), r("d", policy.Tag, imp)},
			reply: Continue, held: []string{"a", "c"}, taken: []string{"a", "c"}, rest: []string{"b", "d"}},
		"twice the same": {rs: []Recipient{r("a", policy.Accept, ""), r("b", policy.Quarantine, imp), r("b", policy.Quarantine, imp), r("a", policy.Accept, "")},
			reply: Continue, held: []string{"b"}, taken: []string{"b"}, rest: []string{"a"}},
		"same address, two verdicts": {rs: []Recipient{r("a", policy.Accept, ""), r("a", policy.Quarantine, imp)}, reply: Discard, held: []string{"a"}},
		"all on hold":                {rs: []Recipient{hold(r("a", policy.Quarantine, imp)), hold(r("b", policy.Quarantine, imp))}, reply: Continue, hold: true},
		"some on hold":               {rs: []Recipient{hold(r("a", policy.Quarantine, imp)), r("b", policy.Quarantine, imp)}, reply: Discard, held: []string{"a", "b"}},
		"hold and deliver": {rs: []Recipient{hold(r("a", policy.Quarantine, imp)), r("b", policy.Accept, "")},
			reply: Continue, held: []string{"a"}, taken: []string{"a"}, rest: []string{"b"}},
		// The MTA would go on delivering to somebody whom it knows by another spelling.
		"malformed, split": {rs: []Recipient{r("x:a@kaisha.test;", policy.Quarantine, imp), r("b", policy.Accept, "")}, reply: Reject, enhanced: "5.1.3"},
		"malformed, all":   {rs: []Recipient{r("x:a@kaisha.test;", policy.Quarantine, imp)}, reply: Discard, held: []string{"x:a@kaisha.test;"}},
		"malformed, rest": {rs: []Recipient{r("a", policy.Quarantine, imp), r("x:b@kaisha.test;", policy.Accept, "")},
			reply: Continue, held: []string{"a"}, taken: []string{"a"}, rest: []string{"x:b@kaisha.test;"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := Build(Input{Recipients: tc.rs, Trace: "t1"})
			p := out.Plan
			if p.Reply != tc.reply || p.Status.Enhanced != tc.enhanced || (p.Hold != "") != tc.hold {
				t.Errorf("reply %s %+v hold %q", p.Reply, p.Status, p.Hold)
			}
			for what, diff := range map[string]string{
				"held": cmp.Diff(tc.held, out.Held), "taken off": cmp.Diff(tc.taken, p.DeleteRecipients), "delivered": cmp.Diff(tc.rest, out.Delivered),
			} {
				if diff != "" {
					t.Errorf("%s: %s", what, diff)
				}
			}
			if (len(p.Edits) > 0) != (p.Reply == Continue) {
				t.Errorf("%d edits with %s", len(p.Edits), p.Reply)
			}
		})
	}
}

// TestEveryRecipientHasOneFate: delivered, held, refused, postponed or on hold,
// and no recipient gets a message that their policy refuses.
func TestEveryRecipientHasOneFate(t *testing.T) {
	verdicts := []policy.Verdict{policy.Accept, policy.Tag, policy.Quarantine, policy.Reject, policy.Tempfail, ""}
	rapid.Check(t, func(t *rapid.T) {
		var rs []Recipient
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			rs = append(rs, Recipient{
				Address: rapid.StringMatching(`[a-e]@[xy]`).Draw(t, "address"),
				Verdict: rapid.SampledFrom(verdicts[:rapid.IntRange(1, len(verdicts)).Draw(t, "kinds")]).Draw(t, "verdict"),
				Hold:    rapid.Bool().Draw(t, "hold"),
			})
		}
		out := Build(Input{Recipients: rs, Trace: "t"})
		for _, r := range rs {
			delivered := slices.Contains(out.Delivered, r.Address)
			held := slices.Contains(out.Held, r.Address)
			whole := out.Plan.Reply == Tempfail || out.Plan.Reply == Reject || out.Plan.Hold != ""
			fates := 0
			for _, f := range []bool{delivered, held, whole} {
				if f {
					fates++
				}
			}
			if fates != 1 {
				t.Fatalf("%v: delivered %v, held %v, whole %v", r, delivered, held, whole)
			}
			if delivered && r.Verdict != policy.Accept && r.Verdict != policy.Tag {
				t.Fatalf("%v is delivered", r)
			}
			if held && out.Plan.Reply == Continue && !slices.Contains(out.Plan.DeleteRecipients, r.Address) {
				t.Fatalf("%v is held and stays on the envelope", r)
			}
			if out.Plan.Reply == Reject && r.Verdict != policy.Reject {
				t.Fatalf("%v is rejected", r)
			}
		}
	})
}

func TestVisiblePrefixOnlyWhenAllAsk(t *testing.T) {
	tag := func(prefix string) Recipient {
		return Recipient{Address: prefix + "@x", Verdict: policy.Tag, SubjectPrefix: prefix}
	}
	for name, tc := range map[string]struct {
		rs   []Recipient
		want bool
	}{
		"one":               {[]Recipient{tag("[!]")}, true},
		"two alike":         {[]Recipient{tag("[!]"), {Address: "b", Verdict: policy.Tag, SubjectPrefix: "[!] "}}, true},
		"two different":     {[]Recipient{tag("[!]"), tag("[?]")}, false},
		"one without":       {[]Recipient{tag("[!]"), {Address: "b", Verdict: policy.Tag}}, false},
		"one accepts":       {[]Recipient{tag("[!]"), {Address: "b", Verdict: policy.Accept, SubjectPrefix: "[!]"}}, false},
		"held do not count": {[]Recipient{tag("[!]"), {Address: "b", Verdict: policy.Quarantine}}, true},
		"blank":             {[]Recipient{tag(" \r\n")}, false},
	} {
		out := Build(Input{Header: mail.Header{{Name: "Subject", Raw: []byte("Subject: x\r\n")}}, Recipients: tc.rs})
		got := slices.ContainsFunc(out.Plan.Edits, func(e Edit) bool { return e.Op == Change && e.Name == "Subject" })
		if got != tc.want {
			t.Errorf("%s: prefix %v, want %v", name, got, tc.want)
		}
	}
}

func TestStatuses(t *testing.T) {
	for _, name := range append(finding.Names(), "", "no such finding") {
		for _, s := range []Status{rejection(name, "q1.t\r\n2%"), postponement(name, "q1.t\r\n2%")} {
			if s.Enhanced[0] != byte('0'+s.Code/100) {
				t.Errorf("%q: %d and %s do not agree", name, s.Code, s.Enhanced)
			}
			if !strings.HasSuffix(s.Text, "(trace q1.t??2%)") || strings.ContainsFunc(s.Text, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q: text %q", name, s.Text)
			}
			if len(s.Text) > 400 {
				t.Errorf("%q: text of %d bytes", name, len(s.Text)) // RFC 5321, section 4.5.3.1.5: 512 with codes and CRLF
			}
		}
	}
	for _, p := range []Plan{StoreFailed("t"), Unchecked("t")} {
		if p.Reply != Tempfail || p.Status.Code != 451 || p.Status.Enhanced != "4.3.0" {
			t.Errorf("%+v", p)
		}
	}
}

// TestCodes holds the codes of RFC 7372 and RFC 3463 for every finding, both when
// it refuses and when it postpones.
func TestCodes(t *testing.T) {
	want := map[finding.Name]string{
		finding.DKIMFail: "7.20", finding.DKIMPolicy: "7.21", finding.DKIMUnaligned: "7.22",
		finding.SPFFail: "7.23", finding.SPFSoftFail: "7.23", finding.SPFError: "7.24", finding.NoReverseDNS: "7.25",
		finding.DMARCReject: "7.26", finding.DMARCQuarantine: "7.26", finding.DMARCFail: "7.26", finding.NoAuth: "7.26", finding.Forwarded: "7.26",
		finding.FromMissing: "6.0", finding.FromMalformed: "6.0", finding.FromSeveral: "7.1",
		finding.Structure: "6.0", finding.ReadingsDiffer: "6.0",
	}
	for _, name := range finding.Names() {
		code := want[name]
		if code == "" {
			code = "7.1" // who is impersonated, and what else speaks against a message, has no code of its own
		}
		if got := rejection(name, ""); got.Enhanced != "5."+code || got.Code != 550 {
			t.Errorf("%s rejects with %d %s, want 5.%s", name, got.Code, got.Enhanced, code)
		}
		if name == finding.AuthTempError || name == finding.UncheckedBrand {
			code = "4.3"
		}
		if name == finding.ChecksShed {
			code = "4.5"
		}
		if got := postponement(name, ""); got.Enhanced != "4."+code || got.Code != 451 {
			t.Errorf("%s postpones with %d %s, want 4.%s", name, got.Code, got.Enhanced, code)
		}
	}
	if r, p := rejection("", ""), postponement("", ""); r.Enhanced != "5.7.1" || p.Enhanced != "4.3.0" {
		t.Errorf("no cause: %s, %s", r.Enhanced, p.Enhanced)
	}
}

func BenchmarkBuild(b *testing.B) {
	h := mail.Header{}
	for range 38 {
		h = append(h, mail.Field{Name: "Received", Raw: []byte("Received: by x\r\n")})
	}
	h = append(h, mail.Field{Name: "X-Sekisho-Verdict", Raw: []byte("X-Sekisho-Verdict: x\r\n")},
		mail.Field{Name: "Subject", Raw: []byte("Subject: =?ISO-2022-JP?B?GyRCMVpFNxsoQg==?=\r\n")})
	in := Input{
		Header: h, Trace: "0123456789abcdef", Claims: []string{"rakuten"},
		Findings:    []finding.Name{finding.Impersonation, finding.LinksLeaveBrand},
		AuthResults: "mx.example.jp;\r\n\tspf=pass smtp.mailfrom=st.mgu.ac.jp;\r\n\tdkim=pass header.d=st.mgu.ac.jp", OwnResults: []int{1},
		Recipients: []Recipient{{Address: "a@example.jp", Policy: "example.jp", Verdict: policy.Tag, Points: 7, SubjectPrefix: "【注意】"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		Build(in)
	}
}

// TestReplyInThePolicysWords: a rejected sender hears what the policy of all
// recipients says, in his script only if his server takes it; else what fits.
func TestReplyInThePolicysWords(t *testing.T) {
	words := ReplyText{English: "Call us", Local: "お電話ください"}
	for name, tc := range map[string]struct {
		words []ReplyText
		utf8  bool
		want  string
		local bool
	}{
		"none":                {[]ReplyText{{}}, true, rejection(finding.Impersonation, "t").Text, false},
		"English":             {[]ReplyText{words}, false, "Call us (trace t)", false},
		"both":                {[]ReplyText{words, words}, true, "お電話ください / Call us (trace t)", true},
		"Japanese alone":      {[]ReplyText{{Local: "お電話ください"}}, true, "お電話ください / " + rejection(finding.Impersonation, "t").Text, true},
		"Japanese not taken":  {[]ReplyText{{Local: "お電話ください"}}, false, rejection(finding.Impersonation, "t").Text, false},
		"two policies' words": {[]ReplyText{words, {English: "Write us"}}, true, rejection(finding.Impersonation, "t").Text, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{Trace: "t", UTF8: tc.utf8}
			for _, w := range tc.words {
				in.Recipients = append(in.Recipients, Recipient{Address: "a", Verdict: policy.Reject, Cause: finding.Impersonation, Reply: w})
			}
			s := Build(in).Plan.Status
			if s.Text != tc.want || s.UTF8 != tc.local || s.Code != 550 || s.Enhanced != "5.7.1" {
				t.Errorf("%+v, want %q", s, tc.want)
			}
		})
	}
}
