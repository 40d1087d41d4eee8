package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// seal returns raw with the first set of an ARC chain on top, in which the sealer
// states results (RFC 8617, section 5.1). It is by the words of the RFCs and has
// nothing of the code that verifies.
func (s *signer) seal(tb testing.TB, raw []byte, results string) []byte {
	tb.Helper()
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		tb.Fatal("no body")
	}
	var signed []string
	for _, name := range []string{"from", "to", "subject", "date"} {
		for field := range strings.SplitSeq(string(head), "\r\n") {
			if strings.HasPrefix(strings.ToLower(field), name+":") {
				signed = append(signed, field)
			}
		}
	}
	bh := sha256.Sum256(append(bytes.TrimRight(body, "\r\n"), "\r\n"...))
	tags := "a=ed25519-sha256; d=" + s.domain + "; s=e2e; "
	aar := "ARC-Authentication-Results: i=1; " + s.domain + "; " + results
	ams := "ARC-Message-Signature: i=1; c=relaxed/simple; h=from:to:subject:date; " + tags + "bh=" + base64.StdEncoding.EncodeToString(bh[:]) + "; b="
	ams += s.over(append(signed, ams))
	as := "ARC-Seal: i=1; cv=none; " + tags + "b="
	as += s.over([]string{aar, ams, as})
	return []byte(strings.Join([]string{as, ams, aar, string(raw)}, "\r\n"))
}

// over signs fields in the relaxed form (RFC 6376, section 3.4.2); none of ours is
// folded inside a word.
func (s *signer) over(fields []string) string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		name, value, _ := strings.Cut(f, ":")
		lines[i] = strings.ToLower(name) + ":" + strings.Join(strings.Fields(value), " ")
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\r\n")))
	return base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, sum[:]))
}
