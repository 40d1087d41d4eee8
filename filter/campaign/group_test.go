package campaign_test

import (
	"slices"
	"testing"
	"time"
)

// TestGroups: messages with one claim are together, an incident is named, and the
// group seen last comes first, with its last message first.
func TestGroups(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	var traces []string
	for n, from := range []string{"a@st.mgu.ac.jp", "b@shop-b.test"} {
		traces = append(traces, s.deliver(fake(from, "evil.example", n), 1).Trace)
		s.now = s.now.Add(time.Minute)
	}
	all := s.Groups()
	if len(all) != 1 || all[0].Brand != "rakuten" || !slices.Equal(all[0].Traces, []string{traces[1], traces[0]}) ||
		!slices.Equal(all[0].Orgs, []string{"mgu.ac.jp", "shop-b.test"}) || all[0].Incident != "" || all[0].Links == "" {
		t.Errorf("%+v", all)
	}
	s.deliver(fake("c@c.example", "evil.example", 2), 1)
	if all = s.Groups(); len(all) != 1 || all[0].Incident != s.Incidents()[0].ID || len(all[0].Traces) != 3 {
		t.Errorf("%+v", all)
	}
}
