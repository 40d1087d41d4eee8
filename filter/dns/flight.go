package dns

import (
	"context"
	"time"
)

// flight is one question on its way. Whoever asks the same meanwhile waits for
// it, and it goes on when nobody does: the answer is wanted sooner or later.
type flight struct {
	key    key
	done   chan struct{} // closed once answer is set
	answer *answer
}

// pending is a look-up that has begun: its answer, or the flight that brings it.
type pending struct {
	answer *answer
	flight *flight
}

// begin starts a look-up, unless the answer is known already.
func (r *Resolver) begin(ctx context.Context, k key) pending {
	if a, ok := r.cache.GetIfPresent(k); ok {
		r.metrics.hits[k.kind].Inc()
		r.metrics.lookups[k.kind][a.outcome].Inc()
		return pending{answer: a}
	}
	if ctx.Err() != nil {
		return r.unasked(gaveUp, k)
	}
	if !spend(ctx) {
		return r.unasked(budget, k)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return r.unasked(gaveUp, k)
	}
	f, ok := r.asking[k]
	if !ok {
		f = &flight{key: k, done: make(chan struct{})}
		r.asking[k] = f
		r.wg.Go(func() { r.fly(f) })
	}
	return pending{flight: f}
}

func (r *Resolver) unasked(o outcome, k key) pending {
	r.metrics.lookups[k.kind][o].Inc()
	return pending{answer: failed(o, k.name, "")}
}

// end waits for the answer, or for the end of ctx.
func (r *Resolver) end(ctx context.Context, p pending) *answer {
	if p.answer != nil {
		return p.answer
	}
	start := time.Now()
	select {
	case <-p.flight.done:
		r.metrics.asked(p.flight.key.kind, p.flight.answer, time.Since(start))
		return p.flight.answer
	case <-ctx.Done():
		return r.unasked(gaveUp, p.flight.key).answer
	}
}

// fly asks the servers, remembers the answer and hands it to those who wait.
func (r *Resolver) fly(f *flight) {
	f.answer = r.resolve(f.key)
	if f.answer.cut {
		r.metrics.cut.Inc()
	}
	if f.answer.ttl > 0 {
		r.cache.Set(f.key, f.answer)
	}
	r.mu.Lock()
	delete(r.asking, f.key)
	r.mu.Unlock()
	close(f.done)
}

// resolve asks the servers. Replies are hostile bytes that a library reads: a
// panic there costs the one look-up and is counted, not the daemon.
func (r *Resolver) resolve(k key) (a *answer) {
	defer func() {
		if recover() != nil {
			a = failed(panicked, k.name, "")
		}
	}()
	ctx, cancel := context.WithTimeout(r.base, r.timeout)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return failed(busy, k.name, "")
	}
	c := newChain(k.name, wireTypes[k.kind])
	// Each further question of a chain uses up at least one alias.
	for name := wireName(k.name); ; {
		m, o, server := r.up.ask(ctx, name, c.qtype)
		if o != found {
			return failed(o, k.name, server)
		}
		a, next := c.read(m)
		if a != nil {
			return a
		}
		name = next
	}
}
