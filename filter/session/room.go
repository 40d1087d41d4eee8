package session

import "sync/atomic"

// room is the memory that the messages of all connections may hold together
// while they come in. Without it a few hundred clients that each send most of a
// large message and then wait would hold all of the machine's.
type room struct {
	limit int64
	used  atomic.Int64
}

// take reserves n bytes, or nothing when they do not fit.
func (r *room) take(n int) bool {
	if r.used.Add(int64(n)) > r.limit {
		r.used.Add(-int64(n))
		return false
	}
	return true
}

// full is how full it is, from 0 to 1.
func (r *room) full() float64 { return float64(r.used.Load()) / float64(r.limit) }

func (r *room) give(n int) { r.used.Add(-int64(n)) }

// charge reserves what the message has grown by. It returns the limit that was
// passed, if the room is full; the message is dropped then.
func (m *message) charge(r *room) limit {
	grown := cap(m.head) + m.bodyRoom - m.held
	if grown <= 0 || m.over != "" {
		return ""
	}
	if !r.take(grown) {
		r.give(m.held)
		m.held = 0
		return m.drop(limitMemory)
	}
	m.held += grown
	return ""
}

// end gives back what the message held.
func (m *message) end(r *room) {
	r.give(m.held)
	*m = message{}
}
