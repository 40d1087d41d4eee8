package record

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/act"
	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/policy"
	"sekisho/policy/rule"
)

// Metrics counts decisions. Labels are closed sets: findings and places are
// constants, policy names are configured domains, brands are the catalogue's; how
// many of the latter have series of their own is bounded (limits.go).
type Metrics struct {
	messages *prometheus.CounterVec // verdict: by the worst recipient
	verdicts *series                // policy, verdict: by recipient
	findings *series                // finding, policy: by message and policy
	actions  *series                // finding, action: by message and policy
	brands   *series                // brand, place: claims that are more than a mention
	about    *series                // brand, verdict: by message and brand that a finding is about
	forwards *series                // policy, kind: by message and policy
	excepted *series                // policy, exception: by message and policy
	observed *series                // policy, verdict: by recipient
	shadow   *series                // policy, live, shadow: by recipient
	limits   *series                // limit
	rules    *rule.Metrics          // own rules that came to no result
	own      *words                 // names of own rules
	banners  *prometheus.CounterVec // outcome
	silent   prometheus.Counter     // candidates that have failed on a message
	failures *prometheus.CounterVec // reason
	stamps   *prometheus.CounterVec // result
	unjudged *prometheus.CounterVec // reply
	shed     *prometheus.CounterVec // check
	whole    prometheus.Histogram   // seconds
	stages   *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// Failure says why we could not do our job on a message. The set is closed.
type Failure string

const (
	FailureStore Failure = "store" // the quarantine did not take the message
)

// NewMetrics registers the metrics with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		own: newWords(maxRules),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_messages_total", Help: "Messages judged, by the worst verdict of their recipients.",
		}, []string{"verdict"}),
		verdicts: newSeries(prometheus.CounterOpts{
			Name: "sekisho_verdicts_total", Help: "Verdicts by recipient policy; one for each recipient of each message.",
		}, []string{"policy", "verdict"}, maxPolicySeries, "policy"),
		findings: newSeries(prometheus.CounterOpts{
			Name: "sekisho_findings_total", Help: "Findings by recipient policy; one for each message, finding and policy.",
		}, []string{"finding", "policy"}, maxFindingSeries, "policy"),
		actions: newSeries(prometheus.CounterOpts{
			Name: "sekisho_finding_actions_total", Help: "Findings by what the recipient policy makes of them: points, observe, or the verdict that they bring by themselves; one for each message, finding and policy.",
		}, []string{"finding", "action"}, maxFindingSeries),
		brands: newSeries(prometheus.CounterOpts{
			Name: "sekisho_claims_total", Help: "Claims of a brand by place; mentions are not counted.",
		}, []string{"brand", "place"}, maxBrandSeries, "brand"),
		about: newSeries(prometheus.CounterOpts{
			Name: "sekisho_brand_messages_total", Help: "Messages with a finding about a brand, by the brand and by the worst verdict of their recipients; one for each message and brand.",
		}, []string{"brand", "verdict"}, maxBrandSeries, "brand"),
		forwards: newSeries(prometheus.CounterOpts{
			Name: "sekisho_forwarder_overrides_total", Help: "Failures of authentication put down to a forwarder that the recipient policy trusts, by policy and by what the forwarder is known by; one for each message and policy.",
		}, []string{"policy", "kind"}, maxOtherSeries, "policy"),
		excepted: newSeries(prometheus.CounterOpts{
			Name: "sekisho_exceptions_used_total", Help: "Exceptions that had an effect, by recipient policy and the exception's id; one for each message and policy.",
		}, []string{"policy", "exception"}, maxOtherSeries, "policy", "exception"),
		observed: newSeries(prometheus.CounterOpts{
			Name: "sekisho_observed_verdicts_total", Help: "Verdicts that were not carried out, because the recipient policy only observes; one for each recipient of each message.",
		}, []string{"policy", "verdict"}, maxPolicySeries, "policy"),
		banners: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_banners_total", Help: "Messages for which the policies of all their readers ask for a banner, by outcome: written, or why it was not.",
		}, []string{"outcome"}),
		shadow: newSeries(prometheus.CounterOpts{
			Name: "sekisho_shadow_verdicts_total", Help: "Verdicts by the policy that counts, and what the candidate policies say beside it; one for each recipient of each message.",
		}, []string{"policy", "live", "shadow"}, maxPolicySeries, "policy"),
		silent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_shadow_failures_total", Help: "Messages on which the candidate policies failed; a bug each. The message was judged by the policies that count.",
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_failures_total", Help: "Messages on which sekisho could not do its job, by reason; the sender was told to retry.",
		}, []string{"reason"}),
		stamps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_release_stamps_total", Help: "Messages that bore a stamp as we put it on what we send ourselves, by result; all but those that passed were judged, or put off when the quarantine could not be asked.",
		}, []string{"result"}),
		limits: newSeries(prometheus.CounterOpts{
			Name: "sekisho_limits_hit_total", Help: "Reading limits that a message ran into, by limit.",
		}, []string{"limit"}, maxReadLimits, "limit"),
		unjudged: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_messages_unjudged_total", Help: "Messages that there was no room to judge, by what the MTA was told: continue or tempfail, as the recipients' policies say.",
		}, []string{"reply"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_checks_shed_total", Help: "Messages of which a check was left out because there was too much to do, by check.",
		}, []string{"check"}),
		whole: prometheus.NewHistogram(latency(
			"sekisho_message_seconds", "Time from the end of a message to its verdict, quarantine included.")),
		stages: prometheus.NewHistogramVec(latency(
			"sekisho_stage_seconds", "Time of each stage of a judgement."), []string{"stage"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_messages_in_flight", Help: "Messages being judged now.",
		}),
	}
	reg.MustRegister(m.messages, m.verdicts, m.findings, m.actions, m.brands, m.about, m.forwards, m.excepted, m.observed, m.banners, m.shadow, m.silent, m.failures, m.stamps, m.limits, m.unjudged, m.shed, m.whole, m.stages, m.inFlight)
	m.rules = rule.NewMetrics(reg)
	m.preset()
	return m
}

