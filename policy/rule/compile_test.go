package rule

import (
	"strings"
	"sync"
	"testing"
)

// TestMistakes: each mistake has its place and its message.
func TestMistakes(t *testing.T) {
	e := environment(t)
	for expr, want := range map[string]string{
		// Names.
		`mesage.subject == "x"`:                        `1:1: there is no "mesage"; did you mean message?`,
		`message.subjet == "x"`:                        `1:9: Message has no field "subjet"; did you mean subject?`,
		"message.bulk &&\n  message . subjet == \"x\"": `2:13: Message has no field "subjet"; did you mean subject?`,
		`links.exists(l, l.hst == "x")`:                `1:19: Link has no field "hst"; did you mean host?`,
		`proof.spf.resul == "pass"`:                    `1:11: SPF has no field "resul"; did you mean result?`,
		`message.subject.lowr() == ""`:                 `1:17: there is no "lowr"; did you mean lower?`,
		`"ギフト" == message.subject && message.ギフト`:      `1:37: not CEL: "ギ" is not expected here`,
		`Message == Message`:                           `1:1: there is no "Message" | 1:12: there is no "Message"`,
		`message.sbject == "" || mesage.x`:             `1:9: Message has no field "sbject"; did you mean subject? | 1:25: there is no "mesage"; did you mean message?`,

		// Types.
		`message.subject`:                        `1:1: a rule is true or false, this is string`,
		`cut ? 1 : 2`:                            `1:1: a rule is true or false, this is int`,
		`links`:                                  `1:1: a rule is true or false, this is list(Link)`,
		`message.subject == 3`:                   `1:17: == does not go with (string, int)`,
		`message.subject.contains(3)`:            `1:17: contains does not go with string.(int); it is string.contains(string) bool`,
		`message && cut`:                         `1:1: wants bool, has Message`,
		`!message.subject`:                       `1:1: ! does not go with (string)`,
		`message.from.domain == "x"`:             `1:14: list(Mailbox) has no fields`,
		`message.subject.exists(x, true)`:        `1:9: goes over the entries of a list, has string`,
		`message.from["0"].name == ""`:           `1:13: [ ] does not go with (list(Mailbox), string)`,
		`message.from[0] == message.sender[0]`:   `1:17: objects cannot be compared; compare their fields`,
		`message.from[0] in message.sender`:      `1:17: objects cannot be compared; compare their fields`,
		`links == links`:                         `1:7: objects cannot be compared; compare their fields`,
		`Message{subject: "x"}.bulk`:             `1:8: a rule makes no objects`,
		`{"a": 1}["a"] == 1`:                     `1:9: [ ] does not go with (map(string, int), string)`,
		`size({"a": 1}) == 1`:                    `1:1: size does not go with (map(string, int)); it is size(string), size(list) int`,
		`[{"a": 1}].exists(m, cut)`:              `1:2: a rule makes no objects`,
		`dyn(message).x`:                         `1:1: there is no "dyn"`,
		`type(message.subject) == type("")`:      `1:1: there is no "type" | 1:26: there is no "type"`,
		`timestamp("2026-01-01T00:00:00Z") == 1`: `1:1: there is no "timestamp"`,

		// Arguments that are written out.
		`message.subject.matches("(")`:           `1:25: the pattern cannot be read: missing closing ): "("`,
		`message.subject.matches("(?=a)")`:       `1:25: the pattern cannot be read: invalid or unsupported Perl syntax: "(?="`,
		`message.subject.matches(message.list)`:  `1:33: a pattern has to be written out in the rule`,
		`under(message.list, "a b")`:             `1:21: wants a domain name, has "a b"`,
		`within(envelope.client, "192.0.2.1")`:   `1:25: wants a network such as 192.0.2.0/24 or 2001:db8::/32, has "192.0.2.1"`,
		`envelope.client.within("192.0.2.1/33")`: `1:24: wants a network such as 192.0.2.0/24 or 2001:db8::/32, has "192.0.2.1/33"`,

		// Words of closed lists.
		`proof.dmarc.result == "failed"`:           `1:23: result is never "failed"; it is none, pass, fail, temperror, permerror`,
		`"two" != message.author`:                  `1:1: author is never "two"; it is one, none, several, malformed`,
		`proof.spf.result in ["pass", "hardfail"]`: `1:30: result is never "hardfail"; it is none, neutral, pass, fail, softfail, temperror, permerror`,
		`links.exists(l, l.kind == "href")`:        `1:27: kind is never "href"; it is a, form, plain, qr, pdf, script`,
		`"lures" in finding.names`:                 `1:1: names is never "lures"; did you mean lure?`,
		`finding.names.exists(n, n == "lures")`:    `1:30: names is never "lures"; did you mean lure?`,
		`finding.names[0] == "lures"`:              `1:21: names is never "lures"; did you mean lure?`,

		// Domains in another spelling than the facts have.
		`proof.from_domain == "Example.jp"`:                 `1:22: from_domain is never "Example.jp"; write example.jp`,
		`links.exists(l, l.org in ["a.example", "例え.jp"])`:  `1:40: org is never "例え.jp"; write xn--r8jz45g.jp`,
		`message.from.exists(f, f.domain != "example.jp.")`: `1:36: domain is never "example.jp."; write example.jp`,

		// Syntax.
		``:                             `1:1: is empty; a rule is an expression that is true or false`,
		" \n":                          `1:1: is empty; a rule is an expression that is true or false`,
		"cut\xff":                      `1:1: is not UTF-8`,
		`1 + `:                         `1:5: not CEL: ends too early`,
		`message.subject.contains("x"`: `1:29: not CEL: ends too early: missing ')' at the end`,
		`message.subject = "x"`:        `1:17: not CEL: write == to compare`,
		`cut & cut`:                    `1:5: not CEL: write && for and`,
		`cut | cut`:                    `1:5: not CEL: write || for or`,
		`message.subject == "abc`:      `1:20: not CEL: a text without its closing quote on the same line`,
		`cut and cut`:                  `1:5: not CEL: "and" is not expected here`,
		`not cut`:                      `1:5: not CEL: "cut" is not expected here`,
		`cut)`:                         `1:4: not CEL: ")" is not expected here`,
		`cut ; cut`:                    `1:5: not CEL: ";" is not expected here`,
	} {
		p, problems := e.Compile(expr)
		var got []string
		for _, problem := range problems {
			got = append(got, problem.Error())
		}
		if text := strings.Join(got, " | "); text != want || p != nil {
			t.Errorf("%s\n got %s\nwant %s", expr, text, want)
		}
	}
}

