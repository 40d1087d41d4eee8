package redact

import (
	"strings"
	"testing"
)

// BenchmarkHostile is what a megabyte costs that was made to cost much.
func BenchmarkHostile(b *testing.B) {
	for name, piece := range map[string]string{
		"at": "@", "percent": "%40", "address": who + " ", "address without blanks": who, "local": "yamada.taro ", "local without blanks": "yamada.taro-",
		"base64": "QUJD", "slashes": "a/", "hex": "ab", "entities": "&#64;", "quotes": `"@`, "wide": "ａ＠", "words": "hello ",
		"domain": "x@kaisha.test.", "mixed": "%2579amada.taro=40&#",
	} {
		text := strings.Repeat(piece, maxText/len(piece))
		r := New(key, []string{who}, nil, nil)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.Text(text)
			}
		})
	}
	// Many recipients, and a text that nearly names them all.
	var all []string
	var near strings.Builder
	for n := range MaxKnown {
		local := "person" + string([]byte{byte('a' + n/26), byte('a' + n%26)})
		all = append(all, local+"@kaisha.test")
		near.WriteString(local + "s ")
	}
	text := strings.Repeat(near.String(), maxText/near.Len())
	r := New(key, all, nil, nil)
	b.Run("recipients", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r.Text(text)
		}
	})
}
