package session

import (
	"testing"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"
)

// TestForwardPaths: a recipient is the address that the command tells, without its
// source route; where that is none, what the MTA made of it.
func TestForwardPaths(t *testing.T) {
	judge := &bench{plan: deliver}
	path, _ := serve(t, Options{Judge: judge})
	c := open(t, path)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Mail("<a@example.com>"))
	var want []string
	for _, r := range []struct{ path, resolved, want string }{
		{"<B@Example.org>", "b@example.org", "B@Example.org"},
		{`<"b c"@example.org>`, "b c@example.org", `"b c"@example.org`},
		{"<postmaster>", "postmaster@mx.example.org", "postmaster"},
		{"<@relay.test,@b.test:b@example.org>", "b@example.org", "b@example.org"},
		{"<Group:b@example.org;>", "b@example.org", "b@example.org"},
		{"<<b@example.org>>", "b@example.org", "b@example.org"},
		{`<"b@example.org">`, "b@example.org", "b@example.org"},
		{"<b%example.org@[192.0.2.1]>", "b@example.org", "b@example.org"},
		{"<example.org!b>", "b@example.org", "b@example.org"},
		{`<"b@example.org"@mx.example.org>`, "b@example.org", "b@example.org"},
		{"<100%@example.org>", "100%@example.org", "100%@example.org"},
		{"<a%b@example.org>", "a%b", "a%b@example.org"}, // Sendmail names users of its own host alone
		{"<a%b@example.org>", "", "a%b@example.org"},
		{"<b@example.org,>", "b c@example.org", "b@example.org,"}, // not an address either
		{"<b@example.org;>", "", "b@example.org;"},                // and that of the one before is over
	} {
		if r.resolved != "" {
			must(c.Macros(milter.CodeRcpt, "{rcpt_addr}", r.resolved))
		}
		must(c.Rcpt(r.path))
		want = append(want, r.want)
	}
	must(c.EndOfHeader())
	_, err := c.End()
	must(err)
	if diff := cmp.Diff(want, judge.last(t).env.Recipients); diff != "" {
		t.Error(diff)
	}
}