// TestCompileLimits: what is at a limit is compiled, one past it is refused.
func TestCompileLimits(t *testing.T) {
	e := environment(t)
	for name, tc := range map[string]struct {
		at, past, want string
	}{
		"length": {
			"cut" + strings.Repeat(" ", maxExpression-3), "cut" + strings.Repeat(" ", maxExpression-2),
			"1:1: an expression has at most 8192 bytes, has 8193",
		},
		"nesting": {
			strings.Repeat("(", maxNesting) + "cut" + strings.Repeat(")", maxNesting), strings.Repeat("(", maxNesting+1) + "cut" + strings.Repeat(")", maxNesting+1),
			"1:33: nested deeper than 32 levels",
		},
		"nodes": { // n terms and the n-1 ands between them
			"cut" + strings.Repeat(" && cut", maxNodes/2-1), "cut" + strings.Repeat(" && cut", maxNodes/2),
			"1:1: is too long: more than 2000 words and signs",
		},
	} {
		if _, problems := e.Compile(tc.at); problems != nil {
			t.Errorf("%s, at the limit: %v", name, problems)
		}
		if _, problems := e.Compile(tc.past); len(problems) != 1 || problems[0].Error() != tc.want {
			t.Errorf("%s, past the limit: %v, want %s", name, problems, tc.want)
		}
	}
	if _, problems := e.Compile(strings.Repeat("xx && ", maxProblems+1) + "cut"); len(problems) != maxProblems {
		t.Errorf("%d problems told", len(problems))
	}
	for _, expr := range []string{ // brackets in texts are none
		`message.subject == "` + strings.Repeat("(", 40) + `"`,
		`message.subject == '\'` + strings.Repeat("[", 40) + `'`,
	} {
		compile(t, e, expr)
	}
	for _, expr := range []string{strings.Repeat("cut ? cut : ", 500) + "cut", "message" + strings.Repeat(".x", 2000), strings.Repeat("1 + ", 1500) + "1 == 1"} {
		if _, problems := e.Compile(expr); len(problems) != 1 || !strings.Contains(problems[0].Message, "chained or nested too deep") {
			t.Errorf("%.20s: %v", expr, problems)
		}
	}
	for n, good := range map[int]bool{19: true, 20: false} { // of about a hundred instructions each
		_, problems := e.Compile(`message.subject.matches("` + strings.Repeat("(a{100})", n) + `")`)
		if good != (problems == nil) || !good && !strings.Contains(problems[0].Message, "the pattern is too large") {
			t.Errorf("%d parts: %v", n, problems)
		}
	}
}

