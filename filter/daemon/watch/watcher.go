package watch

import "sync"

// Watcher knows which state of the files was loaded, and which the last look saw.
// Its zero value has loaded nothing. It is safe for concurrent use.
type Watcher struct {
	mu    sync.Mutex
	tried Print // loaded, or refused
	last  Print // seen by the last look
}

// Tried says that the state p was loaded or refused: it needs no other try. Take p
// before the files are read, so that what changes meanwhile is seen.
func (w *Watcher) Tried(p Print) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tried, w.last = p, p
}

// Look says that the files are in state p now, and reports whether it is time to
// load them: they are not as they were tried, and are as the look before saw them.
func (w *Watcher) Look(p Print) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	still := p == w.last
	w.last = p
	return still && p != w.tried
}
