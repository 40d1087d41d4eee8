package calendar_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail/calendar"
)

func TestRead(t *testing.T) {
	file := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" +
		"SUMMARY;LANGUAGE=ja:【楽天】お支払い方法\r\n の確認\r\n" +
		"description:一行目\\n二行目\\, a\\;b\\\\c https://a.exam\r\n\tple/x\r\n" +
		"LOCATION:https://b.example/\nURL;X=\"a:b\":https://c.example/?a=1\\,2\r\n" +
		"ORGANIZER;ROLE=CHAIR;CN=\"Rakuten: Card\":mailto:a@d.example\r\n" +
		"ORGANIZER;CN=Plain:mailto:a@d.example\r\n" +
		"X-ALT-DESC;FMTTYPE=text/html:<a href=\"https://e.example\">x</a>\r\n" +
		"DTSTART:20261102T100000Z\r\nCOMMENT:\r\nCONTACT\r\nATTACH;FMTTYPE=\"open:https://f.example/a.pdf\r\nEND:VEVENT\r\nEND:VCALENDAR"
	want := calendar.Calendar{Properties: []calendar.Property{
		{Name: calendar.Summary, Value: "【楽天】お支払い方法の確認"},
		{Name: calendar.Description, Value: "一行目\n二行目, a;b\\c https://a.example/x"},
		{Name: calendar.Location, Value: "https://b.example/"},
		{Name: calendar.URL, Value: `https://c.example/?a=1\,2`},
		{Name: calendar.Organizer, Value: "Rakuten: Card"},
		{Name: calendar.Organizer, Value: "Plain"},
		{Name: calendar.HTML, Value: `<a href="https://e.example">x</a>`},
		{Name: calendar.Attach, Value: "https://f.example/a.pdf"},
	}}
	if diff := cmp.Diff(want, calendar.Read(string(calendar.Unfold([]byte(file))))); diff != "" {
		t.Error(diff)
	}
}

func unfolded(text string) string { return string(calendar.Unfold([]byte(text))) }

func TestUnfold(t *testing.T) {
	for in, want := range map[string]string{"a\xe3\r\n \x81\x82b\n\tc\r d": "aあbcd", "a\r\nb\n\nc\r": "a\r\nb\n\nc\r", "\n ": "", "a\r\n": "a\r\n"} {
		if got := unfolded(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestLimits(t *testing.T) {
	const name = "SUMMARY:"
	tests := map[string][2]string{
		"properties":    {strings.Repeat("SUMMARY:a\n", calendar.MaxProperties), strings.Repeat("SUMMARY:a\n", calendar.MaxProperties+1)},
		"line":          {name + strings.Repeat("a", calendar.MaxLine-len(name)), name + strings.Repeat("a", calendar.MaxLine-len(name)+1)},
		"folded line":   {name + strings.Repeat("\n a", calendar.MaxLine-len(name)), name + strings.Repeat("\n a", calendar.MaxLine-len(name)+1)},
		"end of letter": {name + "あ", name + strings.Repeat("あ", calendar.MaxLine/3)},
	}
	for what, tt := range tests {
		if c := calendar.Read(unfolded(tt[0])); c.Cut || len(c.Properties) == 0 {
			t.Errorf("%s: cut at the limit, %d properties", what, len(c.Properties))
		}
		if c := calendar.Read(unfolded(tt[1])); !c.Cut || !utf8.ValidString(c.Properties[0].Value) {
			t.Errorf("%s: not cut past the limit", what)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("SUMMARY;CN=\"a:b\";X=c:d\\n\\\r\n e\nURL:f")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range calendar.Read(strings.ToValidUTF8(unfolded(text), "\uFFFD")).Properties {
			if p.Value == "" || len(p.Value) > calendar.MaxLine || !utf8.ValidString(p.Value) {
				t.Errorf("%+v", p)
			}
		}
	})
}
