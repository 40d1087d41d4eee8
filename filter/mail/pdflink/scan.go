package pdflink

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"unicode/utf16"

	"sekisho/filter/mail/transfer"
	"sekisho/filter/mail/weburl"
)

// Document is where a PDF document leads.
type Document struct {
	Links     []string // as written, each once; valid UTF-8
	Encrypted bool     // its strings are encrypted, so that there are no links to read
	Cut       bool     // a limit was hit
}

// Is reports whether b begins like a PDF file. Readers put up with rubbish in front.
func Is(b []byte) bool {
	return bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-"))
}

// Read scans a file.
func Read(file []byte) Document {
	s := scanner{left: MaxInflated, seen: map[string]bool{}}
	if len(file) > MaxFile {
		file, s.doc.Cut = file[:MaxFile], true
	}
	s.scan(file, true)
	if s.doc.Encrypted {
		s.doc.Links = nil
	}
	return s.doc
}

// scanner holds the state of one file.
type scanner struct {
	doc     Document
	seen    map[string]bool
	left    int // bytes that may still be inflated
	streams int
	open    int    // strings without an end so far
	scratch []byte // the last string with escapes

	// Of the object being read.
	key      string // the last name
	objects  bool   // it is an object stream
	flate    bool   // it is deflated
	filtered bool   // it has another filter, too
}

// scan goes over tokens (section 7.2). Streams are met in a file only.
func (s *scanner) scan(b []byte, streams bool) {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '%':
			end := bytes.IndexAny(b[i:], "\r\n")
			if end < 0 {
				return
			}
			i += end
		case c == '/':
			n := i + 1
			for n < len(b) && regular(b[n]) {
				n++
			}
			s.name(b[i+1 : n])
			i = n
		case c == '(':
			raw, n, ok := literal(b[i:])
			if !ok {
				if s.open++; s.open > maxOpen {
					s.doc.Cut = true
					return
				}
				n = 1
			}
			s.literal(raw)
			i += n
		case c == '<' && i+1 < len(b) && b[i+1] == '<':
			i += 2
		case c == '<':
			text, n := hexadecimal(b[i:])
			s.text(text)
			i += n
		case regular(c):
			n := i + 1
			for n < len(b) && regular(b[n]) {
				n++
			}
			i = s.keyword(b, i, n, streams)
		default:
			i++
		}
	}
}

// regular reports whether c may stand in a name or keyword.
func regular(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%', 0, '\t', '\n', '\f', '\r', ' ':
		return false
	}
	return true
}

// name notes a name and what it says of the object.
func (s *scanner) name(raw []byte) {
	if len(raw) > 127 {
		raw = raw[:127] // section C.1: names are no longer
	}
	name := string(raw)
	if bytes.IndexByte(raw, '#') >= 0 {
		name = unescapeName(raw)
	}
	value := s.key
	s.key = name
	switch name {
	case "ObjStm":
		s.objects = s.objects || value == "Type"
	case "FlateDecode", "Fl":
		s.filtered = s.filtered || s.flate
		s.flate = true
	case "LZWDecode", "LZW", "ASCII85Decode", "A85", "ASCIIHexDecode", "AHx", "RunLengthDecode", "RL", "Crypt", "DCTDecode", "DCT":
		s.filtered = true
	case "Encrypt":
		s.doc.Encrypted = true
	}
}

// unescapeName reads "#2f" (section 7.3.5).
func unescapeName(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) && transfer.Hex(raw[i+1]) < 16 && transfer.Hex(raw[i+2]) < 16 {
			out = append(out, transfer.Hex(raw[i+1])<<4|transfer.Hex(raw[i+2]))
			i += 2
		} else {
			out = append(out, raw[i])
		}
	}
	return string(out)
}

// keyword handles the word b[i:n] and returns where to go on.
func (s *scanner) keyword(b []byte, i, n int, streams bool) int {
	switch string(b[i:n]) {
	case "obj", "endobj":
		s.object()
	case "stream":
		if !streams {
			return n
		}
		body := bytes.TrimPrefix(bytes.TrimPrefix(b[n:], []byte("\r")), []byte("\n"))
		end := bytes.Index(body, []byte("endstream"))
		next := len(b)
		if end >= 0 {
			next = len(b) - len(body) + end + len("endstream")
			body = body[:end]
		}
		if s.objects && !s.filtered {
			s.inner(body)
		}
		s.object()
		return next
	default:
		s.key = "" // a number, a reference
	}
	return n
}

// object forgets what was said of the last object.
func (s *scanner) object() {
	s.key, s.objects, s.flate, s.filtered = "", false, false, false
}

// inner reads an object stream. Damage at its end hurts nobody: what came before is
// read.
func (s *scanner) inner(body []byte) {
	if s.streams == MaxStreams {
		s.doc.Cut = true
		return
	}
	s.streams++
	if s.flate {
		z, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if n, _ := io.Copy(&out, io.LimitReader(z, int64(s.left)+1)); n > int64(s.left) {
			s.doc.Cut = true
			out.Truncate(s.left)
		}
		s.left -= out.Len()
		body = out.Bytes()
	}
	s.object()
	s.scan(body, false)
}

// literal judges a string in brackets. A picture outside a stream is full of them:
// what no name asks for is not unescaped, and nothing that is costs memory.
func (s *scanner) literal(raw []byte) {
	if !s.asked() {
		s.key = ""
		return
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		s.scratch = unescape(s.scratch[:0], raw)
		raw = s.scratch
	}
	s.text(raw)
}

// asked reports whether a string behind the last name may hold an address.
func (s *scanner) asked() bool {
	switch s.key {
	case "URI", "JS", "", "F", "UF", "URL", "Base":
		return true
	}
	return false
}

// text judges a string by the name before it.
func (s *scanner) text(raw []byte) {
	key := s.key
	s.key = ""
	if len(raw) == 0 {
		return
	}
	switch key {
	case "URI":
		s.add(decode(raw))
	case "JS":
		text := decode(raw)
		for _, span := range weburl.Find(nil, text, MaxLinks) {
			s.add(text[span.Start:span.End])
		}
	case "", "F", "UF", "URL", "Base": // a string of its own that /URI refers to, a form's target, a remote file
		// A picture outside a stream is full of brackets: look before decoding.
		if !wide(raw) && !bytes.Contains(raw, []byte("://")) {
			return
		}
		if text := decode(raw); strings.Contains(text, "://") && weburl.Host(weburl.Resolve("", text)) != "" {
			s.add(text)
		}
	}
}

// add keeps an address.
func (s *scanner) add(link string) {
	link = strings.TrimSpace(link)
	if link == "" || s.seen[link] {
		return
	}
	if len(s.doc.Links) == MaxLinks {
		s.doc.Cut = true
		return
	}
	s.seen[link] = true
	s.doc.Links = append(s.doc.Links, link)
}

// decode reads a text string: UTF-16 with a byte order mark, else bytes (section
// 7.9.2.2). An address is ASCII by rights and UTF-8 by custom.
func decode(raw []byte) string {
	if wide(raw) {
		units := make([]uint16, 0, len(raw)/2)
		for raw = raw[2:]; len(raw) >= 2; raw = raw[2:] {
			units = append(units, uint16(raw[0])<<8|uint16(raw[1]))
		}
		return string(utf16.Decode(units))
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

// wide reports whether a text string is UTF-16.
func wide(raw []byte) bool { return len(raw) >= 2 && raw[0] == 0xfe && raw[1] == 0xff }
