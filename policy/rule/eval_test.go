package rule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// TestExamples: each example compiles, and is true or false of the letter as its
// text says.
func TestExamples(t *testing.T) {
	e := environment(t)
	a := e.Activate(letter(), findings())
	for _, x := range Examples() {
		is, err := compile(t, e, x.When).Eval(t.Context(), a)
		if err != nil || !is {
			t.Errorf("%s: %t, %v", x.When, is, err)
		}
	}
	want := map[string]bool{"size": false, "contains": true, "startsWith": true, "endsWith": true, "matches": false, "string": false, "has": false,
		"exists": true, "exists_one": false, "all": false, "filter": false, "map": false, "lower": false, "fold": true, "org": false, "under": false,
		"within": true}
	for _, f := range Functions() {
		is, err := compile(t, e, f.Example).Eval(t.Context(), a)
		if w, known := want[f.Name]; err != nil || is != w || !known {
			t.Errorf("%s: %t, %v", f.Example, is, err)
		}
	}
}

// TestEval: what rules say of the letter.
func TestEval(t *testing.T) {
	e := environment(t)
	a := e.Activate(letter(), findings())
	for expr, want := range map[string]bool{
		`"lure" in finding.names && finding.all[0].brand == "amazon"`:                    true,
		`finding.all.exists(f, f.why.contains("重要"))`:                                    true,
		`"no-auth" in finding.names`:                                                     false,
		`message.from[0].name.fold() == fold("ｱﾏｿﾞﾝ")`:                                   true,
		`org("www.city.kyoto.jp") == "city.kyoto.jp" && org("a b") == ""`:                true,
		`"WWW.例え.jp".under("例え.JP") && "xn--r8jz45g.jp".under("例え.jp")`:                  true,
		`"notexample.jp".under("example.jp") || "example.jp".under("a.example.jp")`:      false,
		`"".under("example.jp") || "203.0.113.5".under("example.jp")`:                    false,
		`"::ffff:192.0.2.7".within("192.0.2.0/24") && !"".within("192.0.2.0/24")`:        true,
		`"2001:db8::1".within("2001:db8::/32") && "2001:db9::1".within("2001:db8::/32")`: false,
		`lower("ÜBER") == "über" && "ÜBER".lower().size() == 4`:                          true,
		`message.attachments.exists(x, x.name.endsWith(".exe"))`:                         true,
		`links.exists(l, l.host.matches("^[0-9.]+$"))`:                                   true,
		`has(message.list) || has(message.sender) || has(message.bulk)`:                  false,
		`has(proof.spf) && has(message.subject) && !has(message.bulk)`:                   true,
		`proof.dkim[0].bits < 2048 && proof.identities[0].strength == "dkim-weak"`:       true,
		`envelope.recipients >= 10 && message.received % 2 == 0`:                         true,
		`(message.forms > 0 ? "form" : "none") == "form"`:                                true,
		`links.map(l, l.org).filter(o, o != proof.from_org).size() == 1`:                 true,
		`["a", "b"] + ["c"] == ["a", "b", "c"]`:                                          true,
		`cut`:                                                                            false,
	} {
		if is, err := compile(t, e, expr).Eval(t.Context(), a); err != nil || is != want {
			t.Errorf("%s: %t, %v", expr, is, err)
		}
	}
}

// TestNothingKnown: rules run on facts of which nobody looked at anything.
func TestNothingKnown(t *testing.T) {
	e := environment(t)
	a := e.Activate(&fact.Facts{}, nil)
	for _, f := range Functions() {
		if _, err := compile(t, e, f.Example).Eval(t.Context(), a); err != nil {
			t.Errorf("%s: %v", f.Example, err)
		}
	}
}

// TestFailures: a rule that fails says how, and nothing else breaks.
func TestFailures(t *testing.T) {
	e := environment(t)
	a := e.Activate(letter(), nil)
	for expr, want := range map[string]string{
		`message.sender[0].name == ""`:               "rule failed: index out of bounds: 0",
		`1 / (message.forms - 1) == 1`:               "rule failed: division by zero",
		`9223372036854775807 + message.received > 0`: "rule failed: integer overflow",
		`within(envelope.client, message.list)`:      `rule failed: "" is no network`,
	} {
		is, err := compile(t, e, expr).Eval(t.Context(), a)
		if is || !errors.Is(err, ErrEval) || err.Error() != want {
			t.Errorf("%s: %t, %v, want %s", expr, is, err, want)
		}
	}
	if is, err := compile(t, e, "cut").Eval(t.Context(), &Activation{}); is || !errors.Is(err, ErrEval) {
		t.Errorf("a panic: %t, %v", is, err)
	}
}

