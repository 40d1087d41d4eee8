package authres

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sekisho/filter/mail"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		name    string
		id      string
		results []Result
		want    string
	}{
		{"nothing", "mx.example.org", nil, "mx.example.org; none"},
		{"several", "mx.example.org", []Result{
			{Method: "spf", Value: "pass", Properties: []Property{{"smtp", "mailfrom", "a@example.com"}}},
			{Method: "dkim", Value: "pass", Comment: "2048-bit key", Properties: []Property{
				{"header", "d", "example.com"}, {"header", "i", "@example.com"}, {"header", "s", "s1"}, {"header", "a", "rsa-sha256"}, {"header", "b", "ab/cd+ef"},
			}},
			{Method: "dmarc", Value: "fail", Reason: "nothing aligned", Properties: []Property{{"header", "from", "example.com"}, {"policy", "dmarc", "reject"}}},
		}, "mx.example.org;\r\n" +
			"\tspf=pass smtp.mailfrom=a@example.com;\r\n" +
			"\tdkim=pass (2048-bit key) header.d=example.com header.i=@example.com\r\n" +
			"\theader.s=s1 header.a=rsa-sha256 header.b=\"ab/cd+ef\";\r\n" +
			"\tdmarc=fail reason=\"nothing aligned\" header.from=example.com\r\n" +
			"\tpolicy.dmarc=reject"},
		{"line ends and semicolons", "mx.example.org", []Result{
			{Method: "spf", Value: "fail", Reason: "a\r\nX-Evil: 1; dkim=pass", Comment: "b) dkim=pass (\r\n", Properties: []Property{{"smtp", "mailfrom", "\"; dkim=pass\x00\\"}}},
		}, "mx.example.org;\r\n" +
			"\tspf=fail (b\\) dkim=pass \\(??) reason=\"a??X-Evil: 1; dkim=pass\"\r\n" +
			"\tsmtp.mailfrom=\"\\\"; dkim=pass?\\\\\""},
		{"names that are no keywords", "mx", []Result{{Method: "a b", Value: "pass"}, {Method: "x", Value: "pass", Properties: []Property{{"a=b", "c", "d"}, {"a", "c;", "d"}}}},
			"mx;\r\n\tx=pass"},
		{"address literal", "mx", []Result{{Method: "iprev", Value: "pass", Properties: []Property{{"policy", "iprev", "2001:db8::1"}}}},
			"mx;\r\n\tiprev=pass policy.iprev=\"2001:db8::1\""},
		{"empty value", "mx", []Result{{Method: "spf", Value: "none", Properties: []Property{{"smtp", "helo", ""}}}}, "mx;\r\n\tspf=none smtp.helo=\"\""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Format(test.id, test.results)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, value string
		want        Field
	}{
		{"no results", "example.org; none", Field{ID: "example.org"}},
		{"id only", " example.org", Field{ID: "example.org"}},
		{"version and comments", " (a(b)c) \"mx.example.org\" 1 (x); (y) spf = pass", Field{ID: "mx.example.org", Version: "1", Results: []Result{{Method: "spf", Value: "pass"}}}},
		{"Microsoft", "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=gmail.com; dkim=none (message not signed)\r\n header.d=none;dmarc=pass action=none header.from=gmail.com;compauth=pass\r\n reason=100",
			Field{Results: []Result{
				{Method: "spf", Value: "pass", Comment: "sender IP is 192.0.2.1", Properties: []Property{{"smtp", "mailfrom", "gmail.com"}}},
				{Method: "dkim", Value: "none", Comment: "message not signed", Properties: []Property{{"header", "d", "none"}}},
				{Method: "dmarc", Value: "pass", Properties: []Property{{"", "action", "none"}, {"header", "from", "gmail.com"}}},
				{Method: "compauth", Value: "pass", Reason: "100"},
			}}},
		{"Microsoft, with the receiving domain", "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=gmail.com; example.jp; dkim=none (message not signed)\r\n header.d=none;example.jp; dmarc=pass action=none header.from=gmail.com;",
			Field{Results: []Result{
				{Method: "spf", Value: "pass", Comment: "sender IP is 192.0.2.1", Properties: []Property{{"smtp", "mailfrom", "gmail.com"}}},
				{Method: "dkim", Value: "none", Comment: "message not signed", Properties: []Property{{"header", "d", "none"}}},
				{Method: "dmarc", Value: "pass", Properties: []Property{{"", "action", "none"}, {"header", "from", "gmail.com"}}},
			}}},
		{"semicolon in quotes and comment", `mx; spf=fail (a; b) reason="c; dkim=pass" smtp.mailfrom="x y"@example.org`,
			Field{ID: "mx", Results: []Result{{Method: "spf", Value: "fail", Comment: "a; b", Reason: "c; dkim=pass", Properties: []Property{{"smtp", "mailfrom", "x y@example.org"}}}}}},
		{"comment without a space", "mx;dmarc=pass(p=REJECT) header.from=a.example;", Field{ID: "mx", Results: []Result{
			{Method: "dmarc", Value: "pass", Comment: "p=REJECT", Properties: []Property{{"header", "from", "a.example"}}}}}},
		{"method version", "mx; DKIM/1=PASS header.b=ab/cd==", Field{ID: "mx", Results: []Result{
			{Method: "dkim", Value: "pass", Properties: []Property{{"header", "b", "ab/cd=="}}}}}},
		{"escapes", `mx; x=pass (a\)b\\) header.i="a\"b\\"`, Field{ID: "mx", Results: []Result{
			{Method: "x", Value: "pass", Comment: `a)b\`, Properties: []Property{{"header", "i", `a"b\`}}}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	deep := func(n int) string { return "mx; x=y " + strings.Repeat("(", n) + strings.Repeat(")", n) }
	results := func(n int) string { return "mx" + strings.Repeat("; x=y", n) }
	properties := func(n int) string { return "mx; x=y" + strings.Repeat(" a.b=c", n) }
	padded := func(n int) string { return "mx;" + strings.Repeat(" ", n-3) }
	tests := []struct {
		name, value string
		ok          bool
	}{
		{"empty", "", false},
		{"blank", " \r\n\t", false},
		{"open comment", "mx; spf=pass (", false},
		{"open quote", `mx; spf=pass smtp.mailfrom="a`, false},
		{"backslash at the end", `mx; spf=pass smtp.mailfrom="a\`, false},
		{"no method", "mx; =pass", false},
		{"no result", "mx; spf=", false},
		{"word alone", "mx; spf=pass word", false},
		{"domain alone, with an id", "mx; spf=pass; example.jp; dkim=none", false},
		{"word alone, without an id", "spf=pass; word; dkim=none", false},
		{"three words before the semicolon", "mx 1 2; spf=pass", false},
		{"nesting at the limit", deep(MaxNesting), true},
		{"nesting past it", deep(MaxNesting + 1), false},
		{"results at the limit", results(MaxResults), true},
		{"results past it", results(MaxResults + 1), false},
		{"properties at the limit", properties(MaxProperties), true},
		{"properties past it", properties(MaxProperties + 1), false},
		{"length at the limit", padded(MaxValueBytes), true},
		{"length past it", padded(MaxValueBytes + 1), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse(test.value); (err == nil) != test.ok {
				t.Errorf("error %v, want ok %v", err, test.ok)
			}
		})
	}
}

func TestOwn(t *testing.T) {
	const id = "mx.example.org"
	tests := []struct {
		name, field string
		want        bool
	}{
		{"plain", "Authentication-Results: mx.example.org; spf=pass", true},
		{"case", "AUTHENTICATION-results: MX.Example.ORG; spf=pass", true},
		{"space before the colon", "Authentication-Results : mx.example.org; spf=pass", true},
		{"quotes", `Authentication-Results: "mx.example.org"; spf=pass`, true},
		{"escapes", `Authentication-Results: "mx\.example.org"; spf=pass`, true},
		{"comment and folding", "Authentication-Results: (a\r\n (b))\r\n\tmx.example.org(c) 1; spf=pass", true},
		{"final dot", "Authentication-Results: mx.example.org.; spf=pass", true},
		{"old version", "Authentication-Results: mx.example.org/1; spf=pass", true},
		{"not a proper field", "Authentication-Results: mx.example.org spf pass what (", true},
		{"comment without end", "Authentication-Results: (mx.example.org; spf=pass", true},
		{"id as method", "Authentication-Results: mx.example.org=pass", true},
		{"longer", "Authentication-Results: mx.example.org.evil.example; spf=pass", false},
		{"shorter", "Authentication-Results: example.org; spf=pass", false},
		{"inside", "Authentication-Results: other; spf=pass smtp.mailfrom=mx.example.org", false},
		{"no id", "Authentication-Results: spf=pass smtp.mailfrom=a@mx.example.org", false},
		{"other field", "X-Authentication-Results: mx.example.org; spf=pass", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			foreign := field("Authentication-Results: foreign.example; none")
			got := Own(mail.Header{field("From: a@b"), foreign, field(test.field), foreign}, id)
			var want []int
			if test.want {
				want = []int{2}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func field(line string) mail.Field {
	name, _, _ := strings.Cut(line, ":")
	return mail.Field{Name: name, Raw: []byte(line + "\r\n")}
}

// FuzzFormat holds that what Format writes is safe and read back as it was
// meant: no bare line end, no control, and the same results.
func FuzzFormat(f *testing.F) {
	f.Add("mx.example.org", "spf", "pass", "because", "note", "smtp", "mailfrom", "a@example.org")
	f.Add("a b", "dkim", "fail", "\"; x=y\r\n", ")(\\", "header", "b", "ab/cd=")
	f.Add("", "x", "y", "", "", "", "action", "")
	f.Fuzz(func(t *testing.T, id, method, value, reason, comment, ptype, name, text string) {
		in := []Result{
			{Method: method, Value: value, Reason: reason, Comment: comment, Properties: []Property{{ptype, name, text}, {"x", "y", text}}},
			{Method: "last", Value: "pass"},
		}
		out := Format(id, in)
		for line := range strings.SplitSeq(strings.ReplaceAll(out, "\r\n\t", "\n"), "\n") {
			if len(line) > 998 {
				t.Fatalf("line of %d bytes", len(line))
			}
			for _, r := range line {
				if r < ' ' || r == 0x7f {
					t.Fatalf("control %q in %q", r, out)
				}
			}
		}
		got, err := Parse(out)
		if err != nil {
			if clean(id) == "" {
				return // nobody has an empty name
			}
			t.Fatalf("%q: %v", out, err)
		}
		want := Field{ID: clean(id)}
		if keyword(method) != "" && keyword(value) != "" {
			r := Result{Method: keyword(method), Value: keyword(value), Reason: clean(reason), Comment: clean(comment)}
			if p := (Property{keyword(ptype), keyword(name), clean(text)}); p.Name != "" && (ptype == "" || p.Type != "") {
				if p.Type == "" && p.Name == "reason" && r.Reason == "" {
					return // a reason by another name
				}
				r.Properties = append(r.Properties, p)
			}
			r.Properties = append(r.Properties, Property{"x", "y", clean(text)})
			want.Results = append(want.Results, r)
		}
		want.Results = append(want.Results, Result{Method: "last", Value: "pass"})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-want +got)\n%s", out, diff)
		}
		h := mail.Header{field(FieldName + ": " + out)}
		if len(Own(h, clean(id))) != 1 {
			t.Fatalf("%q does not bear %q", out, id)
		}
	})
}

// FuzzParse holds that a field which Parse takes can be written again.
func FuzzParse(f *testing.F) {
	f.Add("mx; spf=pass (a (b)) reason=\"c;\" smtp.mailfrom=\"x y\"@z; none; dkim=fail")
	f.Add("spf=pass smtp.mailfrom=a;dkim=none")
	f.Fuzz(func(t *testing.T, value string) {
		got, err := Parse(value)
		if err != nil {
			return
		}
		again, err := Parse(Format("id", got.Results))
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		if len(again.Results) != len(got.Results) {
			t.Fatalf("%q: %d results, then %d", value, len(got.Results), len(again.Results))
		}
		for i := range got.Results {
			if a, b := got.Results[i], again.Results[i]; a.Method != b.Method || a.Value != b.Value {
				t.Fatalf("%q: %v, then %v", value, a, b)
			}
		}
	})
}

// TestOwnOddSpellings: a field that a careless reader could take for ours is
// ours to remove; one that only mentions us further down is not.
func TestOwnOddSpellings(t *testing.T) {
	const id = "mx.kaisha.test"
	ours := []string{
		"mx.kaisha.test; none", " MX.Kaisha.Test 1; none", "; mx.kaisha.test; spf=pass", ",mx.kaisha.test; spf=pass",
		`"" mx.kaisha.test; spf=pass`, `\mx.kaisha.test; spf=pass`, `"mx.kaisha.test "; spf=pass`, "mx.kaisha.test\v; spf=pass",
		"\u00a0mx.kaisha.test; spf=pass", "\u200bmx.kaisha.test; spf=pass", "ｍｘ.kaisha.test; spf=pass", "<mx.kaisha.test>; spf=pass",
		"'mx.kaisha.test'; spf=pass", "1 mx.kaisha.test; spf=pass", "mx.kaisha.test:25; spf=pass", "mx.kaisha.test, spf=pass",
		"mx.(a)kaisha.test; spf=pass", "mx(a(b)).kaisha . test; spf=pass", "mx.\r\n\tkaisha.test; spf=pass", "mx。kaisha｡test; spf=pass",
		"mx.kaisha.test\xa0; spf=pass",
	}
	others := []string{
		"mx.other.test; none", "notmx.kaisha.test; none", "mx.kaisha.test.evil.example; none",
		"mx.other.test; spf=pass (by mx.kaisha.test) smtp.helo=mx.kaisha.test", "kaisha.test; none",
		"mx (a) kaisha.test; none", "mx.kaisha.(a)test.evil.example; none",
	}
	field := func(value string) mail.Header {
		return mail.Header{{Name: FieldName, Raw: []byte(FieldName + ":" + value + "\r\n")}}
	}
	for _, value := range ours {
		if len(Own(field(value), id)) != 1 {
			t.Errorf("%q stays", value)
		}
	}
	for _, value := range others {
		if len(Own(field(value), id)) != 0 {
			t.Errorf("%q goes", value)
		}
	}
}
