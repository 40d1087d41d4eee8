package banner

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

// TestRefuse: what is protected, malformed or not sure stays as it is.
func TestRefuse(t *testing.T) {
	const hello = "Content-Type: text/plain\r\n\r\nhello\r\n"
	sign := func(sub, protocol string) string {
		return strings.Replace(multipart(sub, hello, "Content-Type: application/x-signature\r\n\r\nAA==\r\n"), ";", "; protocol="+protocol+";", 1)
	}
	split := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for name, tc := range map[string]struct {
		entity string
		want   Refusal
	}{
		"signed":            {sign("signed", "application/pgp-signature"), Protected},
		"encrypted":         {sign("encrypted", "application/pgp-encrypted"), Protected},
		"signed inside":     {multipart("mixed", sign("signed", "x/y"), hello), Protected},
		"signed after":      {multipart("mixed", hello, sign("signed", "x/y")), Protected},
		"S/MIME":            {"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n", Protected},
		"S/MIME in mixed":   {multipart("mixed", hello, "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\nContent-Disposition: attachment\r\n\r\nAA\r\n"), Protected},
		"PGP/MIME stray":    {multipart("mixed", hello, "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"), Protected},
		"inline PGP":        {"Content-Type: text/plain\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n", Protected},
		"inline encrypted":  {"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhi\r\n=2D----BEGIN PGP MESSAGE-----\r\n", Protected},
		"inline PGP in one": {multipart("alternative", hello, "Content-Type: text/html\r\n\r\n<pre>-----BEGIN PGP MESSAGE-----\r\n"), Protected},

		"picture only":  {"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n", NoText},
		"attached only": {"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nhello\r\n", NoText},
		"unknown kind":  {"Content-Type: text/plain\r\nContent-Disposition: strange\r\n\r\nhello\r\n", NoText},
		"message only":  {"Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\n\r\nhello\r\n", NoText},
		"forwarded":     {multipart("mixed", "Content-Type: message/rfc822\r\n\r\n"+hello), NoText},
		"digest":        {multipart("digest", "\r\nFrom: a@b\r\n\r\nhello\r\n"), NoText},
		"calendar":      {"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", NoText},
		"named later":   {multipart("mixed", "Content-Type: image/png\r\n\r\nx\r\n", "Content-Type: text/plain; name=a.txt\r\n\r\nhello\r\n"), NoText},

		"two types":          {"Content-Type: text/html\r\n" + hello, Malformed},
		"two encodings":      {"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n" + hello, Malformed},
		"no type":            {"Content-Type: plain\r\n\r\nhello\r\n", Malformed},
		"charset twice":      {"Content-Type: text/plain; charset=utf-8; charset=shift_jis\r\n\r\nhello\r\n", Malformed},
		"no boundary":        {"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nhello\r\n--b--\r\n", Malformed},
		"boundary unused":    {split + "hello\r\n", Malformed},
		"not closed":         {split + "--b\r\n\r\nhello\r\n", Malformed},
		"header not ended":   {split + "--b\r\nhello\r\n--b--\r\n", Malformed},
		"encoded container":  {"Content-Transfer-Encoding: base64\r\n" + split + "--b\r\n\r\nhello\r\n--b--\r\n", Malformed},
		"root is not first":  {strings.Replace(multipart("related", hello, hello), ";", "; start=\"<x@y>\";", 1), Malformed},
		"charset continued":  {"Content-Type: text/plain; charset*0=us-; charset*1=ascii\r\n\r\nhello\r\n", Malformed},
		"comment in type":    {"Content-Type: text/plain; (charset) charset=us-ascii\r\n\r\nhello\r\n", Malformed},
		"unknown encoding":   {"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nhello\r\n", BadEncoding},
		"damaged base64":     {"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nAA*A\r\n", BadEncoding},
		"damaged quoted":     {"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ\r\n", BadEncoding},
		"unknown charset":    {"Content-Type: text/plain; charset=x-own\r\n\r\nhello\r\n", BadCharset},
		"unlabelled 8 bit":   {"Content-Type: text/plain\r\n\r\nk\xe4se\r\n", BadCharset},
		"wrong label":        {"Content-Type: text/plain; charset=us-ascii\r\n\r\nお客様\r\n", BadCharset},
		"damaged UTF-8":      {"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\xfd\r\n", BadCharset},
		"UTF-7":              {"Content-Type: text/plain; charset=utf-7\r\n\r\n+AAA-\r\n", BadCharset},
		"UTF-16 page":        {"Content-Type: text/html; charset=utf-16\r\n\r\n<p>x\r\n", BadCharset},
		"NUL in page":        {"Content-Type: text/html\r\n\r\n<\x00p\x00>\x00\r\n", BadCharset},
		"frames":             {"Content-Type: text/html\r\n\r\n<frameset><frame src=x></frameset>\r\n", Frames},
		"one of two refuses": {multipart("alternative", "Content-Type: text/plain; charset=x-own\r\n\r\nhello\r\n", "Content-Type: text/html\r\n\r\n<p>x\r\n"), BadCharset},
	} {
		h, body := message(t, tc.entity)
		c, why := Insert(h, body, Compose("楽天", Japanese))
		if why != tc.want || c.Body != nil || c.Edits != nil {
			t.Errorf("%s: %q, want %q\n%s", name, why, tc.want, c.Body)
		}
		if !slices.Contains(Refusals(), why) {
			t.Errorf("%s is not listed", why)
		}
	}
	h, body := message(t, hello)
	if c, why := Insert(h, body, nil); why != NoBanner || c.Body != nil {
		t.Errorf("without a banner: %s", why)
	}
}

