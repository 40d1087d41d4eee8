package transfer_test

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"

	"sekisho/filter/mail/transfer"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name, in string
		enc      transfer.Encoding
		want     string
		damaged  bool
	}{
		{"identity", "a=3D", transfer.Identity, "a=3D", false},
		{"base64", "5qW95aSp\r\n", transfer.Base64, "楽天", false},
		{"base64 over lines", "5qW9\r\n5aSp\r\n", transfer.Base64, "楽天", false},
		{"base64 without padding", "YWI", transfer.Base64, "ab", true},
		{"base64 with rubbish", "5q*W9!5aSp", transfer.Base64, "楽天", true},
		{"base64 after padding", "YQ==Yg==", transfer.Base64, "ab", true},
		{"base64 with text below", "YWJj\r\n\r\n-- \r\n", transfer.Base64, "abc", true},
		{"base64, nothing", "", transfer.Base64, "", false},
		{"quoted-printable", "=E6=A5=BD=e5=a4=a9", transfer.QuotedPrintable, "楽天", false},
		{"soft line breaks", "a=\r\nb=\nc= \t\r\nd", transfer.QuotedPrintable, "abcd", false},
		{"soft break at the end", "a=", transfer.QuotedPrintable, "a", false},
		{"broken escapes", "a=ZZ=b", transfer.QuotedPrintable, "a=ZZ=b", true},
		{"half an escape", "a=4", transfer.QuotedPrintable, "a=4", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, size, damaged := transfer.Decode(tt.enc, []byte(tt.in), 1000)
			if string(data) != tt.want || size != len(tt.want) || damaged != tt.damaged {
				t.Errorf("got %q, size %d, damaged %v; want %q, %v", data, size, damaged, tt.want, tt.damaged)
			}
		})
	}
}

// TestLimit holds the promise that a big attachment is not decoded beyond what
// was asked for, while its size is known.
func TestLimit(t *testing.T) {
	plain := bytes.Repeat([]byte("0123456789"), 20_000)
	coded := map[transfer.Encoding][]byte{transfer.Identity: plain}
	b64 := base64.StdEncoding.EncodeToString(plain)
	var lines strings.Builder
	for len(b64) > 76 {
		lines.WriteString(b64[:76] + "\r\n")
		b64 = b64[76:]
	}
	lines.WriteString(b64)
	coded[transfer.Base64] = []byte(lines.String())
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	w.Write(plain)
	w.Close()
	coded[transfer.QuotedPrintable] = qp.Bytes()
	for enc, b := range coded {
		for _, limit := range []int{0, 1, 1000, len(plain) - 1, len(plain), len(plain) + 1} {
			data, size, damaged := transfer.Decode(enc, b, limit)
			if want := min(limit, len(plain)); len(data) != want || !bytes.Equal(data, plain[:want]) {
				t.Errorf("%q, limit %d: %d bytes, want %d", enc, limit, len(data), want)
			}
			if damaged {
				t.Errorf("%q, limit %d: damaged", enc, limit)
			}
			if off := size - len(plain); limit >= len(plain) && off != 0 || off > len(plain)/10 || off < -len(plain)/10 {
				t.Errorf("%q, limit %d: size %d, want about %d", enc, limit, size, len(plain))
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("5q*W9!5aSp=\r\n=E6=A5 =\n"), 5)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		limit = max(0, min(limit, 1<<20))
		for _, enc := range []transfer.Encoding{transfer.Identity, transfer.Base64, transfer.QuotedPrintable} {
			data, size, _ := transfer.Decode(enc, b, limit)
			if len(data) > limit || len(data) > size || size > len(b) {
				t.Errorf("%q: %d bytes of %d from %d, limit %d", enc, len(data), size, len(b), limit)
			}
		}
	})
}