// TestCost: what could cost too much is refused with its estimate.
func TestCost(t *testing.T) {
	e := environment(t)
	const two = `links.exists(l, links.exists(m, l.url == m.url))`
	want := "1:1: costs up to 4321202, for the largest messages; a rule may cost 1000000" + cheaper
	if _, problems := e.Compile(two); len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("%v", problems)
	}
	for _, expr := range []string{
		`links.exists(l, links.exists(m, links.exists(n, n.host == m.host && l.host == m.host)))`,
		`links.map(l, l.url + l.url).exists(u, links.exists(l, l.url + u == "x"))`,
		strings.Repeat("fold(", 30) + "message.subject" + strings.Repeat(")", 30) + ` == ""`,
		strings.Repeat(`links.exists(l, `, 20) + "cut" + strings.Repeat(")", 20),
	} {
		if _, problems := e.Compile(expr); len(problems) != 1 || !strings.Contains(problems[0].Message, "a rule may cost 1000000") {
			t.Errorf("%s: %v", expr, problems)
		}
	}
	// The limit itself: an environment that allows just what a rule costs, and one
	// that allows one less.
	const one = `links.exists(l, l.kind == "qr")`
	estimate := compile(t, e, one).Estimate()
	for limit, good := range map[uint64]bool{estimate: true, estimate - 1: false} {
		e, err := newEnv(limits{cost: limit, costOfAll: limit, time: maxTime})
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := e.Compile(one); (problems == nil) != good {
			t.Errorf("limit %d, estimate %d: %v", limit, estimate, problems)
		}
	}
}

// TestCompiledOnce: the same text is one program.
func TestCompiledOnce(t *testing.T) {
	e := environment(t)
	a, b := compile(t, e, "cut"), compile(t, e, "cut")
	if a != b || e.Len() != 1 {
		t.Errorf("%d compiled", e.Len())
	}
}

// TestTogether: an environment and its programs are for any number of goroutines.
func TestTogether(t *testing.T) {
	e := environment(t)
	facts := letter()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			a := e.Activate(facts, findings())
			for _, x := range Examples() {
				p, problems := e.Compile(x.When)
				if problems != nil {
					t.Error(problems)
					return
				}
				if is, err := p.Eval(t.Context(), a); err != nil || !is {
					t.Errorf("%s: %t, %v", x.When, is, err)
				}
				e.Compile("mesage." + x.When)
			}
		})
	}
	wait.Wait()
}
