package qr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/webp"
)

// Errors of pictures that were not searched.
var (
	ErrFormat   = errors.New("qr: no picture that can be read")
	ErrTooLarge = errors.New("qr: picture over the pixel or scan limit")
	ErrTime     = errors.New("qr: no code found within the time limit")
)

// Format is the kind of a picture file.
type Format string

// The formats that can be read.
const (
	PNG  Format = "png"
	JPEG Format = "jpeg"
	GIF  Format = "gif"
	WebP Format = "webp"
)

// Sniff tells a picture by its first bytes, as clients do; "" is none.
func Sniff(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(b, []byte("GIF8")):
		return GIF
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return WebP
	}
	return ""
}

// Shape is what the first bytes of a picture file say of it.
type Shape struct {
	Width, Height int
	Drawn         bool // grey or with a palette: a drawing rather than a photograph
}

// Fits reports whether a picture has room for a code that a phone can read, and is no
// banner or line.
func (s Shape) Fits() bool {
	return min(s.Width, s.Height) >= 2*minModules && s.Width <= 4*s.Height && s.Height <= 8*s.Width
}

// Square reports whether a picture may be a code and nothing else.
func (s Shape) Square() bool {
	return s.Width >= 2*minSide && s.Height >= 2*minSide && 4*s.Width <= 5*s.Height && 4*s.Height <= 5*s.Width
}

// Look reads a picture's header, for which the first 16 KB of the file nearly always
// suffice. ok is false for what is no picture.
func Look(b []byte) (s Shape, ok bool) {
	c, err := config(b)
	if err != nil {
		return Shape{}, false
	}
	_, palette := c.ColorModel.(color.Palette)
	return Shape{c.Width, c.Height, palette || c.ColorModel == color.GrayModel}, true
}

func config(b []byte) (image.Config, error) {
	r := bytes.NewReader(b)
	switch Sniff(b) {
	case PNG:
		return png.DecodeConfig(r)
	case JPEG:
		return jpeg.DecodeConfig(r)
	case GIF:
		return gif.DecodeConfig(r)
	case WebP:
		return webp.DecodeConfig(r)
	}
	return image.Config{}, ErrFormat
}

func decode(b []byte) (image.Image, error) {
	r := bytes.NewReader(b)
	switch Sniff(b) {
	case PNG:
		return png.Decode(r)
	case JPEG:
		return jpeg.Decode(r)
	case GIF:
		return gif.Decode(r)
	case WebP:
		return webp.Decode(r)
	}
	return nil, ErrFormat
}

// Read returns what the QR code in a picture file says, "" when there is none to be
// found. ctx may shorten TimeLimit.
func Read(ctx context.Context, file []byte) (string, error) {
	c, err := config(file)
	switch {
	case err != nil:
		return "", ErrFormat
	case c.Width < minSide || c.Height < minSide:
		return "", nil
	case c.Width > MaxPixels/c.Height || Sniff(file) == JPEG && bytes.Count(file, []byte{0xff, 0xda}) > MaxScans:
		return "", ErrTooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, TimeLimit)
	defer cancel()
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o = outcome{err: fmt.Errorf("%w: %v", ErrFormat, p)}
			}
			done <- o
		}()
		o.text, o.err = search(ctx, file)
	}()
	select {
	case o := <-done:
		return o.text, o.err
	case <-ctx.Done():
		return "", ErrTime
	}
}

// search decodes a picture and looks for a code. It asks ctx between its steps,
// which is as often as gozxing lets it.
func search(ctx context.Context, file []byte) (string, error) {
	img, err := decode(file)
	if err != nil {
		return "", ErrFormat
	}
	gray := grey(img)
	if ctx.Err() != nil {
		return "", ErrTime
	}
	if gray = shrink(gray); flat(gray) {
		return "", nil
	}
	for range 2 {
		if text := find(gray); text != "" {
			return text, nil
		}
		if ctx.Err() != nil {
			return "", ErrTime
		}
		for i, v := range gray.Pix {
			gray.Pix[i] = 255 - v
		}
	}
	return "", nil
}

