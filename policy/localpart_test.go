package policy

import "testing"

// TestLocalPart: however it is quoted, a local part is that of the mailbox that
// the MTA delivers to (RFC 5321, section 4.1.2).
func TestLocalPart(t *testing.T) {
	for rcpt, want := range map[string]string{
		"Hanako@kaisha.test":         "hanako",
		"postmaster":                 "postmaster",
		`"hanako"@kaisha.test`:       "hanako",
		`"ha na@ko"@kaisha.test`:     "ha na@ko",
		`"han\ako"@kaisha.test`:      "hanako",
		`"\h\a\n\a\k\o"@kaisha.test`: "hanako",
		`"a\"b\\c\\\d"@kaisha.test`:  `a"b\c\d`,
		`""@kaisha.test`:             "",
		`"a\"@kaisha.test`:           `a\`,
		`"@kaisha.test`:              `"`,
	} {
		if got := localPart(rcpt); got != want {
			t.Errorf("%s: %q, want %q", rcpt, got, want)
		}
	}
}