// latency is a histogram with fixed buckets, for any Prometheus, and with native
// ones, for those that ask for them.
func latency(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		NativeHistogramBucketFactor: nativeFactor, NativeHistogramMaxBucketNumber: nativeBuckets, NativeHistogramMinResetDuration: nativeMinReset,
	}
}

// preset makes the series whose absence would look like silence.
func (m *Metrics) preset() {
	for _, v := range policy.Verdicts() {
		m.messages.WithLabelValues(string(v))
	}
	m.failures.WithLabelValues(string(FailureStore))
	for _, reply := range []act.Reply{act.Continue, act.Tempfail} {
		m.unjudged.WithLabelValues(string(reply))
	}
	for _, c := range policy.Checks() {
		m.shed.WithLabelValues(string(c))
	}
	for _, r := range StampResults() {
		m.stamps.WithLabelValues(string(r))
	}
	for _, note := range act.BannerNotes() {
		m.banners.WithLabelValues(note)
	}
	for _, s := range Stages() {
		m.stages.WithLabelValues(string(s))
	}
}

// Policies makes the series of verdicts of policies that have judged nothing yet,
// so that their first verdict is seen as a rise. Where there are more than have
// series of their own, those get them that get mail.
func (m *Metrics) Policies(names []string) {
	all := policy.Verdicts()
	if len(names)*len(all) > maxPolicySeries {
		return
	}
	for _, name := range names {
		for _, v := range all {
			m.verdicts.of(labels{name, string(v)})
		}
	}
}

// Begin counts a message in; the returned function counts it out.
func (m *Metrics) Begin() func() {
	m.inFlight.Inc()
	return m.inFlight.Dec
}

// Unjudged counts a message that there was no room to judge.
func (m *Metrics) Unjudged(reply act.Reply) { m.unjudged.WithLabelValues(string(reply)).Inc() }

// Fail counts a message that we could not do our job on.
func (m *Metrics) Fail(reason Failure) { m.failures.WithLabelValues(string(reason)).Inc() }

