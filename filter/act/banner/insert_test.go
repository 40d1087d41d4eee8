package banner

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
	"sekisho/filter/mail/charset"
)

const document = "<!DOCTYPE html>\r\n<html><head><title>a &lt; b</title>\r\n<style>p{display:none}</style></head>\r\n<body class=\"x>y\">\r\n<p>TEXT</p></body></html>\r\n"

// sample is a message that gets a banner.
type sample struct {
	name   string
	header mail.Header
	body   []byte
	banner Banner
	change Change
}

// samples are messages in all charsets, transfer encodings and structures, with
// their banners in.
func samples(t *testing.T) []sample {
	t.Helper()
	var all []sample
	add := func(name, entity string, style Style) {
		h, body := message(t, entity)
		s := sample{name: name, header: h, body: body, banner: Compose("楽天 <Rakuten>", style)}
		if style == English {
			s.banner = Compose("Rakuten & Co", style)
		}
		keepHeader, keepBody := raw(h, nil), bytes.Clone(body)
		var why Refusal
		if s.change, why = Insert(h, body, s.banner); why != "" {
			t.Errorf("%s: %s", name, why)
			return
		}
		if !bytes.Equal(keepBody, body) || !bytes.Equal(keepHeader, raw(h, nil)) {
			t.Errorf("%s: the original was written to", name)
		}
		all = append(all, s)
	}
	for _, c := range charsets {
		for _, cte := range []string{"7bit", "8bit", "quoted-printable", "base64"} {
			wide := c.label == "utf-16le"
			if wide && cte != "base64" {
				continue
			}
			for _, style := range []Style{English, Both} {
				name := c.label + " " + cte + " " + string(style)
				plain := part(t, "plain", c.label, c.enc, cte, c.text)
				add("plain "+name, plain, style)
				add("flowed "+name, strings.Replace(plain, "text/plain", "text/plain; format=flowed; delsp=yes", 1), style)
				if wide {
					continue
				}
				page := part(t, "html", c.label, c.enc, cte, strings.Replace(document, "TEXT", c.text, 1))
				add("html "+name, page, style)
				both := multipart("alternative", plain, page)
				add("alternative "+name, both, style)
				attached := "Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nattached\r\n"
				picture := "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <p>\r\n\r\niVBORw0KGgo=\r\n"
				forwarded := "Content-Type: message/rfc822\r\n\r\nFrom: b@c\r\nContent-Type: text/plain\r\n\r\nforwarded\r\n"
				add("nested "+name, multipart("mixed", multipart("alternative", plain, multipart("related", page, picture)), attached, forwarded), style)
			}
		}
	}
	return all
}

// TestInsert reads each message again as filter/mail does: the banner is there, the
// text below it is the very old one, and nothing else is different.
func TestInsert(t *testing.T) {
	all := samples(t)
	if len(all) < 400 {
		t.Errorf("%d samples", len(all))
	}
	for _, s := range all {
		old, now := mail.Parse(s.header, s.body), mail.Parse(changed(s.header, s.change.Edits), s.change.Body)
		if len(old.Parts) != len(now.Parts) || len(old.Deviations) != len(now.Deviations) {
			t.Errorf("%s: %d parts and %v, were %d and %v", s.name, len(now.Parts), now.Deviations, len(old.Parts), old.Deviations)
			continue
		}
		plain, page := s.banner.text(), s.banner.html()
		for i := range old.Parts {
			p, n := old.Parts[i], now.Parts[i]
			if p.MediaType != n.MediaType || p.Path != n.Path || p.Filename != n.Filename {
				t.Errorf("%s: part %+v became %+v", s.name, p, n)
			}
			if p.Disposition != "" || p.Embedded || p.MediaType == "image/png" {
				if !bytes.Equal(p.Data, n.Data) {
					t.Errorf("%s: part %s is different", s.name, p.Path)
				}
				continue
			}
			a, b := decoded(t, p), decoded(t, n)
			switch {
			case p.MediaType == "text/plain":
				if b != plain+a {
					t.Errorf("%s: %s", s.name, cmp.Diff(plain+a, b))
				}
			default:
				if strings.Count(b, page) != 1 || strings.Replace(b, page, "", 1) != a || !strings.Contains(b, "<body class=\"x>y\">"+page) {
					t.Errorf("%s: %s", s.name, b)
				}
			}
		}
		// Everything that a reader sees of it.
		var seen []string
		for _, p := range now.Passages {
			if p.Kind != mail.PassageHidden {
				seen = append(seen, p.Text)
			}
		}
		for _, n := range s.banner {
			for _, text := range slices.Concat([]string{n.Title, n.Already, n.Origin}, n.Advice, n.Cases) {
				if !strings.Contains(strings.Join(seen, "\n"), text) {
					t.Errorf("%s: not displayed: %s", s.name, text)
				}
			}
		}
		checkLines(t, s)
	}
}

