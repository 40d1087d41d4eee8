package arc

import (
	"bytes"
	"fmt"
	"strconv"

	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/taglist"
)

// set is one ARC Set on its way to a result.
type set struct {
	results   []byte // the ARC-Authentication-Results field; nil when there is none
	payload   []byte // what follows "i=N;" in it
	signature signature.Field
	seal      signature.Field
	cv        Result
	sealAt    int // where the seal begins in chain.text
}

const (
	nameResults   = "ARC-Authentication-Results"
	nameSignature = "ARC-Message-Signature"
	nameSeal      = "ARC-Seal"
)

// collect finds the sets and returns "", or why there is no chain that could be
// whole (RFC 8617, section 5.2, step 1).
func (c *chain) collect() string {
	for i, f := range c.message.Header {
		name, raw := signature.FieldName(f), f.Raw
		var problem string
		switch {
		case taglist.EqualFold(name, nameResults):
			problem = c.addResults(raw)
		case taglist.EqualFold(name, nameSignature):
			problem = c.addSigned(nameSignature, signature.Field{Raw: raw, Index: i})
		case taglist.EqualFold(name, nameSeal):
			problem = c.addSigned(nameSeal, signature.Field{Raw: raw, Index: i})
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}

// set returns the set of this instance. There are never more than MaxSets,
// because an instance is never higher.
func (c *chain) set(instance int) *set {
	for len(c.sets) < instance {
		c.sets = append(c.sets, set{})
	}
	return &c.sets[instance-1]
}

func (c *chain) addResults(raw []byte) string {
	if len(raw) > MaxResultsBytes {
		return nameResults + ": field is too long to read"
	}
	instance, payload, ok := cutInstance(raw[bytes.IndexByte(raw, ':')+1:])
	if !ok {
		return nameResults + ": does not begin with an instance of 1 to 50"
	}
	s := c.set(instance)
	if s.results != nil {
		return repeated(nameResults, instance)
	}
	s.results, s.payload = raw, payload
	return ""
}

// addSigned adds one of the two signature fields.
func (c *chain) addSigned(name string, f signature.Field) string {
	if !f.ReadTags(taglist.ParseStrict) {
		return name + ": " + f.Reason
	}
	instance, ok := 0, false
	if t := f.Tags.Get("i"); t != nil {
		instance, ok = parseInstance(t.Value)
	}
	if !ok {
		return name + ": i= is no instance of 1 to 50"
	}
	s := c.set(instance)
	to := &s.signature
	if name == nameSeal {
		to = &s.seal
	}
	if to.Raw != nil {
		return repeated(name, instance)
	}
	*to = f
	return ""
}

func repeated(name string, instance int) string {
	return fmt.Sprintf("%s i=%d: occurs twice", name, instance)
}

// parseInstance reads an instance number (RFC 8617, section 4.2.1).
func parseInstance(b []byte) (int, bool) {
	if len(b) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b), 10, 8)
	return int(n), err == nil && n >= 1 && n <= MaxSets
}

// cutInstance cuts "i=N;" off the value of an ARC-Authentication-Results field
// (RFC 8617, sections 4.1.1 and 4.2.1). There may be comments around its parts.
func cutInstance(value []byte) (instance int, payload []byte, ok bool) {
	rest, ok := bytes.CutPrefix(trimCFWS(value), []byte("i"))
	if !ok {
		return 0, nil, false
	}
	rest, ok = bytes.CutPrefix(trimCFWS(rest), []byte("="))
	if !ok {
		return 0, nil, false
	}
	rest = trimCFWS(rest)
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	if instance, ok = parseInstance(rest[:digits]); !ok {
		return 0, nil, false
	}
	payload, ok = bytes.CutPrefix(trimCFWS(rest[digits:]), []byte(";"))
	return instance, payload, ok
}

// trimCFWS cuts white space and comments at the beginning (RFC 5322, section
// 3.2.2). Of a comment that does not end nothing is left.
func trimCFWS(b []byte) []byte {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth > 0 && c == '\\':
			i++
		case depth == 0 && !taglist.IsFWS(c):
			return b[i:]
		}
	}
	return nil
}
