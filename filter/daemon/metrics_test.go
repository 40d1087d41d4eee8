package daemon

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

var update = flag.Bool("update", false, "write deploy/METRICS.md")

const documented = "../../deploy/METRICS.md"

// busy is a daemon on which as many metrics as a test can bring about have a value.
func busy(t *testing.T) *house {
	t.Helper()
	h := start(t, "web: {listen: \"127.0.0.1:0\"}\n")
	h.deliver(friend())
	h.deliver(phish())
	h.deliver(message("a@friend.test", "From: "+strings.Repeat("a@friend.test, ", 1000)+"b@friend.test\n\nHello.\n"))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestMetricsLint: the metrics of all packages together follow Prometheus' rules,
// and bear our name.
func TestMetricsLint(t *testing.T) {
	h := busy(t)
	problems, err := testutil.GatherAndLint(h.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, m := range described(t, h.registry) {
		if !strings.HasPrefix(m.name, "sekisho_") {
			t.Errorf("%s is not named after us", m.name)
		}
		if strings.HasSuffix(m.name, "_total") != (m.kind == "counter") {
			t.Errorf("%s is a %s", m.name, m.kind)
		}
		if !strings.HasSuffix(m.help, ".") {
			t.Errorf("%s: the help is no sentence: %q", m.name, m.help)
		}
	}
}

// foreign metrics are those of the Go runtime, the process and the HTTP handler.
var foreign = regexp.MustCompile(`^(go|process|promhttp)_`)

// TestMetricsDocumented: deploy/METRICS.md is what a daemon has. -update writes it.
func TestMetricsDocumented(t *testing.T) {
	got := page(described(t, busy(t).registry))
	if *update {
		if err := os.WriteFile(documented, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(documented)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-file +metrics)\n%s", documented, diff)
	}
}

func page(metrics []description) string {
	var b strings.Builder
	b.WriteString("# Metrics\n\nWhat `/metrics` of the admin address serves, beside the metrics of the Go runtime (`go_*`), the process\n" +
		"(`process_*`) and the page itself (`promhttp_*`). Histograms are in seconds. Every set of labels is closed: policies are the\n" +
		"configured domains, servers those of the settings, brands those of the catalogue, all others a list in the program. Where there are\n" +
		"more policies, brands, own rules or exceptions than have series of their own, those that come first have them until the next start,\n" +
		"and the labels of all others say `other`: " + strconv.Itoa(maxSeries) + " series are the ceiling, whatever comes.\n\n" +
		"`sekisho_message_seconds` and `sekisho_stage_seconds` have native buckets beside the fixed ones, for a Prometheus that asks for them\n" +
		"([how](prometheus/README.md#native-histograms)). Each message's time carries its trace as an exemplar, under the label trace_id.\n\n" +
		"| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n")
	for _, m := range metrics {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, m.labels, m.help)
	}
	return b.String()
}

// description is what a registry knows of a metric.
type description struct{ name, kind, labels, help string }

// desc is how the library prints a prometheus.Desc, which has no other way in.
var desc = regexp.MustCompile(`^Desc\{fqName: "(\w+)", help: "(.*?)", (?:unit: "\w*", )?constLabels: \{[^}]*\}, variableLabels: \{([\w,]*)\}\}$`)

// described lists all metrics of ours by name, those without a value yet, too.
func described(t *testing.T, reg *prometheus.Registry) []description {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, f := range families {
		kinds[f.GetName()] = strings.ToLower(f.GetType().String())
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		reg.Describe(descs)
		close(descs)
	}()
	var all []description
	for d := range descs {
		found := desc.FindStringSubmatch(d.String())
		if found == nil {
			t.Fatalf("cannot read %v", d)
		}
		if foreign.MatchString(found[1]) {
			continue
		}
		m := description{name: found[1], kind: kinds[found[1]], labels: strings.ReplaceAll(found[3], ",", ", "), help: found[2]}
		if m.kind == "" && strings.HasSuffix(m.name, "_total") {
			m.kind = "counter" // of something that has not happened
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b description) int { return strings.Compare(a.name, b.name) })
	return all
}
