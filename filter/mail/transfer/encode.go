package transfer

import (
	"encoding/base64"
	"strings"
)

// EncodeBase64 is data in base64, in lines of 76 characters that end in CRLF (RFC 2045,
// section 6.8).
func EncodeBase64(data []byte) string {
	all := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	b.Grow(len(all) + 2*(len(all)/76+1))
	for len(all) > 76 {
		b.WriteString(all[:76] + "\r\n")
		all = all[76:]
	}
	b.WriteString(all + "\r\n")
	return b.String()
}
