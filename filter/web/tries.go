package web

import (
	"net/netip"
	"sync"
	"time"
)

// tries bounds failed log-ins: for a name, whoever tries it, and from an address,
// whatever names it tries. What is full forgets at the end of its window.
type tries struct {
	now func() time.Time

	mu     sync.Mutex
	failed map[string]window
}

type window struct {
	begun time.Time
	count int
}

func newTries(now func() time.Time) *tries {
	return &tries{now: now, failed: map[string]window{}}
}

// trial is something that can fail too often.
type trial struct {
	key   string
	limit int
}

// trials are those of an attempt: by a name, "" for none, and from an address. A
// proxy beside us is everybody's address: it has to limit by itself.
func trials(name, address string) (list []trial) {
	if name != "" {
		list = append(list, trial{"name " + name, nameTries})
	}
	if ip, err := netip.ParseAddr(address); err != nil || !ip.Unmap().IsLoopback() {
		list = append(list, trial{"address " + address, addressTries})
	}
	return list
}

// take counts an attempt in advance, since many may come at once, and reports
// whether it may go on. One that succeeds is given back.
func (t *tries) take(name, address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.tidy(now)
	if len(t.failed) >= maxTracked {
		return false // somebody tries from everywhere at once
	}
	list := trials(name, address)
	for _, one := range list {
		w := t.failed[one.key]
		if now.Sub(w.begun) < triesWindow && w.count >= one.limit {
			return false
		}
	}
	for _, one := range list {
		w := t.failed[one.key]
		if now.Sub(w.begun) >= triesWindow {
			w = window{begun: now}
		}
		w.count++
		t.failed[one.key] = w
	}
	return true
}

// tidy forgets what is over, once there is much.
func (t *tries) tidy(now time.Time) {
	if len(t.failed) < maxTracked {
		return
	}
	for key, w := range t.failed {
		if now.Sub(w.begun) >= triesWindow {
			delete(t.failed, key)
		}
	}
}

// done gives back an attempt that succeeded: all of a name's, one of an address's.
func (t *tries) done(name, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.failed, "name "+name)
	key := "address " + address
	if w, ok := t.failed[key]; ok && w.count > 1 {
		w.count--
		t.failed[key] = w
	} else {
		delete(t.failed, key)
	}
}
