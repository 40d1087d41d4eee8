package record

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// StampResult is what a stamp of our own on a message came to. The set is closed.
type StampResult string

const (
	StampPassed  StampResult = "passed"  // the message went on without being judged
	StampForged  StampResult = "forged"  // not ours, or not for its recipients
	StampExpired StampResult = "expired" // too late
	StampAltered StampResult = "altered" // on another message than it was made for
	StampUsed    StampResult = "used"    // a second time, or for what is not being sent
	StampFailed  StampResult = "failed"  // the quarantine could not be asked: the message was put off
)

// StampResults lists them.
func StampResults() []StampResult {
	return []StampResult{StampPassed, StampForged, StampExpired, StampAltered, StampUsed, StampFailed}
}

// Stamp counts a message that bore a stamp.
func (m *Metrics) Stamp(r StampResult) { m.stamps.WithLabelValues(string(r)).Inc() }

// Stamp writes a line about a message that bore a stamp: the only one, when it
// passed.
func (l *Logger) Stamp(queueID, item, kind string, r StampResult) {
	level := zapcore.WarnLevel
	if r == StampPassed {
		level = zapcore.InfoLevel
	}
	if entry := l.log.Check(level, "release stamp"); entry != nil {
		entry.Write(zap.String("queue_id", queueID), zap.String("result", string(r)), zap.String("item", item), zap.String("kind", kind))
	}
}
