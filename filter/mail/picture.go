package mail

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail/qr"
	"sekisho/filter/mail/transfer"
	"sekisho/filter/mail/weburl"
)

// picture is an attached or embedded picture that may hold a QR code.
type picture struct {
	part  int
	shape qr.Shape
	enc   transfer.Encoding
	body  []byte
}

// notePicture keeps a part for readPictures, when its first bytes are those of a
// picture: clients go by them and not by its type.
func (w *walker) notePicture(n int, enc transfer.Encoding, body []byte) {
	p := &w.m.Parts[n]
	if qr.Sniff(p.Data) == "" || p.Size > MaxPicture {
		return
	}
	if shape, ok := qr.Look(p.Data); ok && shape.Fits() {
		w.pictures = append(w.pictures, picture{n, shape, enc, body})
	}
}

// noteInline keeps a picture that stands in part n in base64.
func (w *walker) noteInline(n int, body []byte) {
	head, size, _ := transfer.Decode(transfer.Base64, body, MaxBinary)
	if size > MaxPicture || len(w.pictures) >= MaxParts {
		return
	}
	if shape, ok := qr.Look(head); ok && shape.Fits() {
		w.pictures = append(w.pictures, picture{n, shape, transfer.Base64, body})
	}
}

// readPictures looks for QR codes in pictures. That takes milliseconds each, so it is
// done where a code is likely: the message speaks of one, or it says little and leads
// nowhere else, or the picture looks like one by its shape or its name.
func (w *walker) readPictures() {
	if len(w.pictures) == 0 {
		return
	}
	all := w.m.asksToScan() || w.m.saysLittle()
	ctx, cancel := context.WithTimeout(context.Background(), qr.TimeLimit)
	defer cancel()
	looked := 0
	for _, p := range w.pictures {
		part := &w.m.Parts[p.part]
		if !all && !(p.shape.Drawn && p.shape.Square()) && !containsFold(part.Filename, "qr") {
			continue
		}
		if w.leave(CheckPictures) {
			return
		}
		if looked == MaxPictures {
			w.m.deviate(DeviationLimitPictures, "body")
			return
		}
		looked++
		file, _, _ := transfer.Decode(p.enc, p.body, MaxPicture)
		text, err := qr.Read(ctx, file)
		switch {
		case errors.Is(err, qr.ErrTooLarge):
			w.m.deviate(DeviationLimitPixels, part.Path)
		case errors.Is(err, qr.ErrTime):
			w.m.deviate(DeviationLimitPictureTime, part.Path)
		}
		w.m.addCode(p.part, text)
	}
}

// The most visible text and links of a message that says little.
const (
	littleText  = 600 // bytes
	littleLinks = 0
)

// saysLittle reports whether a message has next to no text, or leads nowhere.
func (m *Message) saysLittle() bool {
	links, text := 0, 0
	for i := range m.Links {
		if l := &m.Links[i]; l.Kind != LinkImage && l.Host != "" {
			links++
		}
	}
	for i := range m.Passages {
		if p := &m.Passages[i]; p.Kind != PassageHidden {
			text += len(p.Text)
		}
	}
	return links <= littleLinks || text <= littleText
}

// asksToScan reports whether a message speaks of scanning a code.
func (m *Message) asksToScan() bool {
	words := [...]string{"qr", "ＱＲ", "二次元コード", "バーコード", "スキャン", "ｽｷｬﾝ", "二维码", "二維碼", "扫码", "掃描", "掃瞄", "scan", "escane", "큐알"}
	has := func(text string) bool {
		for _, word := range words {
			if containsFold(text, word) {
				return true
			}
		}
		return false
	}
	if has(m.Subject.Shown) {
		return true
	}
	left := maxScanText
	for i := range m.Passages {
		p := &m.Passages[i]
		if left -= len(p.Text); left < 0 {
			return false
		}
		if p.Kind != PassageHidden && has(p.Text) {
			return true
		}
	}
	return false
}

// containsFold reports whether text contains word, which is in lower case, in any case
// of ASCII letters.
func containsFold(text, word string) bool {
	first := word[0]
	for i := 0; i+len(word) <= len(text); i++ {
		if c := text[i]; c != first && c|0x20 != first {
			continue
		}
		if strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// addCode keeps where a QR code leads. Codes of other things are no links: networks,
// visiting cards, payments.
func (m *Message) addCode(part int, text string) {
	if text == "" || !utf8.ValidString(text) {
		return
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), `\:`, ":") // as in MEBKM:TITLE:x;URL:http\://...
	u := weburl.Resolve("", text)
	host := weburl.Host(u)
	if host == "" {
		spans := weburl.Find(nil, text, 1)
		if len(spans) == 0 {
			return
		}
		u = weburl.Resolve("", text[spans[0].Start:spans[0].End])
		host = weburl.Host(u)
	}
	m.addLink(Link{Kind: LinkQR, Part: part, URL: u, Host: host})
}
