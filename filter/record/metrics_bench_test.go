package record_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/record"
)

// BenchmarkCount: what the metrics take of a message.
func BenchmarkCount(b *testing.B) {
	m, d := record.NewMetrics(prometheus.NewRegistry()), decision()
	b.ReportAllocs()
	for b.Loop() {
		m.Count(d)
	}
}
