package banner

import (
	"strings"

	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// leaf is a part without parts: where it is in the body, and what its header says.
type leaf struct {
	head, start, end int            // header from head to start, content from there to end; head is -1 where the header is the message's
	fields           []entity.Field // of that header
	media            entity.Media
	encoding         transfer.Encoding
	known            bool // the transfer encoding is
	shown            bool // a client displays it as text, if it is one
}

// walker finds the leaves of a message in their order.
type walker struct {
	body   []byte
	parts  int
	leaves []leaf
}

// place says where an entity stands.
type place struct {
	head, start, end int
	depth            int
	hidden           bool // not displayed, whatever it is
}

// walk returns the leaves below a header. It is strict: what RFC 2046 does not
// allow is refused, because there clients part ways.
func walk(fields []entity.Field, body []byte) ([]leaf, Refusal) {
	w := walker{body: body}
	why := w.entity(place{head: -1, end: len(body)}, fields)
	return w.leaves, why
}

// header is what the fields of an entity say of it.
type header struct {
	mediaType, encoding, disposition []byte // nil where there is no such field
	contentID                        string
}

// readHeader picks fields; false when one stands twice.
func readHeader(fields []entity.Field) (h header, ok bool) {
	seen := [4]bool{}
	for _, f := range fields {
		i := 0
		switch strings.ToLower(string(f.Name)) {
		case "content-type":
			h.mediaType = entity.Value(f.Raw)
		case "content-transfer-encoding":
			i, h.encoding = 1, entity.Value(f.Raw)
		case "content-disposition":
			i, h.disposition = 2, entity.Value(f.Raw)
		case "content-id":
			i, h.contentID = 3, strings.Trim(string(entity.Value(f.Raw)), "<> \t")
		default:
			continue
		}
		if seen[i] {
			return h, false
		}
		seen[i] = true
	}
	return h, true
}

func (w *walker) entity(at place, fields []entity.Field) Refusal {
	if w.parts++; w.parts > MaxParts || at.depth > MaxDepth {
		return TooLarge
	}
	h, ok := readHeader(fields)
	media := entity.ParseMedia(h.mediaType)
	if !ok || media.Duplicate || media.Cut {
		return Malformed
	}
	if h.mediaType == nil {
		media.Type = "text/plain" // RFC 2045, section 5.2
	}
	kind, sub, ok := strings.Cut(media.Type, "/")
	if !ok || kind == "" || sub == "" {
		return Malformed
	}
	if protected(media.Type) {
		return Protected
	}
	encoding, known := entity.ParseEncoding(h.encoding)
	disposition := entity.ParseMedia(h.disposition)
	at.hidden = at.hidden || disposition.Type != "" && disposition.Type != "inline"
	if kind == "multipart" {
		if !known || encoding != transfer.Identity {
			return Malformed // RFC 2045, section 6.4
		}
		return w.multipart(at, media, sub)
	}
	// A named text is as well an attachment, unless the message begins with it.
	named := disposition.Param("filename") != "" || media.Param("name") != ""
	w.leaves = append(w.leaves, leaf{
		head: at.head, start: at.start, end: at.end, fields: fields, media: media, encoding: encoding, known: known,
		shown: !at.hidden && (!named || len(w.leaves) == 0) && kind == "text",
	})
	return ""
}

// protected names what carries signatures or ciphertext.
func protected(mediaType string) bool {
	switch mediaType {
	case "multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime",
		"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-encrypted", "application/pgp-signature":
		return true
	}
	return false
}

func (w *walker) multipart(at place, media entity.Media, sub string) Refusal {
	boundary := media.Param("boundary")
	if boundary == "" || len(boundary) > entity.MaxBoundary {
		return Malformed
	}
	content := w.body[at.start:at.end]
	parts, closed, cut := entity.Split(content, boundary, MaxParts)
	if cut {
		return TooLarge
	}
	if !closed || len(parts) == 0 {
		return Malformed
	}
	for i, part := range parts {
		head := at.start + offset(content, part)
		fields, rest, missing, cut := entity.Fields(part, MaxFields)
		if cut {
			return TooLarge
		}
		if missing {
			return Malformed
		}
		inner := place{head: head, start: head + len(part) - len(rest), end: head + len(part), depth: at.depth + 1, hidden: at.hidden}
		switch sub {
		case "related":
			// Only the root is displayed, the others are what it refers to
			// (RFC 2387). One that is not the first is rare, and overlooked
			// by many clients.
			if h, _ := readHeader(fields); i == 0 && media.Param("start") != "" && strings.Trim(media.Param("start"), "<> \t") != h.contentID {
				return Malformed
			}
			inner.hidden = inner.hidden || i > 0
		case "digest":
			inner.hidden = true // RFC 2046, section 5.1.5: messages
		}
		if why := w.entity(inner, fields); why != "" {
			return why
		}
	}
	return ""
}

// offset returns where in outer the slice inner of it begins. Both end in the
// same array, so that their capacities tell.
func offset(outer, inner []byte) int { return cap(outer) - cap(inner) }