// TestDespite: what looks odd but is read alike by all gets its banner.
func TestDespite(t *testing.T) {
	b := Compose("Rakuten", English)
	for name, entity := range map[string]string{
		"begins with a name":     "Content-Type: text/plain; name=body.txt\r\n\r\nhello\r\n",
		"begins inline":          "Content-Type: text/plain\r\nContent-Disposition: INLINE; filename=a.txt\r\n\r\nhello\r\n",
		"foreign 8 bit":          "Content-Type: text/plain\r\n\r\nk\xe4se\r\n",
		"page of foreign 8 bit":  "Content-Type: text/html; charset=utf-8\r\n\r\n<p>k\xe4se\r\n",
		"a public key":           "Content-Type: text/plain\r\n\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n",
		"empty":                  "Content-Type: text/plain\r\n\r\n",
		"empty encoded":          "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"signed inside attached": multipart("mixed", "Content-Type: text/plain\r\n\r\nhello\r\n", "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/signed; boundary=x\r\n\r\n--x--\r\n"),
		"report":                 multipart("report", "Content-Type: text/plain\r\n\r\nbounced\r\n", "Content-Type: message/delivery-status\r\n\r\nStatus: 5.0.0\r\n"),
		"related with its start": strings.Replace(multipart("related", "Content-Type: text/html\r\nContent-ID: <x@y>\r\n\r\n<p>x\r\n"), ";", "; start=\"<x@y>\";", 1),
		"boundary of stars":      "Content-Type: multipart/mixed; boundary=\"* * *\"\r\n\r\n--* * *\r\n\r\nhello\r\n--* * *--\r\n",
	} {
		h, body := message(t, entity)
		c, why := Insert(h, body, b)
		if why != "" || !bytes.Contains(bytes.ReplaceAll(c.Body, []byte("=\r\n"), nil), []byte("CAUTION")) && !strings.Contains(name, "encoded") {
			t.Errorf("%s: %s\n%s", name, why, c.Body)
		}
	}
}

// TestLimits: at each limit, and one past it.
func TestLimits(t *testing.T) {
	b := Compose("Rakuten", English)
	plain := func(n int) string { return "Content-Type: text/plain\r\n\r\n" + strings.Repeat("x", n) }
	many := func(n int) string {
		parts := []string{plain(1)}
		for range n - 1 {
			parts = append(parts, "Content-Type: image/png\r\n\r\nx")
		}
		return multipart("mixed", parts...)
	}
	deep := func(n int) string {
		e := plain(1)
		for i := range n {
			e = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%dx\r\n\r\n--b%dx\r\n%s\r\n--b%dx--\r\n", i, i, e, i)
		}
		return e
	}
	fields := func(n int) string {
		return multipart("mixed", strings.Repeat("X: y\r\n", n-1)+plain(1))
	}
	attached := func(n int) string {
		e := multipart("mixed", plain(1), "Content-Type: image/png\r\n\r\n")
		_, body, _ := strings.Cut(e, "\r\n\r\n")
		return strings.Replace(e, "image/png\r\n\r\n", "image/png\r\n\r\n"+strings.Repeat("y", n-len(body)), 1)
	}
	for name, tc := range map[string]struct {
		entity func(n int) string
		limit  int
	}{
		"text": {plain, MaxText},
		"base64": {func(n int) string {
			return "Content-Transfer-Encoding: base64\r\n" + strings.Replace(plain(0), "\r\n\r\n", "\r\n\r\n"+base64.StdEncoding.EncodeToString(make([]byte, n)), 1)
		}, MaxText},
		"parts":  {many, MaxParts - 1}, // and the container
		"depth":  {deep, MaxDepth},
		"fields": {fields, MaxFields},
		"body":   {attached, MaxBody},
	} {
		for _, past := range []int{0, 1} {
			h, body := message(t, tc.entity(tc.limit+past))
			want := map[int]Refusal{0: "", 1: TooLarge}[past]
			if _, why := Insert(h, body, b); why != want {
				t.Errorf("%s, %d past the limit: %q, want %q", name, past, why, want)
			}
		}
	}
	value := func(n int) string {
		head := "Content-Type: text/plain; x="
		return head + strings.Repeat("y", n-len(head)+len("Content-Type: ")-len("; charset=UTF-8")) + "\r\n\r\nhello\r\n"
	}
	for past, want := range []Refusal{"", Malformed} {
		h, body := message(t, value(maxValue+past))
		if _, why := Insert(h, body, Compose("楽天", Japanese)); why != want {
			t.Errorf("value, %d past the limit: %q", past, why)
		}
	}
}