func decoded(t *testing.T, p mail.Part) string {
	t.Helper()
	text, outcome := charset.Decode(p.Data, p.Charset)
	if outcome != charset.Fitting {
		t.Errorf("part %s, %q: %s", p.Path, p.Charset, outcome)
	}
	return text
}

// checkLines: no line is longer than SMTP carries, and no bytes beyond ASCII come
// into a message that had none.
func checkLines(t *testing.T, s sample) {
	t.Helper()
	for line := range bytes.Lines(s.change.Body) {
		if len(line) > 1000 {
			t.Errorf("%s: a line of %d bytes", s.name, len(line))
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("%s: a line without its end: %q", s.name, line)
		}
	}
	announced := strings.Contains(string(raw(s.header, s.body)), "8bit")
	if highBytes(s.change.Body) && !highBytes(s.body) && !announced {
		t.Errorf("%s: became 8 bit", s.name)
	}
	for _, e := range s.change.Edits {
		if e.Name != "Content-Type" && e.Name != "Content-Transfer-Encoding" {
			t.Errorf("%s: edit %+v", s.name, e)
		}
	}
}

// TestBytesOutside: what stands outside of the changed parts is the same byte for
// byte, and a part that needs no new label keeps its header.
func TestBytesOutside(t *testing.T) {
	const page = "<p>hello</p>\r\n"
	entity := multipart("mixed", multipart("alternative",
		"CONTENT-TYPE:text/plain;\r\n charset=\"iso-2022-jp\"\r\nX-Odd:  kept \r\n\r\nhello\r\n",
		"Content-Type: text/html\r\n\r\n"+page), "Content-Type: text/plain\r\n\r\nsecond\r\n")
	h, body := message(t, entity)
	b := Compose("楽天", Japanese)
	c, why := Insert(h, body, b)
	if why != "" || len(c.Edits) > 0 {
		t.Fatalf("%s, %+v", why, c.Edits)
	}
	jis, ok := charset.Encode(b.text(), "iso-2022-jp")
	if !ok {
		t.Fatal("not encoded")
	}
	want := strings.Replace(string(body), "\r\n\r\nhello", "\r\n\r\n"+string(jis)+"hello", 1)
	want = strings.Replace(want, page, b.html()+page, 1)
	if diff := cmp.Diff(want, string(c.Body)); diff != "" {
		t.Error(diff)
	}
}

