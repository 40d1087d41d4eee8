package campaign

import "github.com/prometheus/client_golang/prometheus"

// metrics has the kinds of incidents as labels only.
type metrics struct {
	incidents *prometheus.CounterVec // kind
	copies    *prometheus.CounterVec // kind
	senders   prometheus.Gauge
	claims    prometheus.Gauge
	failures  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		incidents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_campaign_incidents_total", Help: "Incidents by kind: account, one authenticated organisation suddenly claims brands to many recipients; campaign, several unrelated ones make the same claim within an hour.",
		}, []string{"kind"}),
		copies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_campaign_copies_total", Help: "Messages that carry the finding campaign because they are copies of what an incident is about.",
		}, []string{"kind"}),
		senders: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_campaign_senders", Help: "Authenticated senders that have claimed brands without proof and are remembered.",
		}),
		claims: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_campaign_claims", Help: "Groups of messages that make the same claim and are remembered.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_campaign_failures_total", Help: "Times that the file of incidents could not be written.",
		}),
	}
	for _, k := range Kinds() {
		m.incidents.WithLabelValues(string(k))
		m.copies.WithLabelValues(string(k))
	}
	if reg != nil {
		reg.MustRegister(m.incidents, m.copies, m.senders, m.claims, m.failures)
	}
	return m
}

func (m *metrics) size(senders, claims int) {
	m.senders.Set(float64(senders))
	m.claims.Set(float64(claims))
}
