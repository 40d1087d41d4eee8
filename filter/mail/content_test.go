package mail_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"sekisho/filter/mail"
	"sekisho/filter/mail/calendar"
	"sekisho/filter/mail/htmltext"
	"sekisho/filter/mail/pdflink"
	"sekisho/filter/mail/qr"
)

// links writes links other than images as "part kind url [host] text" lines.
func links(m *mail.Message) []string {
	var out []string
	for _, l := range m.Links {
		if l.Kind != mail.LinkImage {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s [%s] %s", m.Parts[l.Part].Path, l.Kind, l.URL, l.Host, l.Text)))
		}
	}
	return out
}

func TestFlowed(t *testing.T) {
	const head = "Content-Type: text/plain; format=flowed\n\n"
	tests := []struct {
		name, file string
		want       []string
	}{
		{"joined", head + "Your Pay \nPal account \nis locked\nend\n", []string{"Your Pay Pal account is locked", "end"}},
		{"delsp", "Content-Type: text/plain; format=Flowed; delsp=yes\n\nYour Pay \nPal  \nis\n", []string{"Your PayPal is"}},
		{"quotes", head + ">one \n> two\n>> three \n> four\n", []string{">one two", ">>three", ">four"}},
		{"stuffed", head + " From x \n >a\n", []string{"From x >a"}},
		{"signature", head + "text \n-- \nname\n", []string{"text", "--", "name"}},
		{"not flowed", "Content-Type: text/plain\n\na \nb\n", []string{"a", "b"}},
		{"url over lines", "Content-Type: text/plain; format=flowed; delsp=yes\n\nhttps://a.exam \nple/x \n\n", []string{"https://a.example/x"}},
	}
	for _, tt := range tests {
		var got []string
		m := parse(t, tt.file)
		for _, p := range m.Passages {
			got = append(got, p.Text)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if tt.name == "url over lines" && !slices.Equal(links(m), []string{"1 plain https://a.example/x [a.example] https://a.example/x"}) {
			t.Errorf("%s: %q", tt.name, links(m))
		}
	}
}

func TestCalendarPart(t *testing.T) {
	for _, head := range []string{"Content-Type: text/calendar; charset=utf-8", "Content-Type: application/ics", "Content-Type: application/octet-stream; name=invite.ICS"} {
		m := parse(t, head+"\n\nBEGIN:VEVENT\nSUMMARY:【楽\n 天】確認\nDESCRIPTION:a\\nhttps://a.example/x\nURL:https://b.example\n"+
			"X-ALT-DESC;FMTTYPE=text/html:<a href=\"https://c.example\">d</a>\nEND:VEVENT\n")
		want := []string{"1 heading: 【楽天】確認", "1 text: a", "1 text: https://a.example/x", "1 link: d"}
		if diff := cmp.Diff(want, passages(m)); diff != "" {
			t.Errorf("%s: %s", head, diff)
		}
		if diff := cmp.Diff([]string{"1 plain https://a.example/x [a.example] https://a.example/x", "1 a https://b.example [b.example]", "1 a https://c.example [c.example] d"}, links(m)); diff != "" {
			t.Errorf("%s: %s", head, diff)
		}
	}
}

func TestPDFPart(t *testing.T) {
	m := parse(t, "Content-Type: application/octet-stream\n\n%PDF-1.7\n<</S/URI/URI(https://a.example/x)>>\n<</URI(mailto:a@b.example)>>\n")
	if diff := cmp.Diff([]string{"1 pdf https://a.example/x [a.example]", "1 pdf mailto:a@b.example []"}, links(m)); diff != "" {
		t.Error(diff)
	}
	m = parse(t, "Content-Type: application/pdf\n\n%PDF-1.7\n<</URI(x)>> trailer <</Encrypt 1 0 R>>\n")
	if diff := cmp.Diff([]string{mail.DeviationPDFEncrypted + " 1"}, deviations(m)); diff != "" {
		t.Error(diff)
	}
}

func TestFormsAndScripts(t *testing.T) {
	m := parse(t, "Content-Type: text/html; name=x.html\nContent-Disposition: attachment\n\n"+
		`<script>location.href="https://b.example/";</script><form action=https://a.example><input type=password></form>`)
	if diff := cmp.Diff([]mail.Form{{URL: "https://a.example", Host: "a.example", Password: true, Fields: 1}}, m.Forms); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1 form https://a.example [a.example]", "1 script https://b.example/ [b.example]"}, links(m)); diff != "" {
		t.Error(diff)
	}
	m = parse(t, "Content-Type: text/html\n\n<script>location.href='https://b.example/';</script>")
	if links(m) != nil {
		t.Errorf("script in a message: %q", links(m))
	}
}

