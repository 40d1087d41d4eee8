package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/cases"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/mail"
	"sekisho/filter/shipped"
	"sekisho/filter/wire/wiretest"
)

// watchedPolicy judges one domain's mail with everything that a policy can say.
const watchedPolicy = `mode: observe
exceptions:
  - allow: {sender: st.mgu.ac.jp, finding: [impersonation]}
    owner: postmaster@gakko.test
    reason: a test
    created: 2026-11-01
    expires: 2027-10-31
forwarders:
  - networks: [192.0.2.0/24]
    name: mail.st.mgu.ac.jp
    reason: a test
    expires: 2027-10-31
rules:
  breaks: {when: 'links[0].host == "x.test"', points: 1, why: a rule that a message without links breaks}
`

// TestE2EWatched: a real Prometheus, with what is shipped for it, asks a gate behind
// Postfix that has judged mixed mail. Each rule can be evaluated, and each query of a
// dashboard has data. Then one gate after the other is broken in another way, and of
// each fires the one alert that tells the cause.
func TestE2EWatched(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{
		policies:  map[string]string{"gakko.test.yaml": watchedPolicy, "kaisha.test.yaml": "budget: {false_positives: 1, days: 7}\n"},
		candidate: map[string]string{"gakko.test.yaml": holds},
	})
	wards := map[string]*ward{}
	for _, alert := range []string{"SekishoDown", "SekishoDNSTrouble", "SekishoStoreTrouble", "SekishoReloadFailed"} {
		wards[alert] = newWard(t)
	}
	admins := []string{lab.Sekisho.admin}
	for _, w := range wards {
		admins = append(admins, w.admin)
	}
	p := startPrometheus(t, admins...)
	waitFor(t, "a first scrape of each gate", func() bool {
		up, err := p.query("up == 1")
		return err == nil && len(up) == len(admins)
	})

	ctx, stop := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	defer clients.Wait()
	defer stop()
	for alert, w := range wards {
		for n := range 4 {
			clients.Go(func() { w.send(ctx, n, alert) })
		}
	}
	for range 3 {
		lab.mixed(t)
		time.Sleep(time.Second)
	}
	everyQuery(t, p)
	lab.fromExemplar(t, p)
	if dir := os.Getenv("SEKISHO_PICTURES"); dir != "" {
		draw(t, p, dir)
	}

	wards["SekishoDown"].kill()
	wards["SekishoDNSTrouble"].dns.Close()
	wards["SekishoStoreTrouble"].breakStore()
	broken := wards["SekishoReloadFailed"]
	broken.write("policies/broken.test.yaml", "tagg: 4\n")
	if out, err := broken.command("reload"); err == nil {
		t.Errorf("reload of a broken set: %s", out)
	}
	want := map[string][]string{"": {"SekishoBudgetOverspent"}} // of what people released; it is told of no single gate
	for alert, w := range wards {
		want[w.admin] = []string{alert}
	}
	var last map[string][]string
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the alerts that fired last: %v", last)
		}
	})
	waitFor(t, fmt.Sprintf("the alerts %v", want), func() bool {
		last = p.firing()
		return cmp.Equal(last, want)
	})
	// What comes late: the longest wait of a rule is a quarter of an hour.
	for range 16 {
		time.Sleep(time.Second)
		if diff := cmp.Diff(want, p.firing()); diff != "" {
			t.Fatalf("alerts by gate (-want +got)\n%s", diff)
		}
	}
}

