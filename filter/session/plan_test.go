package session

import (
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"

	"sekisho/filter/act"
	"sekisho/filter/wire/wiretest"
)

// TestPlans: each kind of plan as the MTA gets it. What does not go on is not
// edited.
func TestPlans(t *testing.T) {
	insert := act.Edit{Op: act.Insert, Index: 1, Name: "X-Sekisho-Verdict", Value: "tag;\r\n\tpoints=5"}
	const putOff = "451 4.3.0 Message check failed, try again later"
	for _, tt := range []struct {
		name string
		plan act.Plan
		want wiretest.Reply
		why  obstacle
	}{
		{"deliver", deliver, wiretest.Reply{Code: milter.ActContinue}, ""},
		{"edit", act.Plan{Reply: act.Continue, Hold: "100% phish\r\n", DeleteRecipients: []string{"b@example.org"}, Edits: []act.Edit{
			{Op: act.Delete, Index: 2, Name: "Authentication-Results"},
			{Op: act.Change, Index: 1, Name: "Subject", Value: "[!] a"},
			insert,
		}}, wiretest.Reply{Code: milter.ActContinue, Edits: []wiretest.Edit{
			{Code: milter.ActChangeHeader, Index: 2, Name: "Authentication-Results"},
			{Code: milter.ActChangeHeader, Index: 1, Name: "Subject", Value: " [!] a"},
			{Code: milter.ActInsertHeader, Index: 1, Name: "X-Sekisho-Verdict", Value: " tag;\n\tpoints=5"},
			{Code: milter.ActDelRcpt, Name: "<b@example.org>"},
			{Code: milter.ActQuarantine, Name: "100% phish"},
		}}, ""},
		{"reject", act.Plan{Reply: act.Reject, Edits: []act.Edit{insert}, Hold: "x",
			Status: act.Status{Code: 550, Enhanced: "5.7.26", Text: "100% unauthenticated"}},
			wiretest.Reply{Code: milter.ActReplyCode, Text: "550 5.7.26 100%% unauthenticated"}, ""},
		{"tempfail", act.Plan{Reply: act.Tempfail, Status: act.Status{Code: 451, Enhanced: "4.4.3", Text: "DNS"}},
			wiretest.Reply{Code: milter.ActReplyCode, Text: "451 4.4.3 DNS"}, ""},
		{"tempfail without status", act.Plan{Reply: act.Tempfail}, wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, ""},
		{"discard", act.Plan{Reply: act.Discard, DeleteRecipients: []string{"a@example.org"}}, wiretest.Reply{Code: milter.ActDiscard}, ""},
		{"nobody decided", act.Plan{}, wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, noReply},
		{"edits without reply", act.Plan{Edits: []act.Edit{insert}}, wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, noReply},
		{"unknown reply", act.Plan{Reply: "accept"}, wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, noReply},
		{"not a recipient", act.Plan{Reply: act.Continue, DeleteRecipients: []string{"c@example.org"}},
			wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, noRecipient},
		{"header injection", act.Plan{Reply: act.Continue, Edits: []act.Edit{insert, {Op: act.Insert, Name: "X", Value: "a\r\nBcc: b"}}},
			wiretest.Reply{Code: milter.ActReplyCode, Text: putOff}, badEdit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, reg := serve(t, Options{Judge: &bench{plan: tt.plan}})
			r, err := open(t, path).Send(wiretest.Message{To: []string{"a@example.org", "b@example.org"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r); diff != "" {
				t.Error(diff)
			}
			for _, why := range obstacles() {
				want := 0.0
				if why == tt.why {
					want = 1
				}
				if got := value(t, reg, "sekisho_session_plans_refused_total", string(why)); got != want {
					t.Errorf("%s counted %v", why, got)
				}
			}
		})
	}
}

// TestPlanNotAgreed: an MTA that cannot put on hold.
func TestPlanNotAgreed(t *testing.T) {
	path, reg := serve(t, Options{Judge: &bench{plan: act.Plan{Reply: act.Continue, Hold: "phish"}}})
	offer := wiretest.Postfix()
	offer.Actions &^= milter.OptQuarantine
	c := dial(t, path, offer)
	_ = c.Open(wiretest.Message{})
	r, err := c.Send(wiretest.Message{})
	if err != nil || !strings.HasPrefix(r.Text, "451 4.3.0 ") || len(r.Edits) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if n := value(t, reg, "sekisho_session_plans_refused_total", string(notAgreed)); n != 1 {
		t.Errorf("counted %v", n)
	}
}

func TestSoundEdit(t *testing.T) {
	for _, tt := range []struct {
		edit act.Edit
		want bool
	}{
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\r\n b\r\n\tc 楽"}, true},
		{act.Edit{Op: act.Insert, Name: "X", Value: ""}, true},
		{act.Edit{Op: act.Insert, Name: "X", Value: strings.Repeat("v", maxEditBytes)}, true},
		{act.Edit{Op: act.Insert, Name: "X", Value: strings.Repeat("v", maxEditBytes+1)}, false},
		{act.Edit{Op: act.Insert, Name: "X", Index: maxHeaderIndex}, true},
		{act.Edit{Op: act.Insert, Name: "X", Index: maxHeaderIndex + 1}, false},
		{act.Edit{Op: act.Insert, Name: "X", Index: -1}, false},
		{act.Edit{Op: act.Insert, Name: "", Value: "a"}, false},
		{act.Edit{Op: act.Insert, Name: "X:", Value: "a"}, false},
		{act.Edit{Op: act.Insert, Name: "X Y", Value: "a"}, false},
		{act.Edit{Op: act.Insert, Name: "X\r\nY", Value: "a"}, false},
		{act.Edit{Op: act.Insert, Name: "楽", Value: "a"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\nb"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\n b"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\r\n"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\r b"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\x00b"}, false},
		{act.Edit{Op: act.Insert, Name: "X", Value: "a\x7fb"}, false},
		{act.Edit{Op: act.Change, Name: "X", Index: 1, Value: "a"}, true},
		{act.Edit{Op: act.Change, Name: "X", Index: 0, Value: "a"}, false},
		{act.Edit{Op: act.Change, Name: "X", Index: 1, Value: ""}, false},
		{act.Edit{Op: act.Delete, Name: "X", Index: 1}, true},
		{act.Edit{Op: act.Delete, Name: "X", Index: 0}, false},
		{act.Edit{Op: "move", Name: "X", Index: 1}, false},
		{act.Edit{}, false},
	} {
		if got := soundEdit(tt.edit); got != tt.want {
			t.Errorf("%.60v: %v", tt.edit, got)
		}
	}
}