// Count counts a decision.
func (m *Metrics) Count(d *Decision) {
	m.messages.WithLabelValues(string(d.Verdict)).Inc()
	seen := make(map[string]bool, 1)
	for _, r := range d.Recipients {
		m.verdicts.of(labels{r.Policy, string(r.Verdict)}).Inc()
		if r.Observed != "" {
			m.observed.of(labels{r.Policy, string(r.Observed)}).Inc()
		}
		if r.Shadow != nil {
			m.shadow.of(labels{r.Policy, string(r.Verdict), string(r.Shadow.Verdict)}).Inc()
		}
		if seen[r.Policy] {
			continue
		}
		seen[r.Policy] = true
		m.countFindings(&r.Decision)
		if r.Forwarder != nil {
			m.forwards.of(labels{r.Policy, string(r.Forwarder.Kind)}).Inc()
		}
		for _, f := range r.RuleFailures {
			m.rules.Failed(m.own.of(f.Rule), f.Err)
		}
		for _, u := range r.Exceptions {
			m.excepted.of(labels{r.Policy, u.ID}).Inc()
		}
	}
	if d.ShadowFailure != "" {
		m.silent.Inc()
	}
	for _, c := range d.Claims {
		if c.Strength != claim.Mention {
			m.brands.of(labels{c.Brand, string(c.Place)}).Inc()
		}
	}
	m.countAbout(d)
	for _, c := range d.Shed {
		m.shed.WithLabelValues(string(c)).Inc()
	}
	if d.Message != nil {
		for _, dev := range d.Message.Deviations {
			if strings.HasPrefix(dev.Name, "limit-") {
				m.limits.of(labels{dev.Name}).Inc()
			}
		}
	}
	if d.Facts != nil && d.Facts.Cut {
		m.limits.of(labels{"limit-facts"}).Inc()
	}
	if d.Plan.Banner != "" {
		m.banners.WithLabelValues(d.Plan.Banner).Inc()
	}
	m.time(d)
	for stage, took := range d.StageTook {
		m.stages.WithLabelValues(string(stage)).Observe(took.Seconds())
	}
}

// time observes how long a message took. Its trace goes along as an exemplar, so
// that from a slow point of a graph the way leads to the message (OpenMetrics,
// section 4.6.1: 128 characters together with the name).
func (m *Metrics) time(d *Decision) {
	if o, ok := m.whole.(prometheus.ExemplarObserver); ok && d.Trace != "" {
		o.ObserveWithExemplar(d.Took.Seconds(), prometheus.Labels{"trace_id": d.Trace})
		return
	}
	m.whole.Observe(d.Took.Seconds())
}

// countFindings counts each name once, however often it was found.
func (m *Metrics) countFindings(d *policy.Decision) {
	seen := make(map[finding.Name]bool, len(d.Findings))
	for _, f := range d.Findings {
		if !seen[f.Name] {
			seen[f.Name] = true
			m.findings.of(labels{m.name(f.Name), d.Policy}).Inc()
		}
	}
	clear(seen)
	for _, s := range d.Scores {
		if !seen[s.Finding.Name] {
			seen[s.Finding.Name] = true
			m.actions.of(labels{m.name(s.Finding.Name), string(s.Action)}).Inc()
		}
	}
}

// name is a finding as a label: ours by their names, own rules up to a limit.
func (m *Metrics) name(n finding.Name) string {
	if n.Meaning() != "" {
		return string(n)
	}
	return m.own.of(string(n))
}

// countAbout counts each brand once that a finding is about, whoever's finding it
// is: claims alone would count a brand's honest mail, too.
func (m *Metrics) countAbout(d *Decision) {
	seen := make(map[string]bool)
	for _, r := range d.Recipients {
		for _, f := range r.Findings {
			if f.Brand != "" && !seen[f.Brand] {
				seen[f.Brand] = true
				m.about.of(labels{f.Brand, string(d.Verdict)}).Inc()
			}
		}
	}
}
