package qr_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"sekisho/filter/mail/qr"
)

const url = "https://rakuten-card.example/login?id=1"

// modules encodes text as a matrix of bits.
func modules(tb testing.TB, text string) [][]bool {
	tb.Helper()
	code, err := encoder.Encoder_encodeWithoutHint(text, decoder.ErrorCorrectionLevel_M)
	if err != nil {
		tb.Fatal(err)
	}
	m := code.GetMatrix()
	rows := make([][]bool, m.GetHeight())
	for y := range rows {
		for x := range m.GetWidth() {
			rows[y] = append(rows[y], m.Get(x, y) == 1)
		}
	}
	return rows
}

// picture draws a matrix into the middle of a picture.
func picture(m [][]bool, width, height, scale int, dark, light color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	left, top := (width-len(m)*scale)/2, (height-len(m)*scale)/2
	for y := range height {
		for x := range width {
			c := light
			if mx, my := (x-left)/scale, (y-top)/scale; x >= left && y >= top && mx < len(m) && my < len(m) && m[my][mx] {
				c = dark
			}
			img.Set(x, y, c)
		}
	}
	return img
}

func pngFile(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// read gives a busy machine a few tries.
func read(tb testing.TB, file []byte) (text string, err error) {
	tb.Helper()
	for range 5 {
		if text, err = qr.Read(tb.Context(), file); !errors.Is(err, qr.ErrTime) {
			break
		}
	}
	return text, err
}

func TestRead(t *testing.T) {
	m := modules(t, url)
	plain := picture(m, 300, 300, 6, color.Black, color.White)
	var jpegFile, gifFile bytes.Buffer
	if err := errors.Join(jpeg.Encode(&jpegFile, plain, &jpeg.Options{Quality: 60}), gif.Encode(&gifFile, plain, nil)); err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(plain.Bounds())
	deep := image.NewNRGBA64(plain.Bounds())
	clear := image.NewNRGBA(plain.Bounds())
	for y := range 300 {
		for x := range 300 {
			gray.Set(x, y, plain.At(x, y))
			deep.Set(x, y, plain.At(x, y))
			if r, _, _, _ := plain.At(x, y).RGBA(); r == 0 {
				clear.Set(x, y, color.Black)
			}
		}
	}
	files := map[string][]byte{
		"png":                   pngFile(t, plain),
		"jpeg":                  jpegFile.Bytes(),
		"gif":                   gifFile.Bytes(),
		"grey png":              pngFile(t, gray),
		"png of 16 bits":        pngFile(t, deep),
		"transparent ground":    pngFile(t, clear),
		"inverted":              pngFile(t, picture(m, 300, 300, 6, color.White, color.Black)),
		"colours":               pngFile(t, picture(m, 300, 300, 6, color.RGBA{120, 0, 0, 255}, color.RGBA{250, 240, 200, 255})),
		"small, without a zone": pngFile(t, picture(m, len(m)*3+6, len(m)*3+6, 3, color.Black, color.White)),
		"in a large picture":    pngFile(t, picture(m, 1600, 1200, 8, color.Black, color.White)),
	}
	for name, file := range files {
		if got, err := read(t, file); got != url || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	none := map[string][]byte{
		"white":    pngFile(t, picture(nil, 300, 300, 1, color.Black, color.White)),
		"tiny":     pngFile(t, picture(nil, 1, 1, 1, color.Black, color.White)),
		"one line": pngFile(t, picture(nil, 2000, 2, 1, color.Black, color.White)),
	}
	for name, file := range none {
		if got, err := read(t, file); got != "" || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, file := range [][]byte{nil, []byte("GIF89a"), files["png"][:60], []byte("RIFF1234WEBPVP8 ")} {
		if _, err := qr.Read(t.Context(), file); !errors.Is(err, qr.ErrFormat) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// bomb is a PNG that says it has that many pixels, without any.
func bomb(w, h int) []byte {
	head := make([]byte, 0, 64)
	head = append(head, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"...)
	head = binary.BigEndian.AppendUint32(head, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, 8, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head[12:]))
}

func TestPictureLimits(t *testing.T) {
	if _, err := qr.Read(t.Context(), bomb(2048, qr.MaxPixels/2048)); !errors.Is(err, qr.ErrFormat) {
		t.Errorf("at the pixel limit: %v", err)
	}
	if _, err := qr.Read(t.Context(), bomb(2048, qr.MaxPixels/2048+1)); !errors.Is(err, qr.ErrTooLarge) {
		t.Errorf("past the pixel limit: %v", err)
	}
	if _, err := qr.Read(t.Context(), bomb(1<<31-1, 1<<31-1)); !errors.Is(err, qr.ErrTooLarge) && !errors.Is(err, qr.ErrFormat) {
		t.Errorf("far past the pixel limit: %v", err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(modules(t, url), 300, 300, 6, color.Black, color.White), nil); err != nil {
		t.Fatal(err)
	}
	scans := func(n int) []byte { return append(bytes.Clone(b.Bytes()), bytes.Repeat([]byte{0xff, 0xda}, n)...) }
	have := bytes.Count(b.Bytes(), []byte{0xff, 0xda})
	if got, err := qr.Read(t.Context(), scans(qr.MaxScans-have)); got != url {
		t.Errorf("at the scan limit: %q, %v", got, err)
	}
	if _, err := qr.Read(t.Context(), scans(qr.MaxScans-have+1)); !errors.Is(err, qr.ErrTooLarge) {
		t.Errorf("past the scan limit: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := pngFile(t, picture(nil, 1600, 1200, 1, color.Black, color.White))
	start := time.Now()
	if _, err := qr.Read(ctx, file); err != nil && !errors.Is(err, qr.ErrTime) {
		t.Errorf("without time: %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("without time: took %v", took)
	}
}

func TestLook(t *testing.T) {
	s, ok := qr.Look(pngFile(t, image.NewPaletted(image.Rect(0, 0, 100, 120), color.Palette{color.Black, color.White})))
	if !ok || s != (qr.Shape{Width: 100, Height: 120, Drawn: true}) || !s.Square() {
		t.Errorf("%+v, %v", s, ok)
	}
	s, ok = qr.Look(pngFile(t, image.NewRGBA(image.Rect(0, 0, 100, 126))))
	if !ok || s.Drawn || s.Square() {
		t.Errorf("%+v, %v", s, ok)
	}
	if _, ok := qr.Look([]byte("text")); ok {
		t.Error("text is a picture")
	}
}

// drawers write a matrix in the ways that are seen in mail.
func drawers() map[string]func(m [][]bool) string {
	at := func(m [][]bool, x, y int) bool { return x >= 0 && y >= 0 && y < len(m) && x < len(m) && m[y][x] }
	half := func(m [][]bool, border int, glyphs [4]string) string {
		var b strings.Builder
		for y := -border; y < len(m)+border; y += 2 {
			for x := -border; x < len(m)+border; x++ {
				i := 0
				if at(m, x, y) {
					i |= 1
				}
				if at(m, x, y+1) {
					i |= 2
				}
				b.WriteString(glyphs[i])
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	full := func(m [][]bool, border int, dark, light string) string {
		var b strings.Builder
		for y := -border; y < len(m)+border; y++ {
			for x := -border; x < len(m)+border; x++ {
				if at(m, x, y) {
					b.WriteString(dark)
				} else {
					b.WriteString(light)
				}
			}
			b.WriteString("\r\n")
		}
		return b.String()
	}
	return map[string]func([][]bool) string{
		"half blocks":           func(m [][]bool) string { return half(m, 0, [4]string{" ", "▀", "▄", "█"}) },
		"half blocks, inverted": func(m [][]bool) string { return half(m, 4, [4]string{"█", "▄", "▀", " "}) },
		"with no-break spaces":  func(m [][]bool) string { return half(m, 2, [4]string{"\u00a0", "▀", "▄", "█"}) },
		"full blocks":           func(m [][]bool) string { return full(m, 0, "██", "  ") },
		"full blocks, shaded":   func(m [][]bool) string { return full(m, 1, "██", "░░") },
		"full blocks, inverted": func(m [][]bool) string { return full(m, 2, "  ", "██") },
		"one to a module":       func(m [][]bool) string { return full(m, 0, "█", "░") },
		"wide blanks":           func(m [][]bool) string { return full(m, 0, "██", "\u3000") },
		"indented": func(m [][]bool) string {
			return "    " + strings.ReplaceAll(strings.TrimSuffix(full(m, 0, "██", "  "), "\r\n"), "\n", "\n    ")
		},
	}
}

func TestDrawn(t *testing.T) {
	for _, text := range []string{"http://a.example", url, strings.Repeat("https://a.example/", 20)} {
		m := modules(t, text)
		for name, draw := range drawers() {
			got := qr.Drawn("スキャンしてください\n" + draw(m) + "\nend")
			if !slices.Equal(got, []string{text}) {
				t.Errorf("%s of %d modules: %q", name, len(m), got)
			}
		}
	}
	many := strings.Repeat(drawers()["full blocks"](modules(t, url))+"\nx\n", qr.MaxDrawings+1)
	if got := qr.Drawn(many); len(got) != qr.MaxDrawings {
		t.Errorf("%d drawings", len(got))
	}
	for _, text := range []string{"", "█", strings.Repeat("█", 1000), strings.Repeat("████████████\n", 100), strings.Repeat("▀ ▄ █ ▀ ▄ █ ▀ ▄ █\n", 30)} {
		if got := qr.Drawn(text); got != nil {
			t.Errorf("%.20q: %q", text, got)
		}
	}
}

// scaled makes a drawing in which a module has that many dots.
func scaled(m [][]bool, wide, high int) *qr.Drawing {
	var d qr.Drawing
	for _, row := range m {
		for range high {
			d.Row()
			for _, ink := range row {
				d.Add(ink, wide)
			}
		}
	}
	return &d
}

func TestDrawing(t *testing.T) {
	m := modules(t, url)
	wide, high := qr.MaxColumns/len(m), qr.MaxRows/len(m)
	if got := scaled(m, wide, high).Read(); got != url {
		t.Errorf("at the limits: %q", got)
	}
	if got := scaled(m, wide+1, 1).Read(); got != "" {
		t.Errorf("too wide: %q", got)
	}
	if got := scaled(m, 1, high+1).Read(); got != "" {
		t.Errorf("too high: %q", got)
	}
	m[0][0] = !m[0][0]
	m[3][3] = !m[3][3]
	if got := scaled(m, 1, 1).Read(); got != "" {
		t.Errorf("damaged finder: %q", got)
	}
}

func FuzzDrawn(f *testing.F) {
	for _, draw := range drawers() {
		f.Add(draw(modules(f, url)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range qr.Drawn(text) {
			if s == "" {
				t.Error("empty code")
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(pngFile(f, picture(modules(f, url), 100, 100, 3, color.Black, color.White)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if s, ok := qr.Look(file); ok && (s.Width < 0 || s.Height < 0) {
			t.Errorf("%+v", s)
		}
		_, _ = qr.Read(t.Context(), file)
	})
}

func BenchmarkRead(b *testing.B) {
	m := modules(b, url)
	noise := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rnd.Uint32())
	}
	files := map[string][]byte{
		"code of 300 pixels":        pngFile(b, picture(m, 300, 300, 6, color.Black, color.White)),
		"inverted":                  pngFile(b, picture(m, 300, 300, 6, color.White, color.Black)),
		"in 1600x1200":              pngFile(b, picture(m, 1600, 1200, 8, color.Black, color.White)),
		"noise of 1600x1200":        pngFile(b, noise),
		"noise of 400x400":          pngFile(b, noise.SubImage(image.Rect(0, 0, 400, 400))),
		"nothing on white, 600x600": pngFile(b, picture(nil, 600, 600, 1, color.Black, color.White)),
	}
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = qr.Read(b.Context(), file)
			}
		})
	}
	text := drawers()["half blocks"](m)
	b.Run("half blocks", func(b *testing.B) {
		for b.Loop() {
			_ = qr.Drawn(text)
		}
	})
	prose := strings.Repeat("お客様のアカウントは停止されています。 please confirm\n", 1000)
	b.Run(fmt.Sprintf("%d KB of prose", len(prose)>>10), func(b *testing.B) {
		for b.Loop() {
			_ = qr.Drawn(prose)
		}
	})
}
