package report_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"sekisho/filter/proof"
	"sekisho/filter/replay"
	"sekisho/filter/replay/report"
)

// hostile is a message whose every piece would like to leave its place in a page.
const hostile = "Authentication-Results: mx.kaisha.test; dkim=pass header.d=evil.example; dmarc=pass header.from=evil.example\r\n" +
	"From: =?utf-8?Q?=E6=A5=BD=E5=A4=A9<script>alert(1)</script>?= <\"><img src=x onerror=alert(2)>\"@evil.example>\r\n" +
	"Subject: =?utf-8?Q?=E3=80=90=E6=A5=BD=E5=A4=A9=E3=80=91</span><script>alert(3)</script>?=\r\n\r\n" +
	"https://evil.example/\"onmouseover=alert(4)\r\n"

func write(t *testing.T, labels replay.Labels) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a.eml", "b<svg onload=alert(5)>.eml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(hostile), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := replay.Run(t.Context(), replay.Options{Source: proof.FromHeader, Labels: labels, Against: replay.BuiltIn}, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b, s, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestNothingLeavesItsPlace: no element or attribute comes from mail, and nothing
// is loaded.
func TestNothingLeavesItsPlace(t *testing.T) {
	for name, labels := range map[string]replay.Labels{
		"labelled": {"a.eml": {Kind: "legit", Brand: "<b>", Group: "\"x"}}, "bare": nil,
	} {
		page := write(t, labels)
		if !strings.Contains(page, "楽天") {
			t.Errorf("%s: the message is not there", name)
		}
		for z := html.NewTokenizer(strings.NewReader(page)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				if z.Err() != io.EOF {
					t.Error(z.Err())
				}
				break
			}
			token := z.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			switch token.Data {
			case "script", "img", "a", "link", "iframe", "object", "b>":
				t.Errorf("%s: <%s>", name, token.Data)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" || a.Key == "style" {
					t.Errorf("%s: <%s %s=%q>", name, token.Data, a.Key, a.Val)
				}
			}
		}
		for _, load := range []string{"url(", "@import", "ZgotmplZ", "NaN", "%!"} {
			if load != "url(" && strings.Contains(page, load) || strings.Count(page, "url(") > strings.Count(page, "url(#") {
				t.Errorf("%s: the page holds %s", name, load)
			}
		}
	}
}

func TestEmptyRun(t *testing.T) {
	s, err := replay.Run(t.Context(), replay.Options{Source: proof.FromNobody}, []string{t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b, s, time.Time{}); err != nil || strings.Contains(b.String(), "NaN") {
		t.Errorf("%v", err)
	}
}
