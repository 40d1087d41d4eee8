package daemon

import (
	"strings"

	"go.uber.org/zap"

	"sekisho/filter/trial"
)

// tested is what came of the tests in a policy directory.
type tested struct {
	report  *trial.Report // nil where they could not be read, or the set could not
	ignored error         // why the set would have been refused; nil when it would not
}

// testResult is what came of one test.
type testResult string

const (
	testPassed  testResult = "passed"
	testExpired testResult = "expired" // fails only because an entry has ended, which refuses nothing
	testFailed  testResult = "failed"
)

// tested counts the tests that were run.
func (m *metrics) tested(t *tested) {
	if t.report == nil {
		return
	}
	passed, expired, failed := t.report.Count()
	m.tests.WithLabelValues(string(testPassed)).Add(float64(passed))
	m.tests.WithLabelValues(string(testExpired)).Add(float64(expired))
	m.tests.WithLabelValues(string(testFailed)).Add(float64(failed))
}

// warnOfTests says of a set that is taken which tests it fails.
func (d *Daemon) warnOfTests(s *Settings) {
	failing := 0
	if r := s.tested.report; r != nil {
		_, expired, failed := r.Count()
		failing = expired + failed
	}
	d.metrics.failing.Set(float64(failing))
	d.metrics.ignored.Set(0)
	switch err := s.tested.ignored; {
	case err != nil:
		d.metrics.ignored.Set(1)
		d.log.Warn("policies are taken although their tests fail, as policy.tests or --ignore-policy-tests says",
			zap.Uint64("generation", s.Set.Generation), zap.Strings("problems", strings.Split(err.Error(), "\n")))
	case failing > 0:
		d.log.Warn("tests of policies fail because a forwarder or an exception has ended",
			zap.Strings("problems", strings.Split(s.tested.report.Err(false).Error(), "\n")))
	}
}