// code draws a QR code into a picture file.
func code(tb testing.TB, text string, gray bool) []byte {
	tb.Helper()
	m, err := qrcode.NewQRCodeWriter().EncodeWithoutHint(text, gozxing.BarcodeFormat_QR_CODE, 120, 120)
	if err != nil {
		tb.Fatal(err)
	}
	var img image.Image = m
	if !gray {
		rgb := image.NewRGBA(m.Bounds())
		for y := range 120 {
			for x := range 120 {
				rgb.Set(x, y, color.RGBAModel.Convert(m.At(x, y)))
			}
		}
		rgb.Set(0, 0, color.RGBA{200, 255, 255, 255})
		img = rgb
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// with makes a message of HTML and pictures.
func with(html string, files ...[]byte) string {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n")
	for _, file := range files {
		b.WriteString("--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(file) + "\n")
	}
	return b.String() + "--b--\n"
}

func TestPictures(t *testing.T) {
	photo := code(t, "https://a.example/x", false)
	busy := strings.Repeat(`<p>This is the newsletter of our club. <a href="https://club.example/">more</a></p>`, 20)
	inside := `<img src="data:image/PNG;base64,` + base64.StdEncoding.EncodeToString(photo) + `">`
	for name, tt := range map[string]struct {
		file string
		want string // the URL of the code
	}{
		"little text":           {with("<p>see below", photo), "https://a.example/x"},
		"no links":              {with("<p>"+strings.Repeat("long text ", 100), photo), "https://a.example/x"},
		"asked to scan":         {with(busy+"<p>ＱＲコードを読み取ってください", photo), "https://a.example/x"},
		"asked in the subject":  {"Subject: Scan me\n" + with(busy, photo), "https://a.example/x"},
		"a drawing":             {with(busy, code(t, "https://a.example/x", true)), "https://a.example/x"},
		"named so":              {strings.Replace(with(busy, photo), "image/png", "image/png; name=MyQR.png", 1), "https://a.example/x"},
		"in the HTML":           {with("<p>x"+inside, nil), "https://a.example/x"},
		"without a scheme":      {with("<p>x", code(t, "www.a.example/x", true)), "http://www.a.example/x"},
		"bookmark":              {with("<p>x", code(t, `MEBKM:TITLE:a;URL:https\://a.example/x;;`, true)), "https://a.example/x"},
		"upper case":            {with("<p>x", code(t, "HTTPS://A.EXAMPLE/X", true)), "https://A.EXAMPLE/X"},
		"nothing to go by":      {with(busy, photo), ""},
		"a network":             {with("<p>x", code(t, "WIFI:S:a;T:WPA;P:b;;", true)), ""},
		"a picture, not a code": {with("<p>x", noise(t)), ""},
	} {
		m := parse(t, tt.file)
		got := ""
		for _, l := range m.Links {
			if l.Kind == mail.LinkQR {
				got += l.URL
			}
		}
		if !strings.EqualFold(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func noise(tb testing.TB) []byte {
	tb.Helper()
	img := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestDrawnCodes(t *testing.T) {
	m, err := qrcode.NewQRCodeWriter().EncodeWithoutHint("https://a.example/x", gozxing.BarcodeFormat_QR_CODE, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	var text, cells strings.Builder
	for y := range m.GetHeight() {
		cells.WriteString("<tr>")
		for x := range m.GetWidth() {
			text.WriteString(map[bool]string{true: "██", false: "  "}[m.Get(x, y)])
			cells.WriteString(map[bool]string{true: "<td bgcolor=#000></td>", false: "<td></td>"}[m.Get(x, y)])
		}
		text.WriteString("\n")
		cells.WriteString("</tr>\n")
	}
	for _, file := range []string{
		"Content-Type: text/plain; charset=utf-8\n\nscan:\n" + text.String(),
		"Content-Type: text/html; charset=utf-8\n\n<table>" + cells.String() + "</table>",
	} {
		if got := links(parse(t, file)); !slices.Equal(got, []string{"1 qr https://a.example/x [a.example]"}) {
			t.Errorf("%.30q: %q", file, got)
		}
	}
}

// contentLimits gives, for each limit of content, a message at it and one past it.
func contentLimits(tb testing.TB) map[string][2]string {
	codes := func(n int) string { return with("<p>scan", slices.Repeat([][]byte{noise(tb)}, n)...) }
	forms := func(n int) string {
		part := "--b\nContent-Type: text/html\n\n" + strings.Repeat("<form>", n/2) + "\n"
		return "Content-Type: multipart/mixed; boundary=b\n\n" + part + part + "--b\nContent-Type: text/html\n\n" + strings.Repeat("<form>", n%2) + "\n--b--\n"
	}
	documents := func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: application/pdf\n\n%PDF-1.4\n", n) + "--b--\n"
	}
	html := "Content-Type: text/html\n\n"
	pdf := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "/URI (https://a%d.example)\n", i)
		}
		return "Content-Type: application/pdf\n\n%PDF-1.4\n" + b.String()
	}
	ics := "Content-Type: text/calendar\n\n"
	return map[string][2]string{
		mail.DeviationLimitPictures:  {codes(mail.MaxPictures), codes(mail.MaxPictures + 1)},
		mail.DeviationLimitForms:     {forms(mail.MaxForms), forms(mail.MaxForms + 1)},
		mail.DeviationLimitDocuments: {documents(mail.MaxDocuments), documents(mail.MaxDocuments + 1)},
		mail.DeviationLimitPDF:       {pdf(pdflink.MaxLinks), pdf(pdflink.MaxLinks + 1)},
		mail.DeviationLimitCalendar: {ics + strings.Repeat("SUMMARY:a\n", calendar.MaxProperties),
			ics + strings.Repeat("SUMMARY:a\n", calendar.MaxProperties+1)},
		mail.DeviationLimitHTMLForms: {html + strings.Repeat("<form>", htmltext.MaxForms), html + strings.Repeat("<form>", htmltext.MaxForms+1)},
		mail.DeviationLimitPixels:    {with("<p>scan", blank(tb, qr.MaxPixels/2048)), with("<p>scan", blank(tb, qr.MaxPixels/2048+1))},
	}
}

// blank is a white picture 2048 pixels wide.
func blank(tb testing.TB, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	img := image.NewPaletted(image.Rect(0, 0, 2048, height), color.Palette{color.White, color.Black})
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestContentLimits(t *testing.T) {
	for name, files := range contentLimits(t) {
		for past, file := range files {
			hit := false
			for _, d := range parse(t, file).Deviations {
				hit = hit || d.Name == name
			}
			if hit != (past == 1) {
				t.Errorf("%s: %d past the limit: hit %v", name, past, hit)
			}
		}
	}
}

// TestPictureBombs holds the time that pictures may take.
func TestPictureBombs(t *testing.T) {
	rgb := image.NewNRGBA64(image.Rect(0, 0, 400, 2000))
	for i := range rgb.Pix {
		rgb.Pix[i] = uint8(i * i >> 3)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, rgb); err != nil {
		t.Fatal(err)
	}
	file := with("<p>scan", b.Bytes()[:min(b.Len(), mail.MaxPicture)], blank(t, 2048), blank(t, 2048), blank(t, 2048))
	start := time.Now()
	parse(t, file)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func BenchmarkPictures(b *testing.B) {
	busy := strings.Repeat(`<p>This is the newsletter of our club. <a href="https://club.example/">more</a></p>`, 20)
	for name, file := range map[string]string{
		"searched":     with("<p>scan", code(b, "https://a.example/x", false)),
		"not searched": with(busy, code(b, "https://a.example/x", false)),
	} {
		h, body, err := mail.ReadFile(strings.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				mail.Parse(h, body)
			}
		})
	}
}