// TestRuntimeCost: facts larger than package fact makes them, as a record of
// another program could be, do not make a rule costly.
func TestRuntimeCost(t *testing.T) {
	e := environment(t)
	f := letter()
	f.Links = make([]fact.Link, 200_000)
	p := compile(t, e, `links.exists(l, l.kind == "qr" && l.host == "x")`)
	if is, err := p.Eval(t.Context(), e.Activate(f, nil)); is || !errors.Is(err, ErrLimit) || err.Error() != "rule stopped at a limit: its cost" {
		t.Errorf("%t, %v", is, err)
	}
}

// TestInterrupt: a rule ends with the context and with the time of all rules. The
// nested loops would run for hours.
func TestInterrupt(t *testing.T) {
	f := letter()
	f.Links = make([]fact.Link, 200_000)
	for limit, want := range map[time.Duration]string{
		time.Hour:             "rule stopped at a limit: context canceled",
		20 * time.Millisecond: "rule stopped at a limit: 20ms for all rules of the policy",
	} {
		e, err := newEnv(limits{cost: 1 << 60, costOfAll: 1 << 60, time: limit})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if limit == time.Hour {
			time.AfterFunc(20*time.Millisecond, cancel)
		}
		p := compile(t, e, `links.exists(l, links.exists(m, l.url != m.url))`)
		if is, err := p.Eval(ctx, e.Activate(f, nil)); is || !errors.Is(err, ErrLimit) || err.Error() != want {
			t.Errorf("%t, %v, want %s", is, err, want)
		}
	}
	e := environment(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if is, err := compile(t, e, "!cut").Eval(ctx, e.Activate(f, nil)); is || !errors.Is(err, ErrLimit) {
		t.Errorf("%t, %v", is, err)
	}
}

// TestEstimateHolds: no message makes a rule cost more than was estimated: what
// passes at load cannot be switched off by whoever writes the message.
func TestEstimateHolds(t *testing.T) {
	e := environment(t)
	rules := []string{
		`fold(message.subject).contains("zz") || message.from.exists(m, fold(m.name) == fold(m.address))`,
		`links.exists(l, l.url.matches("y+z?[a-c]{2,9}"))`,
		`links.map(l, l.url).exists(u, u.contains("yyyyyyyyyyyyyyyyy"))`,
		`links.filter(l, l.host.under("example")).exists(l, org(l.host) == "x")`,
		`links.exists(l, claim.brands.exists(b, b == l.org))`,
		`message.from.exists(m, links.exists(l, l.host == m.domain))`,
		`claim.all.exists(c, lower(c.seen) + c.folded == "x")`,
		`message.reply_to.map(m, m.name + m.address).exists(x, x.size() > 5000)`,
		`links.map(l, l.host) + claim.brands == ["x"] || "x" in links.map(l, l.org)`,
		`links.exists_one(l, l.kind == "qr") && links.all(l, l.kind != "form")`,
	}
	for _, x := range Examples() {
		rules = append(rules, x.When)
	}
	for _, f := range Functions() {
		rules = append(rules, f.Example)
	}
	for name, facts := range map[string]*fact.Facts{"largest": largest(), "letter": letter(), "nothing": {}} {
		for _, expr := range rules {
			p := compile(t, e, expr)
			r, err := newRun(t.Context(), e.Activate(facts, findings()), e.limit)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.eval(p); err != nil {
				t.Errorf("%s, %s: %v", name, expr, err)
			}
			if r.spent > p.Estimate() {
				t.Errorf("%s, %s: costs %d, estimated %d", name, expr, r.spent, p.Estimate())
			}
			r.close()
		}
	}
}

// TestMemory: a message has so many texts remembered, and no more.
func TestMemory(t *testing.T) {
	e := environment(t)
	f := letter()
	f.Links = make([]fact.Link, maxFolded+1)
	for i := range f.Links {
		f.Links[i].Host = fmt.Sprintf("h%d.example", i)
	}
	a := e.Activate(f, nil)
	if _, err := compile(t, e, `links.exists(l, org(l.host) == "x")`).Eval(t.Context(), a); err != nil || len(a.owners) != maxFolded {
		t.Errorf("%d remembered, %v", len(a.owners), err)
	}
}

// FuzzCompile: no expression makes the compiler or a rule panic, and what compiles
// keeps to the limits.
func FuzzCompile(f *testing.F) {
	e, err := NewEnv()
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range Examples() {
		f.Add(x.When)
	}
	for _, x := range Functions() {
		f.Add(x.Example)
	}
	f.Add(`links.exists(l, l.hst == "x") || 'abc`)
	big := largest()
	f.Fuzz(func(t *testing.T, expr string) {
		p, problems := e.compile(expr)
		if (p == nil) == (problems == nil) {
			t.Fatalf("%v %v", p, problems)
		}
		for _, problem := range problems {
			if problem.Line < 1 || problem.Column < 1 || problem.Offset < 0 || problem.Offset > len(expr) || strings.Contains(problem.Message, "runtime error") {
				t.Fatalf("%q: %v", expr, problem)
			}
		}
		if p == nil {
			return
		}
		r, err := newRun(t.Context(), e.Activate(big, findings()), e.limit)
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		if _, err := r.eval(p); err != nil && !errors.Is(err, ErrEval) && !errors.Is(err, ErrLimit) || err != nil && strings.Contains(err.Error(), "internal error") {
			t.Fatalf("%q: %v", expr, err)
		}
		if r.spent > p.Estimate() {
			t.Fatalf("%q: costs %d, estimated %d", expr, r.spent, p.Estimate())
		}
	})
}

// BenchmarkRules: a policy's rules for one message, with a fresh activation.
func BenchmarkRules(b *testing.B) {
	e := environment(b)
	var texts []string
	for i := 0; len(texts) < 300; i++ {
		for _, x := range Examples() {
			texts = append(texts, fmt.Sprintf("(%s) && message.size != %d", x.When, i))
		}
		for _, f := range Functions() {
			texts = append(texts, fmt.Sprintf("(%s) && message.size != %d", f.Example, i))
		}
	}
	for _, n := range []int{1, 30, 300} {
		rules := Rules{env: e}
		for i := range n {
			rules.list = append(rules.list, &Rule{Name: fmt.Sprintf("r%03d", i), When: compile(b, e, texts[i]), Points: 1})
		}
		for name, facts := range map[string]*fact.Facts{"letter": letter(), "largest": largest()} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				before := cpu(b)
				for b.Loop() {
					rules.Eval(b.Context(), e.Activate(facts, findings()), func(name string, err error) { b.Fatal(name, err) })
				}
				b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

// cpu is the time that the process has used so far, on a machine that others use
// too.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCompile: an expression that was not compiled before.
func BenchmarkCompile(b *testing.B) {
	e := environment(b)
	for b.Loop() {
		if _, problems := e.compile(`claim.brands.exists(b, b == "apple") && message.subject.contains("ギフト")`); problems != nil {
			b.Fatal(problems)
		}
	}
}

// BenchmarkCostliest: the slowest rules that are let through, on the largest facts:
// what a unit of cost is worth.
func BenchmarkCostliest(b *testing.B) {
	e, err := newEnv(limits{cost: 1 << 40, costOfAll: 1 << 60, time: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	facts := largest()
	a := e.Activate(facts, []finding.Finding{})
	for name, expr := range map[string]string{
		"pattern, large":   `links.exists(l, l.url.matches("(x?){20}y"))`,
		"pattern, small":   `links.exists(l, l.url.matches("x[0-9]$"))`,
		"pattern, words":   `links.exists(l, l.url.matches("login|verify|account|secure|update|confirm|y$"))`,
		"pattern, one way": `links.exists(l, l.url.matches("^x*[0-9]{4}$"))`,
		"loops":            `claim.all.exists(c, links.exists(l, l.kind == "qr" && c.brand == "x"))`,
		"fold":             `links.exists(l, fold(l.url) == "x")`,
		"texts":            `message.from.exists(m, links.exists(l, l.host == m.domain))`,
		"makes":            `links.map(l, links.filter(m, m.kind == "qr").size()).exists(n, n == 1)`,
	} {
		p, problems := e.Compile(expr)
		if problems != nil {
			b.Log(name, problems)
			continue
		}
		b.Run(name, func(b *testing.B) {
			var spent uint64
			before := cpu(b)
			for b.Loop() {
				r, err := newRun(b.Context(), a, e.limit)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.eval(p); err != nil {
					b.Fatal(err)
				}
				spent = r.spent
				r.close()
			}
			b.ReportMetric(float64(spent), "cost/op")
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N)/float64(spent), "cpu-ns/cost")
		})
	}
}