// TestRelabel: where a text has to become UTF-8, its header says so, and the rest
// of it stays.
func TestRelabel(t *testing.T) {
	b := Compose("楽天", Japanese)
	for name, tc := range map[string]struct {
		head  string
		edits []Edit
	}{
		"nothing": {"", []Edit{{"Content-Type", "text/plain; charset=UTF-8", true}, {"Content-Transfer-Encoding", "quoted-printable", true}, {"MIME-Version", "1.0", true}}},
		"no MIME": {"Content-Type: text/plain\r\n", []Edit{{"Content-Type", "text/plain; charset=UTF-8", false},
			{"Content-Transfer-Encoding", "quoted-printable", true}, {"MIME-Version", "1.0", true}}},
		"folded": {"MIME-Version: 1.0\r\nContent-type: text/plain; format=flowed;\r\n charset=\"us-ascii\" ; delsp=no\r\nContent-Transfer-Encoding: 7bit\r\n",
			[]Edit{{"Content-Type", "text/plain; format=flowed; charset=UTF-8 ; delsp=no", false}, {"Content-Transfer-Encoding", "quoted-printable", false}}},
		"8bit": {"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii;\r\nContent-Transfer-Encoding: 8bit\r\n",
			[]Edit{{"Content-Type", "text/plain; charset=UTF-8;", false}}},
	} {
		h, body, err := mail.ReadFile(strings.NewReader("From: a@b\r\n" + tc.head + "\r\n-- hello\r\n.dot = \r\nFrom here on\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		c, why := Insert(h, body, b)
		if diff := cmp.Diff(tc.edits, c.Edits); diff != "" || why != "" {
			t.Errorf("%s: %s %s", name, why, diff)
		}
		now := mail.Parse(changed(h, c.Edits), c.Body)
		if got := string(now.Parts[0].Data); got != b.text()+string(body) {
			t.Errorf("%s: %q", name, got)
		}
	}
	// In a part that is described by nothing, the description comes on top of it.
	h, body := message(t, multipart("mixed", "\r\nhello\r\n"))
	c, why := Insert(h, body, b)
	if why != "" || !bytes.Contains(c.Body, []byte("\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")) {
		t.Errorf("%s %s", why, c.Body)
	}
}

func TestTop(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "^",
		"hello":                                 "^hello",
		"  <p>x":                                "  ^<p>x",
		"<html><body>x":                         "<html><body>^x",
		"<BODY\nonload='a>b'>x":                 "<BODY\nonload='a>b'>^x",
		"<!-- <body> --><p>x":                   "<!-- <body> -->^<p>x",
		"<title><body></title>x<body>":          "<title><body></title>^x<body>",
		"<head><style><body></style></head><p>": "<head><style><body></style></head>^<p>",
		"<p>x<body>y":                           "^<p>x<body>y",
		"<html><head></head></html>":            "<html><head></head>^</html>",
		"\xef\xbb\xbf<div>":                     "\xef\xbb\xbf^<div>",
		"\x1b$B<body>\x1b(B<body>x":             "^\x1b$B<body>\x1b(B<body>x",
		"<body>\x1b$B$\"\x1b(B":                 "<body>^\x1b$B$\"\x1b(B",
		"<title>\x1b$B<!\x1b(B</title>":         "<title>\x1b$B<!\x1b(B</title>^",
	} {
		at, why := top([]byte(in))
		if got := in[:at] + "^" + in[at:]; why != "" || got != want {
			t.Errorf("%q: %q, %s", in, got, why)
		}
	}
	if _, why := top([]byte("<html><frameset><frame>")); why != Frames {
		t.Errorf("frames: %s", why)
	}
}

func TestCompose(t *testing.T) {
	if b := Compose("x", None); b != nil {
		t.Errorf("%v", b)
	}
	if b := Compose("x", "nonsense"); b != nil {
		t.Errorf("%v", b)
	}
	long := strings.Repeat("長", MaxBrand)
	for brand, want := range map[string]string{
		"":                 "",
		"a\r\nb\x00\u202e": `"ab"`,
		long:               `"` + long + `"`,
		long + "い":         `"` + long[:len(long)-3] + `…"`,
		"<b>":              `"<b>"`,
	} {
		b := Compose(brand, English)
		if want != "" && !strings.Contains(b.text(), want) {
			t.Errorf("%q: %s", brand, b.text())
		}
		if page := b.html(); want != "" && !strings.Contains(html.UnescapeString(page), want) || strings.Contains(page, "<b>") || highBytes([]byte(page)) {
			t.Errorf("%q: %s", brand, page)
		}
	}
	// The plain text is the same for a reader of format=flowed.
	for line := range strings.Lines(Compose("楽天", Both).text()) {
		line = strings.TrimSuffix(line, "\r\n")
		if strings.HasSuffix(line, " ") || strings.HasPrefix(line, ">") || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "-") {
			t.Errorf("line %q", line)
		}
	}
}

// TestReportTo: where the catalogue has an address for reports, both languages name it.
func TestReportTo(t *testing.T) {
	t.Parallel()
	b := Compose("American Express", Both)
	told := b.ReportTo("spoof@americanexpress.com")
	for _, text := range []string{told.text(), told.html()} {
		if strings.Count(text, "spoof@americanexpress.com") != 2 {
			t.Errorf("%s", text)
		}
	}
	for _, none := range []string{"", "a\r\nb", strings.Repeat("x", MaxBrand+1)} {
		if got := b.ReportTo(none); got.text() != b.text() {
			t.Errorf("%q: %s", none, got.text())
		}
	}
	if strings.Contains(b.text(), "spoof@") {
		t.Error("the banner itself has changed")
	}
}
