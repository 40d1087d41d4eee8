package daemon

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// result is what came of a reload.
type result string

const (
	done    result = "done"
	refused result = "refused" // the old set goes on
)

// goroutine names the daemon's own goroutines.
type goroutine string

const (
	inMilter   goroutine = "milter"  // accepts milter connections
	inAdmin    goroutine = "admin"   // accepts HTTP connections
	inControl  goroutine = "control" // accepts requests of commands
	inWeb      goroutine = "web"     // accepts requests of people
	inReload   goroutine = "reload"
	inWatch    goroutine = "watch"
	inWatchdog goroutine = "watchdog"
	inSweeper  goroutine = "sweeper"  // erases what is not kept any longer
	inBudget   goroutine = "budget"   // counts false alarms
	inJournal  goroutine = "journal"  // writes records
	inCopies   goroutine = "copies"   // sends copies to the MTA
	inCampaign goroutine = "campaign" // saves incidents
	inDigest   goroutine = "digest"   // tells recipients what is held
	inReport   goroutine = "report"   // sends reports of phishing
)

// metrics counts what concerns the daemon as a whole. All label sets are closed.
type metrics struct {
	reloads    *prometheus.CounterVec // result
	successful prometheus.Gauge
	panics     *prometheus.CounterVec // goroutine
	generation prometheus.Gauge
	listed     *prometheus.GaugeVec   // state
	tests      *prometheus.CounterVec // result
	failing    prometheus.Gauge
	ignored    prometheus.Gauge

	shadow        prometheus.Gauge
	shadowRefused prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, version string) *metrics {
	m := &metrics{
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_reloads_total", Help: "Reloads of settings, policies and brands, by result.",
		}, []string{"result"}),
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_last_reload_successful", Help: "0 while the last reload was refused and the set before it goes on, else 1.",
		}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_daemon_panics_total", Help: "Panics in the daemon's own goroutines; a bug each.",
		}, []string{"goroutine"}),
		generation: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_generation", Help: "Number of the set of policies and brands that judges; 1 at start, one more with each reload.",
		}),
		shadow: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_shadow_loaded", Help: "1 while candidate policies judge beside those that count; 0 while there are none, or broken ones.",
		}),
		shadowRefused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_shadow_refused_total", Help: "Candidate policies that could not be loaded, at start or reload; nothing judges in shadow then.",
		}),
	}
	m.tests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sekisho_policy_tests_total", Help: "Tests of policies that were run at start and by reloads, by result; expired: failed only because a forwarder or an exception has ended.",
	}, []string{"result"})
	m.failing = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sekisho_policy_tests_failing", Help: "Tests of policies that the set that judges fails: because an entry has ended, or because failures are ignored.",
	})
	m.ignored = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sekisho_policy_tests_ignored", Help: "1 while the set that judges was taken although its tests, or their files, are not in order; else 0.",
	})
	m.listed = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sekisho_list_entries", Help: "Entries of lists of known senders and links by state: in force, or refused because they are against a brand's own domain or one that everybody shares.",
	}, []string{"state"})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sekisho_build_info", Help: "Always 1; the labels tell what is running.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	reg.MustRegister(m.reloads, m.successful, m.panics, m.generation, m.shadow, m.shadowRefused, m.tests, m.failing, m.ignored, m.listed, build)
	m.successful.Set(1)
	for _, r := range []result{done, refused} {
		m.reloads.WithLabelValues(string(r))
	}
	for _, r := range []testResult{testPassed, testExpired, testFailed} {
		m.tests.WithLabelValues(string(r))
	}
	for _, g := range []goroutine{inMilter, inAdmin, inControl, inReload, inWatch, inWatchdog, inSweeper, inBudget, inJournal, inCopies, inCampaign, inDigest, inReport} {
		m.panics.WithLabelValues(string(g))
	}
	return m
}

func (m *metrics) reloaded(r result) {
	m.reloads.WithLabelValues(string(r)).Inc()
	if r == done {
		m.successful.Set(1)
	} else {
		m.successful.Set(0)
	}
}
