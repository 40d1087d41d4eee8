package mail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"sekisho/filter/mail/entity"
)

// ErrTooLarge means that a file holds more than MaxFile bytes and was not read.
var ErrTooLarge = errors.New("mail: file over the size limit")

// ReadFile reads a message as files hold it: header, empty line, body, with LF or
// CRLF line ends and perhaps the "From " line of an mbox on top. What it returns
// has CRLF line ends throughout, as SMTP would have carried it. A line that is no
// field is kept as a Field without a name where the header goes on after it, as
// clients read it; where it does not, the body begins with it. Errors come from r
// alone, or are ErrTooLarge.
func ReadFile(r io.Reader) (Header, []byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("mail: read message: %w", err)
	}
	return ReadBytes(b)
}

// ReadBytes is ReadFile for who has the file in memory, where it stays: what is
// returned is part of it, if its line ends are CRLF.
func ReadBytes(b []byte) (Header, []byte, error) {
	if len(b) > MaxFile {
		return nil, nil, ErrTooLarge
	}
	if rest, ok := bytes.CutPrefix(b, []byte("From ")); ok && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":")) {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[i+1:]
		}
	}
	fields, body, _, _ := entity.Fields(withCRLF(b), math.MaxInt)
	header := make(Header, len(fields))
	for i, f := range fields {
		header[i] = Field{Name: string(f.Name), Raw: ended(f.Raw)}
	}
	return header, body, nil
}

// withCRLF turns bare line feeds into CRLF. Bare carriage returns stay: they are
// no line ends on the wire.
func withCRLF(b []byte) []byte {
	bare := bytes.Count(b, []byte("\n")) - bytes.Count(b, []byte("\r\n"))
	if bare == 0 {
		return b
	}
	out := make([]byte, 0, len(b)+bare)
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return append(out, b...)
		}
		line := b[:i]
		if i > 0 && b[i-1] == '\r' {
			line = b[:i-1]
		}
		out = append(append(out, line...), '\r', '\n')
		b = b[i+1:]
	}
	return out
}

// ended gives the last field of a file that stops inside its header a line end.
func ended(raw []byte) []byte {
	if bytes.HasSuffix(raw, []byte("\n")) {
		return raw
	}
	return slices.Concat(bytes.TrimSuffix(raw, []byte("\r")), []byte("\r\n"))
}
