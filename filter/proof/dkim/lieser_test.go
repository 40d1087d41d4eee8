package dkim

import (
	"path/filepath"
	"testing"
	"time"

	"sekisho/filter/suite"
)

// brisbane is the key of RFC 6376, appendix C.
const brisbane = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"

// lieserKeys are the keys of RFC 6376, appendix C, the same with t=s, and those
// of RFC 8463, appendix A.2.
var lieserKeys = zone{
	"brisbane._domainkey.example.com":          {"v=DKIM1; p=" + brisbane},
	"s.flags._domainkey.example.com":           {"v=DKIM1; t=s; p=" + brisbane},
	"brisbane._domainkey.football.example.com": {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
	"test._domainkey.football.example.com": {"v=DKIM1; k=rsa; p=" +
		"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"},
}

func TestLieser(t *testing.T) {
	dir := suite.Path(t, "suites/dkim/lieser")
	tests := []struct {
		file string
		want []Result
	}{
		{"rfc6376-A.2.eml", []Result{Pass}},
		{"rfc6376-A.2-ill_formed-list_id.eml", []Result{Pass}},
		{"rfc6376-A.2-body_modified.eml", []Result{Fail}},
		{"rfc6376-A.2-header_subject_modified.eml", []Result{Fail}},
		{"rfc6376-A.2-ill_formed-missing_v.eml", []Result{PermError}},
		{"rfc8463-A.3.eml", []Result{Pass, Pass}},
		{"rfc8463-A.3-key_algo_mismatch.eml", []Result{PermError, PermError}},
		{"ill_formed-from.eml", []Result{}},
		// A second From, Date... on top is not signed, and the RFC lets it pass:
		// several From fields are a matter of mail.AuthorSeveral.
		{"dkim/added_header-date.eml", []Result{Pass}},
		{"dkim/added_header-from.eml", []Result{Pass}},
		{"dkim/added_header-subject.eml", []Result{Pass}},
		{"dkim/added_header-to.eml", []Result{Pass}},
		// Whether From is aligned with d= is a matter of DMARC (package dmarc).
		{"dkim/alignment-from_not_in_auid.eml", []Result{Pass}},
		{"dkim/alignment-from_not_in_sdid.eml", []Result{Pass}},
		{"dkim/alignment-signed_by_parent_domain.eml", []Result{Pass}},
		{"dkim/flags_s-auid_and_sdid_match.eml", []Result{Pass}},
		{"dkim/flags_s-auid_is_subdomain_of_sdid.eml", []Result{PermError}},
		{"dkim/header_with_non_ascii_char.eml", []Result{Pass}},
		// What is not signed may be added (RFC 6376, section 8.15).
		{"dkim/unsigned_header-content-type.eml", []Result{Pass}},
		{"dkim/unsigned_header-reply_to-in_domain.eml", []Result{Pass}},
		{"dkim/unsigned_header-reply_to-invalid.eml", []Result{Pass}},
		{"dkim/unsigned_header-reply_to-not_in_domain.eml", []Result{Pass}},
		// The suite holds t= against Received, which anybody may write; we hold it
		// against our clock.
		{"dkim/time-received_long_before_creation.eml", []Result{Pass}},
		{"dkim/time-received_after_creation.eml", []Result{Pass}},
		{"dkim/time-received_briefly_before_creation.eml", []Result{Pass}},
	}
	v := Verifier{Resolver: lieserKeys, Clock: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			h, body := readMessage(t, filepath.Join(dir, filepath.FromSlash(test.file)))
			sigs := v.Verify(t.Context(), h, body, nil)
			if len(sigs) != len(test.want) {
				t.Fatalf("%d signatures, want %d", len(sigs), len(test.want))
			}
			for i, s := range sigs {
				if s.Result != test.want[i] {
					t.Errorf("signature %d: %s (%s), want %s", i, s.Result, s.Reason, test.want[i])
				}
			}
		})
	}
}
