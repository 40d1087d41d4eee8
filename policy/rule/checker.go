package rule

import (
	"net/netip"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"sekisho/filter/mail"
	"sekisho/policy/strictyaml"
)

// checker looks for what is of the right type and yet cannot be meant.
type checker struct {
	types *typeTable
	ast   *ast.AST
	tell  *teller

	patterns patterns // found on the way
}

// scope is what the variables of the loops around an expression run over, by name;
// nil for what is no field.
type scope map[string]*Term

func (c *checker) walk(e ast.Expr, s scope) {
	switch e.Kind() {
	case ast.IdentKind:
		if c.ast.GetType(e.ID()).Kind() == types.TypeKind {
			c.at(e, "there is no %q", e.AsIdent())
		}
	case ast.SelectKind:
		c.walk(e.AsSelect().Operand(), s)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			c.walk(call.Target(), s)
		}
		for _, arg := range call.Args() {
			c.walk(arg, s)
		}
		c.call(e, s)
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			c.walk(item, s)
		}
	case ast.MapKind, ast.StructKind:
		c.at(e, "a rule makes no objects")
	case ast.ComprehensionKind:
		loop := e.AsComprehension()
		c.walk(loop.IterRange(), s)
		inner := make(scope, len(s)+1)
		for name, term := range s {
			inner[name] = term
		}
		inner[loop.IterVar()] = c.term(loop.IterRange(), s)
		c.walk(loop.LoopStep(), inner)
		c.walk(loop.Result(), inner)
	}
}

func (c *checker) at(e ast.Expr, format string, args ...any) {
	place := c.ast.SourceInfo().GetStartLocation(e.ID())
	c.tell.at(c.tell.offset(place.Line(), place.Column()), format, args...)
}

// call checks the arguments of a function that are written out.
func (c *checker) call(e ast.Expr, s scope) {
	call := e.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	switch call.FunctionName() {
	case operators.Equals, operators.NotEquals:
		if c.holdsObject(args[0]) || c.holdsObject(args[1]) {
			c.at(e, "objects cannot be compared; compare their fields")
			return
		}
		c.word(args[0], args[1], s)
		c.word(args[1], args[0], s)
	case operators.In:
		if c.holdsObject(args[0]) {
			c.at(e, "objects cannot be compared; compare their fields")
			return
		}
		c.word(args[1], args[0], s)
		if args[1].Kind() == ast.ListKind {
			for _, item := range args[1].AsList().Elements() {
				c.word(args[0], item, s)
			}
		}
	case overloads.Matches:
		c.pattern(args[1])
	case "under":
		if name, ok := literal(args[1]); ok {
			if _, ok := hostName(name); !ok {
				c.at(args[1], "wants a domain name, has %q", name)
			}
		}
	case "within":
		if text, ok := literal(args[1]); ok {
			if _, err := netip.ParsePrefix(text); err != nil {
				c.at(args[1], "wants a network such as 192.0.2.0/24 or 2001:db8::/32, has %q", text)
			}
		}
	}
}

// pattern wants a pattern that is written out: it is compiled once, and its cost is
// known.
func (c *checker) pattern(e ast.Expr) {
	text, ok := literal(e)
	if !ok {
		c.at(e, "a pattern has to be written out in the rule")
		return
	}
	if _, err := syntax.Parse(text, syntax.Perl); err != nil {
		c.at(e, "the pattern cannot be read: %s", plain(err))
		return
	}
	size := patternSize(text)
	if size > maxPattern {
		c.at(e, "the pattern is too large: %d instructions, at most %d", size, maxPattern)
	}
	c.patterns[text] = size
}

func plain(err error) string {
	if e, ok := err.(*syntax.Error); ok {
		return e.Code.String() + ": " + strconv.Quote(e.Expr)
	}
	return err.Error()
}

// word checks a text that is held against a field with a closed list of words:
// one that is not in the list would never match, or always. So would a domain in
// another spelling than the field has.
func (c *checker) word(of, text ast.Expr, s scope) {
	written, ok := literal(text)
	if !ok || written == "" {
		return
	}
	term := c.term(of, s)
	if term != nil && term.host {
		if name, ok := mail.ASCIIDomain(written); ok && name != written {
			c.at(text, "%s is never %q; write %s", term.Name, written, name)
		}
		return
	}
	if term == nil || term.Words == nil || slices.Contains(term.Words, written) {
		return
	}
	hint := "; it is " + strings.Join(term.Words, ", ")
	if len(term.Words) > maxListed {
		hint = strictyaml.Suggest(written, term.Words)
	}
	c.at(text, "%s is never %q%s", term.Name, written, hint)
}

// term is the field that an expression reads, or whose entries it runs over.
func (c *checker) term(e ast.Expr, s scope) *Term {
	switch e.Kind() {
	case ast.SelectKind:
		sel := e.AsSelect()
		return c.types.term(c.ast.GetType(sel.Operand().ID()), sel.FieldName())
	case ast.IdentKind:
		return s[e.AsIdent()]
	case ast.CallKind:
		if call := e.AsCall(); call.FunctionName() == operators.Index {
			return c.term(call.Args()[0], s)
		}
	}
	return nil
}

func (c *checker) holdsObject(e ast.Expr) bool {
	t := c.ast.GetType(e.ID())
	for t.Kind() == types.ListKind {
		t = t.Parameters()[0]
	}
	return t.Kind() == types.StructKind
}

// literal is a text that is written out.
func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
