package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGreet(t *testing.T) {
	for _, tt := range []struct {
		name            string
		milters, admins []string
		want            string
	}{
		{"default", []string{"tcp:127.0.0.1:8895"}, []string{"tcp:127.0.0.1:9895"},
			"smtpd_milters = inet:127.0.0.1:8895\n    milter_default_action = tempfail\n\nMetrics: http://127.0.0.1:9895/metrics\n"},
		{"all addresses, no metrics", []string{"tcp:[::]:8895"}, nil,
			"smtpd_milters = inet:127.0.0.1:8895\n    milter_default_action = tempfail\n\n"},
		{"in the queue directory", []string{"unix:/var/spool/postfix/sekisho/m.sock"}, nil,
			"smtpd_milters = unix:sekisho/m.sock\n    milter_default_action = tempfail\n\n"},
		{"several", []string{"unix:/run/m.sock", "tcp:0.0.0.0:8895"}, nil,
			"smtpd_milters = unix:/run/m.sock\n    milter_default_action = tempfail\n\nAlso listening, in place of that one: inet:127.0.0.1:8895\n"},
	} {
		var b strings.Builder
		greet(&b, tt.milters, tt.admins)
		if diff := cmp.Diff("Add to Postfix (main.cf), then run: postfix reload\n\n    "+tt.want, b.String()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
