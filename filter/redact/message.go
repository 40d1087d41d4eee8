package redact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// Redacted is a message without the addresses.
type Redacted struct {
	Bytes []byte // with CRLF line ends, 7-bit
	Whole bool   // header and body; else the header alone
	Left  int    // fields and parts that were left out or cut
}

// Message is a message without the addresses, of at most limit bytes: where it would
// be longer, and where an address is left in it after all, its header alone. The same
// input makes the same output.
func (r *Redactor) Message(h mail.Header, body []byte, limit int) Redacted {
	w := &writer{r: r, limit: limit}
	w.entity(fieldsOf(h), body, 0, true)
	// Each field and each text was looked at when it was written. Base64 is not looked
	// into again: a line may begin in the middle of what stands for an address.
	if out := w.out.String(); !w.over && len(out) <= limit && r.plain(out) == out {
		return Redacted{Bytes: w.out.Bytes(), Whole: true, Left: w.left}
	}
	return r.Header(h, limit)
}

// Header is the header of a message without the addresses. Where it would be longer
// than limit, only what tells of the sender is left, or nothing.
func (r *Redactor) Header(h mail.Header, limit int) Redacted {
	var left int
	for _, wanted := range []func(string) bool{everything, ofSender} {
		w := &writer{r: r, limit: limit}
		w.fields(fieldsOf(h), wanted)
		if out := w.out.String(); len(out) <= limit && r.plain(out) == out {
			return Redacted{Bytes: w.out.Bytes(), Left: w.left}
		}
		left = w.left
	}
	return Redacted{Left: left}
}

func everything(string) bool { return true }

func ofSender(name string) bool { return name == "from" || name == "date" || name == "received" }

func fieldsOf(h mail.Header) []entity.Field {
	fields := make([]entity.Field, len(h))
	for i, f := range h {
		fields[i] = entity.Field{Name: []byte(f.Name), Raw: f.Raw}
	}
	return fields
}

// writer writes a message anew.
type writer struct {
	r     *Redactor
	out   bytes.Buffer
	limit int
	over  bool // longer than the limit: what follows is not written
	parts int
	texts int // bytes of text parts that were read
	left  int
	bound int
}

// structural fields are written by whoever writes the body.
func structural(name string) bool {
	switch name {
	case "content-type", "content-transfer-encoding", "content-disposition", "content-md5", "content-length":
		return true
	}
	return false
}

// fields writes those whose names, in lower case, are wanted.
func (w *writer) fields(fields []entity.Field, wanted func(name string) bool) {
	total := 0
	for i, f := range fields {
		name := lower(string(f.Name))
		if structural(name) || !wanted(name) {
			continue
		}
		if i >= maxFields || total > maxHeaderBytes {
			w.left++
			continue
		}
		line := w.r.field(string(f.Name), f.Raw)
		if total += len(line); line == nil || total > maxHeaderBytes {
			w.left++
			continue
		}
		w.out.Write(line)
	}
}

func first(fields []entity.Field, name string) []byte {
	for _, f := range fields {
		if strings.EqualFold(string(f.Name), name) {
			return entity.Value(f.Raw)
		}
	}
	return nil
}

// entity writes header and body of a message or a part. What the body of a message is
// now has to be read as MIME, whether it said so before or not (RFC 2045, section 4).
func (w *writer) entity(fields []entity.Field, body []byte, depth int, message bool) {
	if w.over = w.over || w.out.Len() > w.limit; w.over {
		return
	}
	w.fields(fields, everything)
	if message && first(fields, "MIME-Version") == nil {
		w.out.WriteString("MIME-Version: 1.0\r\n")
	}
	media := entity.ParseMedia(first(fields, "Content-Type"))
	enc, _ := entity.ParseEncoding(first(fields, "Content-Transfer-Encoding"))
	w.parts++
	kind := media.Type
	if !strings.Contains(kind, "/") {
		kind = "text/plain" // RFC 2045, section 5.2
	}
	switch {
	case w.parts > maxParts || depth > maxDepth:
		w.leave(fields, kind, "", enc, body)
	case strings.HasPrefix(kind, "multipart/"):
		if !w.multipart(media, body, depth) {
			w.text(fields, "text/plain", media, enc, body)
		}
	case kind == "message/rfc822" || kind == "message/global":
		inner, size, _ := transfer.Decode(enc, body, 4*maxText)
		sub, rest, _, cut := entity.Fields(inner, maxFields)
		if cut || len(inner) < size {
			w.left++
		}
		w.out.WriteString("Content-Type: message/rfc822\r\n\r\n")
		w.entity(sub, rest, depth+1, true)
	case strings.HasPrefix(kind, "text/") || kind == "message/delivery-status" || kind == "message/feedback-report":
		w.text(fields, kind, media, enc, body)
	default:
		w.leave(fields, kind, media.Param("name"), enc, body)
	}
}

// multipart writes parts between boundaries of our own; false where there are none.
func (w *writer) multipart(media entity.Media, body []byte, depth int) bool {
	boundary := media.Param("boundary")
	if boundary == "" || len(boundary) > entity.MaxBoundary {
		return false
	}
	parts, _, cut := entity.Split(body, boundary, maxParts)
	if len(parts) == 0 {
		return false
	}
	if cut {
		w.left++
	}
	w.bound++
	mac := hmac.New(sha256.New, w.r.key)
	fmt.Fprintf(mac, "boundary %d %s", w.bound, body[:min(len(body), 1<<10)])
	own := "=_redacted_" + hex.EncodeToString(mac.Sum(nil)[:12])
	sub := strings.TrimPrefix(media.Type, "multipart/")
	if !token(sub) || w.r.Has(sub) {
		sub = "mixed"
	}
	fmt.Fprintf(&w.out, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", sub, own)
	for _, part := range parts {
		if w.parts >= maxParts {
			w.left++
			break
		}
		fields, rest, _, cut := entity.Fields(part, maxFields)
		if cut {
			w.left++
		}
		w.out.WriteString("--" + own + "\r\n")
		w.entity(fields, rest, depth+1, false)
		w.out.WriteString("\r\n")
	}
	w.out.WriteString("--" + own + "--\r\n")
	return true
}