// mixed sends each case to two domains, releases what is held, and reloads, once with
// a mistake.
func (l *Lab) mixed(t *testing.T) {
	t.Helper()
	for _, c := range cases.Load(t, "") {
		env := c.Envelope
		env.Recipients = []string{worker, teacher}
		session := dial(t, l.Postfix.Addr, env)
		session.send(env, c.Raw, "")
		session.conn.Close()
	}
	l.unusual(t)
	for _, item := range l.held(t)[:1] {
		if out, err := l.Sekisho.command("quarantine", "release", item.ID); err != nil {
			t.Fatalf("release: %v\n%s", err, out)
		}
	}
	// What people release is counted now, not within a minute.
	if out, err := l.Sekisho.command("policy", "budget", "list"); err != nil {
		t.Fatalf("budget: %v\n%s", err, out)
	}
	l.Sekisho.write("policies/new.test.yaml", "tagg: 4\n")
	if out, err := l.Sekisho.command("reload"); err == nil {
		t.Fatalf("reload of a broken set: %s", out)
	}
	l.Sekisho.write("policies/new.test.yaml", "")
	if out, err := l.Sekisho.command("reload"); err != nil {
		t.Fatalf("reload: %v\n%s", err, out)
	}
}

// unusual sends what brings about the series that plain mail does not: a message past
// a reading limit, one that a trusted forwarder broke, and, without links, both for a
// rule that fails.
func (l *Lab) unusual(t *testing.T) {
	t.Helper()
	forwarded := friend(teacher)
	forwarded.Client, forwarded.ClientName, forwarded.Helo = netip.MustParseAddr("192.0.2.10"), "mail.st.mgu.ac.jp", "mail.st.mgu.ac.jp"
	hop := "Received: from smtp.tomodachi.test (smtp.tomodachi.test [192.0.2.70]) by mail.st.mgu.ac.jp with ESMTP id 1; Tue, 10 Nov 2026 09:12:45 +0900\r\n"
	many := strings.Replace(string(letter("many", "hello")), "<"+friendAddr+">", strings.Repeat("<"+friendAddr+">,\r\n ", 1000)+"<"+friendAddr+">", 1)
	for text, env := range map[string]mail.Envelope{hop + string(letter("forwarded", "hello")): forwarded, many: friend(teacher)} {
		session := dial(t, l.Postfix.Addr, env)
		session.send(env, []byte(text), "")
		session.conn.Close()
	}
}

// fromExemplar goes the way of somebody who looks at a point of a graph: from the
// exemplar that Prometheus keeps to the account of its message.
func (l *Lab) fromExemplar(t *testing.T, p *prometheus) {
	t.Helper()
	var answer struct {
		Data []struct {
			SeriesLabels map[string]string
			Exemplars    []struct{ Labels map[string]string }
		}
	}
	now := time.Now()
	v := url.Values{"query": {"sekisho_message_seconds_bucket"}, "start": {fmt.Sprint(now.Add(-time.Hour).Unix())}, "end": {fmt.Sprint(now.Unix())}}
	if err := p.get("/api/v1/query_exemplars?"+v.Encode(), &answer); err != nil {
		t.Fatal(err)
	}
	for _, series := range answer.Data {
		if series.SeriesLabels["instance"] != l.Sekisho.admin || len(series.Exemplars) == 0 {
			continue
		}
		trace := series.Exemplars[0].Labels["trace_id"]
		if out, err := l.Sekisho.command("explain", trace); err != nil || !strings.Contains(out, trace) {
			t.Errorf("explain %s: %v\n%s", trace, err, out)
		}
		return
	}
	t.Errorf("no exemplar: %+v", answer)
}

