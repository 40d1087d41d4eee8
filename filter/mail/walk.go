package mail

import (
	"bytes"
	"strconv"
	"strings"

	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// walker goes through the MIME tree in order (RFC 2046).
type walker struct {
	m       *Message
	without []Check
	parts   int // entities opened, containers included
	text    int // bytes of text that may still be kept
	nested  int // bytes of encoded containers that may still be decoded

	documents int // PDF documents scanned
	pictures  []picture
}

// place says where in the tree an entity stands.
type place struct {
	path     string // of the entity
	prefix   string // of its children, when it is a container
	depth    int    // containers around it
	embedded bool   // inside a message/rfc822
	digest   bool   // a child of multipart/digest, whose parts are messages by default
}

// child is the place of a container's n-th part, counted from 1.
func (p place) child(n int) place {
	number := strconv.Itoa(n)
	if p.prefix != "" {
		number = p.prefix + "." + number
	}
	return place{path: number, prefix: number, depth: p.depth + 1, embedded: p.embedded}
}

// entity reads one body with the header above it.
func (w *walker) entity(at place, h partHeader, body []byte) {
	if w.parts++; w.parts > MaxParts {
		w.m.deviate(DeviationLimitParts, "body")
		return
	}
	media := w.media(at, h.mediaType)
	enc, known := entity.ParseEncoding(h.encoding)
	if !known {
		w.m.deviate(DeviationEncodingUnknown, at.path)
	}
	container := media.Type == "message/rfc822" || media.Type == "message/global" || strings.HasPrefix(media.Type, "multipart/")
	switch {
	case container && at.depth == MaxDepth:
		w.m.deviate(DeviationLimitDepth, at.path)
		media = entity.Media{Type: "text/plain"}
	case media.Type == "message/rfc822" || media.Type == "message/global":
		w.message(at, w.composite(at, enc, body))
		return
	case container:
		if w.multipart(at, media, enc, body) {
			return
		}
		media = entity.Media{Type: "text/plain"}
	}
	w.leaf(at, h, media, enc, body)
}

// media reads Content-Type. One that is missing or unusable means text/plain
// (RFC 2045, section 5.2).
func (w *walker) media(at place, value []byte) entity.Media {
	media := entity.ParseMedia(value)
	if media.Duplicate {
		w.m.deviate(DeviationParameter, at.path)
	}
	if media.Cut {
		w.m.deviate(DeviationLimitParams, at.path)
	}
	kind, sub, ok := strings.Cut(media.Type, "/")
	switch {
	case value == nil && at.digest:
		media.Type = "message/rfc822"
	case value == nil:
		media.Type = "text/plain"
	case !ok || kind == "" || sub == "":
		w.m.deviate(DeviationMediaType, at.path)
		media.Type = "text/plain"
	default:
		media.Type = strings.ToValidUTF8(media.Type, "\uFFFD")
	}
	return media
}

// composite decodes a container that is encoded against RFC 2045, section 6.4.
func (w *walker) composite(at place, enc transfer.Encoding, body []byte) []byte {
	if enc == transfer.Identity {
		return body
	}
	w.m.deviate(DeviationEncodingOuter, at.path)
	data, size, _ := transfer.Decode(enc, body, w.nested)
	if len(data) < size {
		w.m.deviate(DeviationLimitNested, at.path)
	}
	w.nested -= len(data)
	return data
}

// message reads a message inside the message.
func (w *walker) message(at place, body []byte) {
	fields, rest, missing, cut := entity.Fields(body, MaxFields)
	if cut {
		w.m.deviate(DeviationLimitFields, at.path)
	}
	if missing && len(fields) > 0 {
		w.m.deviate(DeviationNestedHeader, at.path)
	}
	inner := at.child(1)
	inner.prefix, inner.embedded = at.path, true
	w.entity(inner, readPartHeader(fields), rest)
}

// multipart reads the parts of a multipart. It is false where there are none to
// be found, so that clients show the body as text.
func (w *walker) multipart(at place, media entity.Media, enc transfer.Encoding, body []byte) bool {
	boundary := media.Param("boundary")
	if boundary == "" {
		w.m.deviate(DeviationNoBoundary, at.path)
		return false
	}
	if len(boundary) > entity.MaxBoundary {
		w.m.deviate(DeviationLimitBoundary, at.path)
		return false
	}
	limit := max(MaxParts-w.parts, 0)
	parts, closed, cut := entity.Split(body, boundary, limit)
	if len(parts) == 0 && enc != transfer.Identity {
		parts, closed, cut = entity.Split(w.composite(at, enc, body), boundary, limit)
	}
	switch {
	case cut:
		w.m.deviate(DeviationLimitParts, "body")
	case len(parts) == 0:
		w.m.deviate(DeviationNoParts, at.path)
		return false
	case !closed:
		w.m.deviate(DeviationUnclosed, at.path)
	}
	for i, part := range parts {
		inner := at.child(i + 1)
		inner.digest = media.Type == "multipart/digest"
		fields, rest, missing, cut := entity.Fields(part, MaxFields)
		if cut {
			w.m.deviate(DeviationLimitFields, inner.path)
		}
		if missing && len(fields) > 0 {
			w.m.deviate(DeviationNestedHeader, inner.path)
		}
		w.entity(inner, readPartHeader(fields), rest)
	}
	return true
}

// leaf keeps a part that has no parts, and reads it when it is text.
func (w *walker) leaf(at place, h partHeader, media entity.Media, enc transfer.Encoding, body []byte) {
	disposition := entity.ParseMedia(h.disposition)
	part := Part{
		Path:        at.path,
		MediaType:   media.Type,
		Charset:     strings.ToLower(media.Param("charset")),
		Disposition: disposition.Type,
		Filename:    disposition.Param("filename"),
		ContentID:   strings.ToValidUTF8(string(bytes.Trim(h.contentID, "<> \t")), "\uFFFD"),
		Embedded:    at.embedded,
	}
	if part.Disposition != "" && part.Disposition != "inline" {
		part.Disposition = "attachment" // RFC 2183, section 2.8: so are unknown ones
	}
	if part.Filename == "" {
		part.Filename = media.Param("name")
	}
	format := w.format(&part)
	limit := MaxBinary
	if format != formatBinary {
		limit = w.text
	}
	var damaged bool
	part.Data, part.Size, damaged = transfer.Decode(enc, body, limit)
	if damaged && enc == transfer.Base64 {
		w.m.deviate(DeviationBase64, at.path)
	} else if damaged {
		w.m.deviate(DeviationQuoted, at.path)
	}
	if format != formatBinary {
		if len(part.Data) < part.Size {
			w.m.deviate(DeviationLimitText, at.path)
		}
		w.text -= len(part.Data)
	}
	n := len(w.m.Parts)
	w.m.Parts = append(w.m.Parts, part)
	switch format {
	case formatBinary:
		w.readPDF(n, enc, body)
		w.notePicture(n, enc, body)
	case formatPlain:
		w.m.readText(n, format, flow(media))
	default:
		for _, inside := range w.m.readText(n, format, fixed) {
			w.noteInline(n, inside)
		}
	}
}

// format is how a part's text is read.
type format int

const (
	formatBinary format = iota
	formatPlain
	formatHTML
	formatCalendar
)

// flowing is how the lines of a text/plain part are joined (RFC 3676).
type flowing int

const (
	fixed flowing = iota
	flowed
	flowedDelSp
)

// flow reads the parameters that say so.
func flow(media entity.Media) flowing {
	switch {
	case media.Type != "text/plain" || !strings.EqualFold(media.Param("format"), "flowed"):
		return fixed
	case strings.EqualFold(media.Param("delsp"), "yes"):
		return flowedDelSp
	}
	return flowed
}

// format tells how a reader would see a part, by its type, and by its name where
// a double click goes by that.
func (w *walker) format(p *Part) format {
	switch p.MediaType {
	case "text/html", "text/x-amp-html", "application/xhtml+xml":
		if p.Disposition == "attachment" {
			w.m.deviate(DeviationHTMLAttachment, p.Path)
		}
		return formatHTML
	}
	if htmlName(p.Filename) {
		w.m.deviate(DeviationDisguisedHTML, p.Path)
		return formatHTML
	}
	if p.MediaType == "text/calendar" || p.MediaType == "application/ics" || hasExtension(p.Filename, "ics") {
		return formatCalendar
	}
	if strings.HasPrefix(p.MediaType, "text/") || strings.HasPrefix(p.MediaType, "message/") {
		return formatPlain
	}
	return formatBinary
}

// hasExtension reports whether a file name ends in a dot and ext, in any case.
func hasExtension(name, ext string) bool {
	dot := len(name) - len(ext) - 1
	return dot >= 0 && name[dot] == '.' && strings.EqualFold(name[dot+1:], ext)
}

// htmlName reports whether a file of that name opens in a browser as HTML.
func htmlName(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(name[dot+1:])) {
	case "html", "htm", "shtml", "xhtml", "xht", "mht", "mhtml", "svg":
		return true
	}
	return false
}
