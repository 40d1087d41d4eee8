package daemon

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sekisho/filter/explain"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
)

// TestOneTrace: one id leads from wherever a message is met: its header, the reply to
// its sender, the log, an exemplar of the metrics, to its record.
func TestOneTrace(t *testing.T) {
	h := prepare(t)
	h.withPolicies("")
	h.write("policies/kaisha.test.yaml", "thresholds: {reject: 8}\n")
	h.start()
	header, reply := "", h.deliver(phish("hanako@kaisha.test"))
	for _, e := range h.deliver(friend("hanako@kaisha.test")).Edits {
		if e.Name == "X-Sekisho-Trace" {
			header = strings.TrimSpace(e.Value)
		}
	}
	trace := regexp.MustCompile(`[0-9A-Z]{16}`)
	refused := trace.FindString(reply.Text)
	if !strings.HasPrefix(reply.Text, "550 ") || refused == "" || !trace.MatchString(header) {
		t.Fatalf("reply %q, header %q", reply.Text, header)
	}
	told := map[any]bool{}
	for _, e := range h.logs.All() {
		told[e.ContextMap()["trace"]] = true
	}
	if !told[refused] || !told[header] {
		t.Errorf("%s and %s are not in the log: %v", refused, header, told)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	var text strings.Builder
	if err := res.Write(&text); err != nil {
		t.Fatal(err)
	}
	// Both may have taken about as long: a bucket keeps the later one's.
	if !strings.Contains(text.String(), `# {trace_id="`+header+`"}`) {
		t.Errorf("no exemplar of %s", header)
	}
	set, err := gate.LoadSet(1, h.dir+"/policies", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.stop()
	if err := h.wait(); err != nil {
		t.Fatal(err)
	}
	from, err := journal.Open(t.Context(), h.dir+"/var/journal")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for _, id := range []string{refused, header} {
		records, err := from.Find(t.Context(), id)
		if err != nil || len(records) != 1 {
			t.Fatalf("%s: %d records, %v", id, len(records), err)
		}
		a, err := explain.Judge{Policies: set.Policies, Brands: set.Brands}.Of(records[0])
		if err != nil || a.Trace != id || !a.Same || !a.Outcomes[0].Reproduced {
			t.Errorf("%s: %+v, %v", id, a, err)
		}
	}
}