// FuzzInsert: whatever a message is, the parts outside of the texts stay, and the
// banner stands above what was there.
func FuzzInsert(f *testing.F) {
	for _, c := range charsets[:9] {
		for _, cte := range []string{"8bit", "quoted-printable", "base64"} {
			page := part(f, "html", c.label, c.enc, cte, strings.Replace(document, "TEXT", c.text, 1))
			f.Add([]byte(multipart("mixed", multipart("alternative", part(f, "plain", c.label, c.enc, cte, c.text), page), "Content-Type: image/png\r\n\r\nx\r\n")), c.label == "")
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, english bool) {
		check(t, file, english)
	})
}

// TestMutated damages messages here and there.
func TestMutated(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 1
	}
	random := rand.New(rand.NewPCG(1, 2))
	const marks = "\r\n-=:;\"<>( \x1b$B"
	taken := 0
	for _, s := range samples(t) {
		for range rounds {
			file := raw(s.header, s.body)
			for range 1 + random.IntN(3) {
				at := random.IntN(len(file))
				switch random.IntN(4) {
				case 0:
					file[at] = marks[random.IntN(len(marks))]
				case 1:
					file = slices.Delete(file, at, min(at+1+random.IntN(8), len(file)))
				case 2:
					file = slices.Insert(file, at, marks[random.IntN(len(marks))])
				case 3: // a line once more
					end := at + max(bytes.IndexByte(file[at:], '\n'), 0)
					file = slices.Insert(file, at, bytes.Clone(file[at:end])...)
				}
			}
			if check(t, file, random.IntN(2) == 0) {
				taken++
			}
		}
	}
	if taken < 1000*rounds/12 {
		t.Errorf("only %d got a banner", taken)
	}
	t.Logf("%d got a banner", taken)
}

// check inserts a banner into a file and reports whether it got one.
func check(t *testing.T, file []byte, english bool) bool {
	t.Helper()
	h, body, err := mail.ReadFile(bytes.NewReader(file))
	if err != nil {
		return false
	}
	b := Compose("楽天", Japanese)
	if english {
		b = Compose("Rakuten", English)
	}
	before := bytes.Clone(body)
	c, why := Insert(h, body, b)
	if !bytes.Equal(before, body) {
		t.Fatal("the original was written to")
	}
	if why != "" {
		if c.Body != nil || !slices.Contains(Refusals(), why) {
			t.Fatalf("refused as %q with a body of %d bytes", why, len(c.Body))
		}
		return false
	}
	old, now := mail.Parse(h, body), mail.Parse(changed(h, c.Edits), c.Body)
	if len(old.Parts) != len(now.Parts) {
		t.Fatalf("%d parts became %d", len(old.Parts), len(now.Parts))
	}
	different := 0
	for i, p := range old.Parts {
		n := now.Parts[i]
		if p.MediaType != n.MediaType || p.Embedded != n.Embedded || p.Disposition != n.Disposition {
			t.Errorf("part %+v became %+v", p, n)
		}
		if bytes.Equal(p.Data, n.Data) {
			continue
		}
		different++
		if p.Embedded || p.Disposition == "attachment" || p.MediaType != "text/plain" && p.MediaType != "text/html" {
			t.Errorf("part %s, %s %s was changed", p.Path, p.Disposition, p.MediaType)
		}
		if p.MediaType == "text/html" && !bytes.Contains(n.Data, []byte(b.html())) {
			t.Errorf("no banner in %q", n.Data)
		}
	}
	if different == 0 || different > 2 {
		t.Errorf("%d parts are different", different)
	}
	return true
}
