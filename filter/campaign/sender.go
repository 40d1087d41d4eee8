package campaign

import (
	"math"
	"time"
)

// seen is one message before an incident.
type seen struct {
	at         time.Time
	trace      string
	brand      string
	recipients int
}

// before is the messages of the window, the newest ones.
type before []seen

// push adds a message and lets go of what is past the window or the limit.
func (b before) push(s *sighting) before {
	for len(b) > 0 && (s.at.Sub(b[0].at) > window || len(b) == maxEarlier) {
		b = append(b[:0], b[1:]...)
	}
	return append(b, seen{s.at, s.trace, s.brand, s.recipients})
}

func (b before) recipients() int {
	n := 0
	for _, s := range b {
		n += s.recipients
	}
	return n
}

// sender is what is known of one organisation or mailbox that claims brands.
type sender struct {
	last   time.Time
	recent before

	// What it is used to: its busiest window of before, without incidents.
	begun            time.Time // of the window that is being counted
	messages, people float64   // in it
	peak, peakPeople float64
	incident         *Incident // open; nil for none
}

// count counts a message, and reports whether it is one too many.
func (n *sender) count(s *sighting) bool {
	if s.at.Sub(n.begun) > window {
		if n.incident == nil {
			n.peak, n.peakPeople = max(n.peak, n.messages), max(n.peakPeople, n.people)
		}
		fade := math.Exp2(-float64(s.at.Sub(n.begun)) / float64(peakTime))
		n.peak, n.peakPeople = n.peak*fade, n.peakPeople*fade
		n.begun, n.messages, n.people = s.at, 0, 0
	}
	n.messages++
	n.people += float64(s.recipients)
	n.recent = n.recent.push(s)
	n.last = s.at
	switch {
	case len(n.recent) >= manyMessages:
		return n.messages >= unusual*n.peak
	case len(n.recent) >= fewMessages && n.recent.recipients() >= manyRecipients:
		return n.people >= unusual*n.peakPeople
	}
	return false
}
