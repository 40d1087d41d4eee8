package record_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/record"
)

// TestExemplar: a message's time carries its trace, and one without a trace counts
// as well.
func TestExemplar(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := record.NewMetrics(reg)
	m.Count(&record.Decision{Trace: "O5VE9P8J7LKQ2MNA", Took: 3 * time.Millisecond})
	m.Count(&record.Decision{Took: 300 * time.Millisecond})
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range families {
		if f.GetName() != "sekisho_message_seconds" {
			continue
		}
		h := f.Metric[0].GetHistogram()
		if h.GetSampleCount() != 2 {
			t.Errorf("%d messages", h.GetSampleCount())
		}
		for _, b := range h.Bucket {
			if e := b.GetExemplar(); e != nil {
				found++
				if e.Label[0].GetName() != "trace_id" || e.Label[0].GetValue() != "O5VE9P8J7LKQ2MNA" {
					t.Errorf("%v", e.Label)
				}
			}
		}
	}
	if found != 1 {
		t.Errorf("%d exemplars", found)
	}
}
