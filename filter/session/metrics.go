package session

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/act"
)

// metrics counts what becomes of messages at the milter. All label sets are
// closed.
type metrics struct {
	replies map[act.Reply]prometheus.Counter
	limits  map[limit]prometheus.Counter
	refused map[obstacle]prometheus.Counter

	unchanged prometheus.Counter
	separated prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	m := &metrics{}
	var err error
	replies := []act.Reply{act.Continue, act.Reject, act.Tempfail, act.Discard}
	if m.replies, err = counters(reg, replies, "sekisho_session_replies_total", "reply",
		"Final answers to the MTA."); err != nil {
		return nil, err
	}
	if m.limits, err = counters(reg, limits(), "sekisho_session_limits_total", "limit",
		"Messages past a limit; they were not judged."); err != nil {
		return nil, err
	}
	m.refused, err = counters(reg, obstacles(), "sekisho_session_plans_refused_total", "why",
		"Plans that could not be carried out; those messages were answered with a temporary failure.")
	if err != nil {
		return nil, err
	}
	m.unchanged = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "sekisho_session_banners_left_out_total", Help: "Messages that went on without their banner, because the MTA does not let bodies be changed.",
	})
	m.separated = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "sekisho_session_recipients_separated_total", Help: "Recipients answered 452 because their policy is another than that of the first one; the sender tries them again in a transaction of their own.",
	})
	for _, c := range []prometheus.Collector{m.unchanged, m.separated} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("session: register metric: %w", err)
		}
	}
	return m, nil
}

// saturation tells how full the room is, when somebody asks.
func saturation(reg prometheus.Registerer, r *room) error {
	if reg == nil {
		return nil
	}
	for _, g := range []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sekisho_session_room_bytes", Help: "Memory that messages under way hold while they come in.",
		}, func() float64 { return float64(r.used.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sekisho_session_room_limit_bytes", Help: "Memory that they may hold together (limits.memory_bytes).",
		}, func() float64 { return float64(r.limit) }),
	} {
		if err := reg.Register(g); err != nil {
			return fmt.Errorf("session: register metric: %w", err)
		}
	}
	return nil
}

func counters[K ~string](reg prometheus.Registerer, keys []K, name, label, help string) (map[K]prometheus.Counter, error) {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	if err := reg.Register(vec); err != nil {
		return nil, fmt.Errorf("session: register metric: %w", err)
	}
	all := make(map[K]prometheus.Counter, len(keys))
	for _, k := range keys {
		all[k] = vec.WithLabelValues(string(k))
	}
	return all, nil
}
