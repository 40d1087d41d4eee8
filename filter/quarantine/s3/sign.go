package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// sign adds the signature of AWS version 4 to a request whose content has that
// hash, as the Amazon S3 API Reference has it in "Authenticating Requests: Using
// the Authorization Header".
func (p Place) sign(r *http.Request, sum string, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("X-Amz-Content-Sha256", sum)
	const signed = "host;x-amz-content-sha256;x-amz-date"
	request := strings.Join([]string{
		r.Method, r.URL.EscapedPath(), r.URL.RawQuery,
		"host:" + r.URL.Host, "x-amz-content-sha256:" + sum, "x-amz-date:" + stamp, "", signed, sum,
	}, "\n")
	scope := strings.Join([]string{stamp[:8], p.Region, "s3", "aws4_request"}, "/")
	hashed := sha256.Sum256([]byte(request))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hex.EncodeToString(hashed[:])}, "\n")
	key := []byte("AWS4" + p.SecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		p.AccessKey, scope, signed, hex.EncodeToString(mac(key, text))))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonicalQuery is a query as it is signed and sent: sorted, and escaped as in paths.
func canonicalQuery(q url.Values) string {
	var parts []string
	for name, values := range q {
		for _, v := range values {
			parts = append(parts, escape(name, false)+"="+escape(v, false))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

// escape writes all but the unreserved characters (RFC 3986, section 2.3) as %XX,
// and leaves slashes when it is a path.
func escape(s string, path bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, path && c == '/':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
