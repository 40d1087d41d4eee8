package wire

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Reason says why a frame was refused; each one ends its connection.
type Reason string

const (
	ZeroLength     Reason = "zero_length"
	TooLong        Reason = "too_long"        // past Limits.FrameBytes
	Truncated      Reason = "truncated"       // the connection ended inside a frame
	BadOffer       Reason = "bad_offer"       // not an OPTNEG frame, or one that is short or of version 1
	MissingAction  Reason = "missing_action"  // the MTA does not offer an action that we need
	BadMacro       Reason = "bad_macro"       // empty, or past the limit
	BadConnect     Reason = "bad_connect"     // a string without end, or no address
	BadFamily      Reason = "bad_family"      // an address family that the protocol does not have
	BadHelo        Reason = "bad_helo"        // not one string
	BadPath        Reason = "bad_path"        // MAIL or RCPT: no string, too long, too many parameters
	BadHeader      Reason = "bad_header"      // not two strings, or no name
	OutOfOrder     Reason = "out_of_order"    // a command that cannot come here
	UnknownCommand Reason = "unknown_command" // a command byte that the protocol does not have
)

func reasons() []Reason {
	return []Reason{ZeroLength, TooLong, Truncated, BadOffer, MissingAction, BadMacro, BadConnect,
		BadFamily, BadHelo, BadPath, BadHeader, OutOfOrder, UnknownCommand}
}

// wait names what a deadline was for.
type wait string

const (
	waitOffer   wait = "offer"
	waitFrame   wait = "frame"
	waitIdle    wait = "idle"
	waitWrite   wait = "write"
	waitMessage wait = "message"
)

func waits() []wait { return []wait{waitOffer, waitFrame, waitIdle, waitWrite, waitMessage} }

// place names the code that a panic came from.
type place string

const (
	inSession place = "session" // making the session
	inConnect place = "connect"
	inHelo    place = "helo"
	inMail    place = "mail"
	inRcpt    place = "rcpt"
	inHeader  place = "header"
	inBody    place = "body"
	inEnd     place = "end"
	inAbort   place = "abort"
	inServe   place = "serve" // goroutines
	inWatch   place = "watch"
)

func places() []place {
	return []place{inSession, inConnect, inHelo, inMail, inRcpt, inHeader, inBody, inEnd, inAbort, inServe, inWatch}
}

// ending says how a message ended.
type ending string

const (
	endAnswered ending = "answered" // the MTA has our answer
	endAborted  ending = "aborted"  // by the MTA, before our answer
	endLost     ending = "lost"     // the connection ended first; the MTA still has the message
)

func endings() []ending { return []ending{endAnswered, endAborted, endLost} }

// metrics counts what happens on the wire. All label sets are closed.
type metrics struct {
	connections prometheus.Counter
	open        prometheus.Gauge
	limit       prometheus.Gauge // of open
	refused     prometheus.Counter
	acceptFail  prometheus.Counter
	rejected    map[Reason]prometheus.Counter
	panics      map[place]prometheus.Counter
	deadlines   map[wait]prometheus.Counter
	messages    map[ending]prometheus.Counter
	progress    prometheus.Counter
	goroutines  map[place]prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	var failed error
	register := func(c prometheus.Collector) {
		if err := reg.Register(c); err != nil && failed == nil {
			failed = fmt.Errorf("wire: register metric: %w", err)
		}
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		register(c)
		return c
	}
	counters := func(name, label, help string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
		register(v)
		return v
	}
	m := &metrics{
		connections: counter("sekisho_wire_connections_total", "Milter connections accepted."),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_wire_connections_open", Help: "Milter connections open."}),
		limit: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_wire_connections_limit", Help: "Milter connections that may be open at once (limits.connections)."}),
		refused:    counter("sekisho_wire_connections_refused_total", "Milter connections closed at once because the limit was reached."),
		acceptFail: counter("sekisho_wire_accept_errors_total", "Failed attempts to accept a milter connection."),
		progress:   counter("sekisho_wire_progress_replies_total", "Progress replies sent while a message was judged."),
		rejected:   map[Reason]prometheus.Counter{},
		panics:     map[place]prometheus.Counter{},
		deadlines:  map[wait]prometheus.Counter{},
		messages:   map[ending]prometheus.Counter{},
		goroutines: map[place]prometheus.Gauge{},
	}
	register(m.open)
	register(m.limit)
	fillCounters(m.rejected, reasons(), counters("sekisho_wire_frames_rejected_total", "reason",
		"Frames that no MTA should send; each one closed its connection."))
	fillCounters(m.panics, places(), counters("sekisho_wire_panics_total", "place",
		"Panics caught; a message at hand was answered with a temporary failure."))
	fillCounters(m.deadlines, waits(), counters("sekisho_wire_deadlines_total", "wait",
		"Deadlines that passed, by what was waited for."))
	fillCounters(m.messages, endings(), counters("sekisho_wire_messages_total", "ending",
		"Messages by how they ended on the wire."))
	running := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sekisho_wire_goroutines", Help: "Goroutines running."}, []string{"place"})
	register(running)
	for _, p := range []place{inServe, inWatch} {
		m.goroutines[p] = running.WithLabelValues(string(p))
	}
	return m, failed
}

func fillCounters[K ~string](into map[K]prometheus.Counter, keys []K, vec *prometheus.CounterVec) {
	for _, k := range keys {
		into[k] = vec.WithLabelValues(string(k))
	}
}
