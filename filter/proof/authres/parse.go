package authres

import (
	"fmt"
	"strings"
)

// Parse reads the value of a field: what follows "Authentication-Results:",
// folded or not. An error says why nothing in it may be believed.
func Parse(value string) (Field, error) {
	if len(value) > MaxValueBytes {
		return Field{}, ErrTooLong
	}
	c := &scanner{s: value}
	f, err := readField(c)
	if err != nil {
		return Field{}, fmt.Errorf("at byte %d: %w", c.at, err)
	}
	return f, nil
}

func readField(c *scanner) (Field, error) {
	var f Field
	if err := readID(c, &f); err != nil {
		return f, err
	}
	for !c.end() {
		if c.next() == ';' {
			c.at++
			continue
		}
		r, none, err := readResult(c, f.ID == "")
		switch {
		case err != nil:
			return f, err
		case none:
		case len(f.Results) == MaxResults:
			return f, ErrTooMany
		default:
			f.Results = append(f.Results, r)
		}
		if err := c.skip(); err != nil {
			return f, err
		}
	}
	return f, nil
}

// readID reads the authserv-id and its version, up to the first ";". A value
// that begins with method=result has none: "=" can't be in an authserv-id
// without quotes.
func readID(c *scanner, f *Field) error {
	if err := c.skip(); err != nil {
		return err
	}
	start := c.at
	id, err := c.value('=')
	if err != nil {
		return err
	}
	if err := c.skip(); err != nil {
		return err
	}
	if c.next() == '=' {
		c.at = start
		return nil
	}
	if id == "" {
		return ErrEmpty
	}
	f.ID = id
	if !c.end() && c.next() != ';' {
		if f.Version, err = c.value(0); err != nil {
			return err
		}
		if err := c.skip(); err != nil {
			return err
		}
	}
	if !c.end() && c.next() != ';' {
		return ErrMalformed
	}
	c.takeComments()
	return nil
}

// readResult reads one result. none is true for a ";" without one, and for the
// word "none". Where the field is nameless, also for a domain alone: Microsoft
// wrote the receiving domain before each result but the first.
func readResult(c *scanner, nameless bool) (r Result, none bool, err error) {
	if err := c.skip(); err != nil {
		return r, false, err
	}
	if c.end() || c.next() == ';' {
		return r, true, nil
	}
	c.takeComments()
	method, err := c.value('=')
	if err != nil {
		return r, false, err
	}
	if err := c.skip(); err != nil {
		return r, false, err
	}
	if c.next() != '=' {
		alone := c.end() || c.next() == ';'
		if alone && (strings.EqualFold(method, "none") || nameless && strings.Contains(method, ".")) {
			return r, true, nil
		}
		return r, false, ErrMalformed
	}
	c.at++
	if err := c.skip(); err != nil {
		return r, false, err
	}
	// The version of the method (section 2.2) changes nothing that we know of.
	method, _, _ = strings.Cut(method, "/")
	if r.Method = keyword(method); r.Method == "" {
		return r, false, ErrMalformed
	}
	word, err := c.value(0)
	if err != nil {
		return r, false, err
	}
	if r.Value = keyword(word); r.Value == "" {
		return r, false, ErrMalformed
	}
	err = readDetails(c, &r)
	return r, false, err
}

// readDetails reads the reason and the properties up to the next ";".
func readDetails(c *scanner, r *Result) error {
	for {
		if err := c.skip(); err != nil {
			return err
		}
		if c.end() || c.next() == ';' {
			r.Comment = c.takeComments()
			return nil
		}
		name, err := c.value('=')
		if err != nil {
			return err
		}
		if err := c.skip(); err != nil {
			return err
		}
		if name == "" || c.next() != '=' {
			return ErrNoProperty
		}
		c.at++
		if err := c.skip(); err != nil {
			return err
		}
		value, err := c.value(0)
		if err != nil {
			return err
		}
		if strings.EqualFold(name, "reason") && r.Reason == "" {
			r.Reason = value
			continue
		}
		if len(r.Properties) == MaxProperties {
			return ErrTooMany
		}
		ptype, property, typed := strings.Cut(strings.ToLower(name), ".")
		if !typed {
			ptype, property = "", ptype
		}
		r.Properties = append(r.Properties, Property{Type: ptype, Name: property, Value: value})
	}
}
