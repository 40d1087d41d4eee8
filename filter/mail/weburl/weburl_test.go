package weburl_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail/weburl"
)

func TestASCIIDomain(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := strings.Repeat("a.", 126) + "a" // 253 bytes
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"rakuten.co.jp", "rakuten.co.jp", true},
		{"Rakuten.CO.JP.", "rakuten.co.jp", true},
		{"日本語.jp", "xn--wgv71a119e.jp", true},
		{"xn--wgv71a119e.jp", "xn--wgv71a119e.jp", true},
		{"ｒａｋｕｔｅｎ．ｃｏ．ｊｐ", "rakuten.co.jp", true},
		{"rakuten。co。jp", "rakuten.co.jp", true},
		{"rаkuten.co.jp", "xn--rkuten-3nf.co.jp", true}, // Cyrillic а
		{"_dmarc.example.jp", "_dmarc.example.jp", true},
		{"localhost", "localhost", true},
		{"a..b", "", false},
		{".example.jp", "", false},
		{"", "", false},
		{".", "", false},
		{"exa mple.jp", "", false},
		{`example.jp"`, "", false},
		{"192.0.2.1", "", false},
		{"example.1", "", false},
		{label + ".jp", label + ".jp", true},
		{label + "a.jp", "", false},
		{long, long, true},
		{long + ".a", "", false},
	}
	for _, tt := range tests {
		got, ok := weburl.ASCIIDomain(tt.in)
		if got != tt.want || ok != tt.ok {
			t.Errorf("ASCIIDomain(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestHost(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://www.rakuten.co.jp/path?x#y", "www.rakuten.co.jp"},
		{"HTTPS://WWW.Rakuten.co.jp", "www.rakuten.co.jp"},
		{"https://www.rakuten.co.jp@evil.example/", "evil.example"},
		{"https://www.rakuten.co.jp:pw@evil.example:8080/", "evil.example"},
		{"https://a@b@evil.example/", "evil.example"},
		{"https://evil.example/@www.rakuten.co.jp", "evil.example"},
		{`https://evil.example\@www.rakuten.co.jp`, "evil.example"},
		{"https://evil.example?@www.rakuten.co.jp", "evil.example"},
		{"https:evil.example/x", "evil.example"},
		{"https:/evil.example/x", "evil.example"},
		{`https:\\evil.example\x`, "evil.example"},
		{"https:////evil.example/x", "evil.example"},
		{"https://%65vil.example/", "evil.example"},
		{"https://evil%2Eexample/", "evil.example"},
		{"https://日本語.jp/", "xn--wgv71a119e.jp"},
		{"https://evil。example/", "evil.example"},
		{"https://evil.example./", "evil.example"},
		{"http://192.0.2.1/", "192.0.2.1"},
		{"http://3221225985/", "192.0.2.1"},
		{"http://0xC0000201/", "192.0.2.1"},
		{"http://0300.0.2.1/", "192.0.2.1"},
		{"http://192.0.513/", "192.0.2.1"},
		{"http://0xc0.0x0.0x2.0x1/", "192.0.2.1"},
		{"http://１９２．０．２．１/", "192.0.2.1"},
		{"http://256.0.0.1/", ""},
		{"http://1.2.3.4.5/", ""},
		{"http://[2001:DB8::1]:80/", "2001:db8::1"},
		{"http://[fe80::1%25eth0]/", ""},
		{"http://[nonsense]/", ""},
		{"mailto:a@rakuten.co.jp", ""},
		{"cid:1@rakuten.co.jp", ""},
		{"data:text/html,x", ""},
		{"javascript:location='http://evil.example'", ""},
		{"/relative", ""},
		{"https://", ""},
		{"https://exa mple.jp/", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := weburl.Host(tt.url); got != tt.want {
			t.Errorf("Host(%q) = %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestResolve(t *testing.T) {
	tests := []struct{ base, ref, want string }{
		{"", "https://a.example/x", "https://a.example/x"},
		{"", " \t\nhttps://a.example/x\x00 ", "https://a.example/x"},
		{"", "ht\ntps://a.ex\tample/x", "https://a.example/x"},
		{"", `https:\\a.example\x?q=\`, `https://a.example/x?q=\`},
		{"", "HTTPS:a.example", "https://a.example"},
		{"", "//a.example/x", "http://a.example/x"},
		{"", "www.rakuten.co.jp/x", "http://www.rakuten.co.jp/x"},
		{"", "x.html", "x.html"},
		{"", "mailto:a@b.example", "mailto:a@b.example"},
		{"", "  ", ""},
		{"https://b.example/d/e?q#f", "x.html", "https://b.example/d/x.html"},
		{"https://b.example/d/e?q#f", "/x.html", "https://b.example/x.html"},
		{"https://b.example/d/e?q#f", `\x.html`, "https://b.example/x.html"},
		{"https://b.example/d/e?q#f", "?x", "https://b.example/d/e?x"},
		{"https://b.example/d/e?q#f", "#x", "https://b.example/d/e?q#x"},
		{"https://b.example/d/e", "//a.example", "https://a.example"},
		{"https://b.example/d/e", `/\a.example`, "https://a.example"},
		{"https://b.example", "x", "https://b.example/x"},
		{"https://b.example", "www.rakuten.co.jp", "https://b.example/www.rakuten.co.jp"},
		{"mailto:x", "x", "x"},
	}
	for _, tt := range tests {
		if got := weburl.Resolve(tt.base, tt.ref); got != tt.want {
			t.Errorf("Resolve(%q, %q) = %q, want %q", tt.base, tt.ref, got, tt.want)
		}
	}
}

func TestURLLimit(t *testing.T) {
	u := "https://a.example/" + strings.Repeat("x", weburl.MaxURL-len("https://a.example/"))
	if got := weburl.Clean(u); got != u {
		t.Error("a URL at the limit is cut")
	}
	if got := weburl.Clean(u + "x"); got != u {
		t.Errorf("one byte past the limit: %d bytes", len(got))
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"no link here. Not in www2. either, nor a://b", nil},
		{"see https://a.example/x. And http://b.example!", []string{"https://a.example/x", "http://b.example"}},
		{"こちら→https://a.example/login?id=1をクリック", []string{"https://a.example/login?id=1"}},
		{"詳細はhttps://a.exampleをご覧ください", []string{"https://a.example"}},
		{"（https://a.example/x）「http://b.example/」。", []string{"https://a.example/x", "http://b.example/"}},
		{"https://a.example/x　次", []string{"https://a.example/x"}},
		{"<https://a.example/x> [https://b.example/y]", []string{"https://a.example/x", "https://b.example/y"}},
		{"https://a.example/wiki_(x) (https://b.example/y)", []string{"https://a.example/wiki_(x)", "https://b.example/y"}},
		{"www.rakuten.co.jp/ WWW.Example.jp, awww.example.jp", []string{"www.rakuten.co.jp/", "WWW.Example.jp"}},
		{"楽天市場www.rakuten.co.jp", []string{"www.rakuten.co.jp"}},
		{"https://www.a.example/https://b.example/", []string{"https://www.a.example/https://b.example/"}},
		{"HTTPS://A.example/", []string{"HTTPS://A.example/"}},
		{"https://日本語.jp/x", []string{"https://日本語.jp/x"}},
		{"http://192.0.2.1/x http://1.2.3.4.5/", []string{"http://192.0.2.1/x"}},
		{"https://a.example@evil.example/x", []string{"https://a.example@evil.example/x"}},
		{"https://.", nil},
		{"http://http://a.example", []string{"http://http://a.example"}}, // as clients have it: a host called "http"
	}
	for _, tt := range tests {
		var got []string
		for _, s := range weburl.Find(nil, tt.text, 10) {
			got = append(got, tt.text[s.Start:s.End])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
	if got := weburl.Find(nil, strings.Repeat("http://a.example ", 5), 3); len(got) != 3 {
		t.Errorf("%d links, want no more than 3", len(got))
	}
}

func FuzzURL(f *testing.F) {
	f.Add("https://b.example/d/e?q#f", `ht\tps:\\a@%65vil。example:80\x`)
	f.Add("", "http://0x7f.1/ www.x.jp https://日本語.jpを(http://[::1]/)")
	f.Add("http://\r/0", "x")
	f.Add("http:\n//b.example/", "//\t/0")
	f.Fuzz(func(t *testing.T, base, ref string) {
		u := weburl.Resolve(base, ref)
		if utf8.ValidString(base) && utf8.ValidString(ref) && !utf8.ValidString(u) {
			t.Errorf("not UTF-8: %q", u)
		}
		host := weburl.Host(u)
		for _, c := range []byte(host) {
			if c <= ' ' || c >= 0x7f || c == '/' || c == '@' || c >= 'A' && c <= 'Z' {
				t.Fatalf("host %q of %q", host, u)
			}
		}
		if again := weburl.Resolve("", u); strings.Contains(u, "://") && weburl.Host(again) != host {
			t.Errorf("%q leads to %q, read again to %q", u, host, weburl.Host(again))
		}
		last := 0
		for _, s := range weburl.Find(nil, ref, 100) {
			if s.Start < last || s.End <= s.Start || s.End > len(ref) {
				t.Fatalf("span %v after %d in %d bytes", s, last, len(ref))
			}
			last = s.End
			if weburl.Host(weburl.Resolve("", ref[s.Start:s.End])) == "" {
				t.Errorf("%q leads nowhere", ref[s.Start:s.End])
			}
		}
	})
}
