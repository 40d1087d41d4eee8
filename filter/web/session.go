package web

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// session is somebody who has logged in.
type session struct {
	user     string
	password string // hash in the file at log-in: another one ends the session
	begun    time.Time
	rotated  time.Time
	seen     time.Time
	replaced time.Time // when the id got a successor; zero for none
}

// key is the hash of a session's id: who reads our memory, or a dump of it, has no
// id to use.
type key [sha256.Size]byte

// sessions are kept in memory: a restart ends them.
type sessions struct {
	now func() time.Time

	mu  sync.Mutex
	all map[key]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: map[key]*session{}}
}

// begin makes a session and returns its id.
func (s *sessions) begin(user, password string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.tidy(now, user)
	return s.add(&session{user: user, password: password, begun: now, rotated: now, seen: now})
}

func (s *sessions) add(one *session) string {
	id := rand.Text() + rand.Text() // 260 bits
	s.all[sha256.Sum256([]byte(id))] = one
	return id
}

// find returns the session of an id, and the id that it has from now on: "" for
// the same.
func (s *sessions) find(id string) (found session, successor string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, k := s.now(), key(sha256.Sum256([]byte(id)))
	one := s.all[k]
	if one == nil {
		return session{}, "", false
	}
	if one.over(now) {
		delete(s.all, k)
		return session{}, "", false
	}
	one.seen = now
	if one.replaced.IsZero() && now.Sub(one.rotated) >= sessionRotate {
		next := *one
		next.rotated = now
		successor = s.add(&next)
		one.replaced = now
	}
	return *one, successor, true
}

// end ends the session of an id, and with it the others of its user that a change
// of ids has left.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[sha256.Sum256([]byte(id))]
	if one == nil {
		return
	}
	for k, other := range s.all {
		if other.user == one.user && other.begun.Equal(one.begun) {
			delete(s.all, k)
		}
	}
}

func (one *session) over(now time.Time) bool {
	return now.Sub(one.seen) >= sessionIdle || now.Sub(one.begun) >= sessionLife ||
		!one.replaced.IsZero() && now.Sub(one.replaced) >= sessionGrace
}

// tidy makes room for one more session of a user.
func (s *sessions) tidy(now time.Time, user string) {
	var oldest, own key
	var first, firstOwn time.Time
	count := 0
	for k, one := range s.all {
		if one.over(now) {
			delete(s.all, k)
			continue
		}
		if first.IsZero() || one.seen.Before(first) {
			oldest, first = k, one.seen
		}
		if one.user != user {
			continue
		}
		count++
		if firstOwn.IsZero() || one.seen.Before(firstOwn) {
			own, firstOwn = k, one.seen
		}
	}
	if count >= maxOfUser {
		delete(s.all, own)
	}
	if len(s.all) >= maxSessions {
		delete(s.all, oldest)
	}
}
