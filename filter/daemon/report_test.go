package daemon

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/fact"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/wire/wiretest"
)

// TestReport: a report that somebody asks for leaves past our own filter, which does
// not judge the phishing message in it, once; by the settings of the moment.
func TestReport(t *testing.T) {
	t.Parallel()
	sink := smtpsink.Start(t)
	h := prepare(t)
	h.set(fmt.Sprintf("quarantine: {release_to: \"%s\"}\n", sink.Addr))
	settings := h.read("sekisho.yaml")
	store, err := quarantine.Open(h.dir+"/var/quarantine", quarantine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := phish("hanako@kaisha.test")
	header, body, err := mail.ReadFile(strings.NewReader(string(m.Data)))
	if err != nil {
		t.Fatal(err)
	}
	const trace = "REPORTTRACE00001"
	id, err := store.Put(t.Context(), quarantine.Entry{
		Envelope: mail.Envelope{Sender: m.From, Client: netip.MustParseAddr("192.0.2.1")}, Header: header, Body: body, Brand: "rakuten", Trace: trace,
		Recipients: []quarantine.Recipient{{Address: "hanako@kaisha.test", Policy: "default", Verdict: "quarantine", Cause: "impersonation"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	set, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	j := journal.New(journal.Options{Dir: h.dir + "/var/journal", Keep: 24 * time.Hour, MaxBytes: 1 << 30, Persons: true})
	decided := journaltest.Decide(set.Set.Policies, nil, &fact.Facts{Proof: fact.Proof{
		Aligned: true, Identities: []fact.Identity{{Domain: "st.mgu.ac.jp", Org: "mgu.ac.jp", Method: "dkim", Aligned: true}},
	}}, time.Now(), "hanako@kaisha.test")
	decided.Trace = trace
	j.Record(decided)
	journaltest.Flush(j)

	sink.Answer(func(verb, arg string) string {
		if verb != "." {
			return ""
		}
		c, err := wiretest.Dial("tcp", h.milter)
		if err != nil {
			return "451 4.3.0 no filter"
		}
		defer c.Close()
		var reply wiretest.Reply
		if _, err = c.Negotiate(wiretest.Postfix()); err == nil {
			if err = c.Open(wiretest.Message{}); err == nil {
				reply, err = c.Send(wiretest.Message{From: "abuse@kaisha.test", To: []string{"abuse@mgu.ac.jp"}, Data: []byte(arg)})
			}
		}
		if err != nil || reply.Code != milter.ActContinue && reply.Code != milter.ActAccept {
			t.Errorf("the filter says %+v %v", reply, err)
			return "550 5.7.1 judged"
		}
		return ""
	})
	h.start()
	ask := func() error {
		_, err := h.Daemon.reports.Ask(t.Context(), id, "taro", quarantine.Admin)
		return err
	}
	if err := ask(); err == nil {
		t.Error("a report without report.from")
	}
	h.write("sekisho.yaml", settings+"report: {from: abuse@kaisha.test, approval: none, per_day: 0}\n")
	if err := h.Daemon.Reload(); err == nil || !strings.Contains(err.Error(), "report.per_day") {
		t.Errorf("no report a day: %v", err)
	}
	h.write("sekisho.yaml", settings+"report: {from: abuse@kaisha.test, approval: none, abuse: [{domain: mgu.ac.jp, address: abuse@mgu.ac.jp}]}\n")
	if err := h.Daemon.Reload(); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	h.Daemon.sendReports(t.Context()) // the next round would come in a while
	got := sink.Wait(t, 1, 20*time.Second)[0]
	if got.Sender != "abuse@kaisha.test" || len(got.Recipients) != 1 || got.Recipients[0] != "abuse@mgu.ac.jp" || !strings.Contains(string(got.Data), "report-type=feedback-report") {
		t.Errorf("%q %q %s", got.Sender, got.Recipients, got.Data)
	}
	h.eventually("counted", func() bool { return h.metric(`sekisho_reports_total{kind="abuse",outcome="sent"}`, 1) })
	h.eventually("let pass", func() bool { return h.metric(`sekisho_release_stamps_total{result="passed"}`, 1) })
	if err := ask(); err != nil {
		t.Error(err)
	}
	h.Daemon.sendReports(t.Context())
	if n := len(sink.Messages()); n != 1 {
		t.Errorf("it came %d times", n)
	}
}
