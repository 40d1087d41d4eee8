package authres

import (
	"errors"
	"strings"
)

// Errors of Parse. A field that gives one says nothing.
var (
	ErrTooLong    = errors.New("authres: the value is too long")
	ErrComment    = errors.New("authres: a comment does not end or nests too deep")
	ErrQuote      = errors.New("authres: a quoted string does not end")
	ErrTooMany    = errors.New("authres: too many results or properties")
	ErrEmpty      = errors.New("authres: there is nothing in it")
	ErrMalformed  = errors.New("authres: not method=result")
	ErrNoProperty = errors.New("authres: not property=value")
)

// scanner walks through a value.
type scanner struct {
	s        string
	at       int
	comments []string // seen since they were last taken
}

func (c *scanner) end() bool { return c.at >= len(c.s) }

// next returns the byte at hand, 0 at the end.
func (c *scanner) next() byte {
	if c.end() {
		return 0
	}
	return c.s[c.at]
}

// takeComments returns the comments passed over since the last call.
func (c *scanner) takeComments() string {
	s := strings.Join(c.comments, " ")
	c.comments = nil
	return s
}

// skip passes over white space and comments (RFC 5322, section 3.2.2).
func (c *scanner) skip() error {
	for !c.end() {
		switch {
		case isSpace(c.next()):
			c.at++
		case c.next() == '(':
			if err := c.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// comment reads a comment with those in it.
func (c *scanner) comment() error {
	var b strings.Builder
	depth := 0
	for ; !c.end(); c.at++ {
		switch b1 := c.next(); b1 {
		case '\\':
			c.at++
			if c.end() {
				return ErrComment
			}
			b.WriteByte(c.next())
			continue
		case '(':
			depth++
			if depth > MaxNesting {
				return ErrComment
			}
			if depth == 1 {
				continue
			}
		case ')':
			depth--
			if depth == 0 {
				c.at++
				c.comments = append(c.comments, unfold(b.String()))
				return nil
			}
		}
		b.WriteByte(c.next())
	}
	return ErrComment
}

// value reads a quoted string, bare text up to white space, ";" or a comment,
// or a mixture of both, as in "a b"@example.org. stop is one more byte that ends
// bare text, 0 for none.
func (c *scanner) value(stop byte) (string, error) {
	var b strings.Builder
	for !c.end() {
		switch n := c.next(); {
		case n == '"':
			if err := c.quoted(&b); err != nil {
				return "", err
			}
		case isSpace(n) || n == ';' || n == '(' || stop != 0 && n == stop:
			return b.String(), nil
		default:
			b.WriteByte(n)
			c.at++
		}
	}
	return b.String(), nil
}

func (c *scanner) quoted(b *strings.Builder) error {
	for c.at++; !c.end(); c.at++ {
		switch c.next() {
		case '"':
			c.at++
			return nil
		case '\\':
			c.at++
			if c.end() {
				return ErrQuote
			}
		case '\r', '\n': // folding is not part of the string
			continue
		}
		b.WriteByte(c.next())
	}
	return ErrQuote
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// unfold takes out line ends.
func unfold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
}