// find looks for a dark code on light ground.
func find(gray *image.Gray) string {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	// Grey bytes are the first plane of a YUV picture: that spares a copy by the pixel.
	source, err := gozxing.NewPlanarYUVLuminanceSource(gray.Pix, w, h, 0, 0, w, h, false)
	if err != nil {
		return ""
	}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
	if err != nil {
		return ""
	}
	result, err := qrcode.NewQRCodeReader().DecodeWithoutHints(bitmap)
	if err != nil {
		return ""
	}
	return result.GetText()
}

// grey draws a picture on white, where clients show what is transparent.
func grey(img image.Image) *image.Gray {
	b := img.Bounds()
	gray := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	switch src := img.(type) {
	case *image.Gray:
		for y := range b.Dy() {
			copy(gray.Pix[y*gray.Stride:(y+1)*gray.Stride], src.Pix[y*src.Stride:])
		}
		return gray
	case *image.YCbCr:
		for y := range b.Dy() {
			copy(gray.Pix[y*gray.Stride:(y+1)*gray.Stride], src.Y[y*src.YStride:])
		}
		return gray
	case *image.Paletted:
		greyPalette(gray, src)
		return gray
	case *image.NRGBA:
		greyPixels(gray, src.Pix, src.Stride, false)
		return gray
	case *image.RGBA:
		greyPixels(gray, src.Pix, src.Stride, true)
		return gray
	}
	draw.Draw(gray, gray.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(gray, gray.Bounds(), img, b.Min, draw.Over)
	return gray
}

// greyPixels reads four bytes a pixel: red, green, blue and alpha, by which the
// others are multiplied already or not. It is what draw.Draw does, at a tenth of the
// cost.
func greyPixels(gray *image.Gray, pix []uint8, stride int, multiplied bool) {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	for y := range h {
		row := pix[y*stride:][:4*w]
		out := gray.Pix[y*gray.Stride:][:w]
		for x := range out {
			p := row[4*x:][:4]
			lum := (19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2])) >> 16
			alpha := uint32(p[3])
			if !multiplied {
				lum = lum * alpha / 255
			}
			out[x] = uint8(lum + 255 - alpha)
		}
	}
}

func greyPalette(gray *image.Gray, src *image.Paletted) {
	var table [256]uint8
	for i := range table {
		table[i] = 255
		if i < len(src.Palette) {
			r, g, b, a := src.Palette[i].RGBA()
			lum := (19595*r + 38470*g + 7471*b) >> 16
			table[i] = uint8((lum + 0xffff - a) >> 8)
		}
	}
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	for y := range h {
		row := src.Pix[y*src.Stride : y*src.Stride+w]
		for x, v := range row {
			gray.Pix[y*gray.Stride+x] = table[v]
		}
	}
}

// shrink brings the longer side to MaxSide, by the mean of whole squares of pixels.
func shrink(gray *image.Gray) *image.Gray {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	k := (max(w, h) + MaxSide - 1) / MaxSide
	if k <= 1 {
		return gray
	}
	small := image.NewGray(image.Rect(0, 0, max(w/k, 1), max(h/k, 1)))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			sum := 0
			for dy := range min(k, h-y*k) {
				for _, v := range gray.Pix[(y*k+dy)*gray.Stride+x*k:][:min(k, w-x*k)] {
					sum += int(v)
				}
			}
			small.Pix[y*small.Stride+x] = uint8(sum / (min(k, h-y*k) * min(k, w-x*k)))
		}
	}
	return small
}

// flat reports whether a picture has too little contrast for a code.
func flat(gray *image.Gray) bool {
	low, high := uint8(255), uint8(0)
	for _, v := range gray.Pix {
		low, high = min(low, v), max(high, v)
	}
	return high-low < 40
}