// everyQuery asks for what rules and dashboards ask for.
func everyQuery(t *testing.T, p *prometheus) {
	t.Helper()
	queries := []shipped.Query{}
	for _, d := range shipped.Dashboards(t) {
		queries = append(queries, d.Queries()...)
	}
	for _, r := range shipped.Rules(t) {
		if r.Record != "" {
			queries = append(queries, shipped.Query{Where: r.File, Expr: r.Record})
		}
	}
	empty := map[string]string{}
	deadline := time.Now().Add(20 * time.Second)
	for len(queries) > 0 {
		queries = slices.DeleteFunc(queries, func(q shipped.Query) bool {
			result, err := p.query(q.Expr)
			if err != nil {
				t.Errorf("%s: %v", q.Where, err)
				return true
			}
			empty[q.Where] = q.Expr
			if len(result) > 0 {
				delete(empty, q.Where)
				return true
			}
			return false
		})
		if time.Now().After(deadline) {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	for _, where := range slices.Sorted(maps.Keys(empty)) {
		t.Errorf("%s has no data: %s", where, empty[where])
	}
	broken, all := p.unhealthy()
	if len(broken) > 0 || all != len(shipped.Rules(t)) {
		t.Errorf("%d rules, of them cannot be evaluated: %q", all, broken)
	}
}

// TestE2ENative: a Prometheus that keeps native histograms, with fixed buckets or
// without, as its version has it, has data for the rule about latency and for the
// panels of it.
func TestE2ENative(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	p := startPrometheusWith(t, "native-histograms", w.admin)
	ctx, stop := context.WithCancel(context.Background())
	var client sync.WaitGroup
	defer client.Wait()
	defer stop()
	client.Go(func() { w.send(ctx, 1, "") })
	waitFor(t, "native buckets", func() bool {
		got, err := p.query("histogram_count(sekisho_message_seconds) > 0")
		return err == nil && len(got) > 0
	})
	queries := []string{"instance:sekisho_message_seconds:p99_rate5m"}
	for _, d := range shipped.Dashboards(t) {
		for _, q := range d.Queries() {
			if strings.Contains(q.Expr, "histogram_quantile") && (strings.Contains(q.Expr, "sekisho_message_seconds") || strings.Contains(q.Expr, "sekisho_stage_seconds")) {
				queries = append(queries, q.Expr)
			}
		}
	}
	if len(queries) < 5 {
		t.Fatalf("%q", queries)
	}
	for _, expr := range queries {
		waitFor(t, "data for "+expr, func() bool {
			got, err := p.query(expr)
			return err == nil && len(got) > 0
		})
	}
}

// ward is a gate without an MTA, to be broken.
type ward struct {
	*Daemon
	dns *dnstest.Server
}

func newWard(t *testing.T) *ward {
	t.Helper()
	server := dnstest.New(t, allZones(t))
	d := newDaemon(t, labOptions{dns: server.Addr(), policies: map[string]string{"default.yaml": ""}})
	d.configure()
	d.start()
	return &ward{d, server}
}

// send sends messages until ctx ends, one client of several: honest ones of ever new
// domains, so that DNS is asked, and, where the alert is about what becomes of fakes,
// sometimes a fake.
func (w *ward) send(ctx context.Context, client int, alert string) {
	fakes := cases.Load(w.tb, "story-")[:4]
	for n := 0; ctx.Err() == nil; n++ {
		domain := fmt.Sprintf("n%d-%d.test", client, n)
		m := wiretest.Message{
			From: "taro@" + domain, To: []string{worker},
			Data: []byte(strings.ReplaceAll(string(letter("x", "hello")), "tomodachi.test", domain)),
		}
		if client == 0 && n%6 == 5 && (alert == "SekishoDNSTrouble" || alert == "SekishoStoreTrouble") {
			fake := fakes[n/6%len(fakes)]
			m.From, m.Data = fake.Envelope.Sender, fake.Raw
		}
		w.one(m)
		select {
		case <-ctx.Done():
		case <-time.After(400 * time.Millisecond):
		}
	}
}

// one sends one message; a gate that is down refuses it.
func (w *ward) one(m wiretest.Message) {
	c, err := wiretest.Dial("tcp", strings.TrimPrefix(w.listen, "tcp:"))
	if err != nil {
		return
	}
	defer c.Close()
	c.Timeout = time.Minute
	if _, err := c.Negotiate(wiretest.Postfix()); err != nil {
		return
	}
	if err := c.Open(m); err != nil {
		return
	}
	_, _ = c.Send(m)
	_ = c.Quit()
}
