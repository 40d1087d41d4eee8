package strictyaml

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// wrong tells that n is not what was wanted.
func (c *decoder) wrong(n *yaml.Node, wanted string) {
	c.errorf(n, "wants %s, has %s", wanted, describe(n))
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return quote(n.Value)
}

// isText reports a scalar that was quoted or written as a block: text by the
// author's own word.
func isText(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// word is the text of an unquoted scalar; wanted names what should stand there.
func (c *decoder) word(n *yaml.Node, wanted string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		c.wrong(n, wanted)
		return "", false
	}
	if isText(n) {
		c.errorf(n, "wants %s, has the text %s; take the quotes off", wanted, quote(n.Value))
		return "", false
	}
	return n.Value, true
}

func (c *decoder) scalar(n *yaml.Node, target reflect.Value) bool {
	switch target.Kind() {
	case reflect.String:
		if n.Kind != yaml.ScalarNode {
			c.wrong(n, "text")
			return false
		}
		target.SetString(n.Value)
		return true
	case reflect.Bool:
		return c.boolean(n, target)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return c.integer(n, target)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return c.unsigned(n, target)
	case reflect.Float32, reflect.Float64:
		return c.float(n, target)
	}
	c.errorf(n, "cannot be read into %s", target.Type())
	return false
}

// boolean knows true and false only. YAML 1.1 also took yes, no, on, off, y and
// n, and turned the country code NO into false.
func (c *decoder) boolean(n *yaml.Node, target reflect.Value) bool {
	text, ok := c.word(n, "true or false")
	if !ok {
		return false
	}
	if text != "true" && text != "false" {
		c.wrong(n, "true or false")
		return false
	}
	target.SetBool(text == "true")
	return true
}

const wholeNumber = "a whole number in decimal digits"

func (c *decoder) integer(n *yaml.Node, target reflect.Value) bool {
	text, ok := c.word(n, wholeNumber)
	if !ok {
		return false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !decimal(strings.TrimPrefix(text, "-")) {
		c.wrong(n, wholeNumber)
		return false
	}
	if target.OverflowInt(number) {
		c.errorf(n, "%s is too large", text)
		return false
	}
	target.SetInt(number)
	return true
}

func (c *decoder) unsigned(n *yaml.Node, target reflect.Value) bool {
	text, ok := c.word(n, wholeNumber)
	if !ok {
		return false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil || !decimal(text) {
		c.wrong(n, wholeNumber+", not below 0")
		return false
	}
	if target.OverflowUint(number) {
		c.errorf(n, "%s is too large", text)
		return false
	}
	target.SetUint(number)
	return true
}

// decimal reports digits that mean the same to everybody: no sign, and no
// leading zero, which YAML 1.1 reads as octal.
func decimal(s string) bool {
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (c *decoder) float(n *yaml.Node, target reflect.Value) bool {
	const wanted = "a number such as 2 or 0.5"
	text, ok := c.word(n, wanted)
	if !ok {
		return false
	}
	whole, fraction, dotted := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if !decimal(whole) || dotted && !decimal("1"+fraction) || dotted && fraction == "" {
		c.wrong(n, wanted)
		return false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || target.OverflowFloat(number) {
		c.errorf(n, "%s is too large", quote(text))
		return false
	}
	target.SetFloat(number)
	return true
}

func (c *decoder) duration(n *yaml.Node, target *time.Duration) bool {
	const wanted = "a duration with its unit such as 500ms, 30s or 5m"
	text, ok := c.word(n, wanted)
	if !ok {
		return false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		c.wrong(n, wanted)
		return false
	}
	*target = d
	return true
}

func (c *decoder) text(n *yaml.Node, target encoding.TextUnmarshaler) bool {
	if n.Kind != yaml.ScalarNode {
		c.wrong(n, "text")
		return false
	}
	if err := target.UnmarshalText([]byte(n.Value)); err != nil {
		c.errorf(n, "%v", err)
		return false
	}
	return true
}
