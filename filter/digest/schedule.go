package digest

import (
	"net/mail"
	"strings"
	"time"
)

// Settings say who is told, when and how. They may change between two rounds.
type Settings struct {
	Domains []Domain
	From    mail.Address   // whom digests come from
	At      []Clock        // when they are due, each day
	Zone    *time.Location // of At, and of the dates in them; nil is the host's
	URL     string         // of the web pages; "" where there are none, and no links
	Life    time.Duration  // of links
}

// Domain is one whose recipients get digests.
type Domain struct {
	Name     string
	Language Language
}

func (s *Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.Local
	}
	return s.Zone
}

// language is what a recipient is told in.
func (s *Settings) language(recipient string) Language {
	for _, d := range s.Domains {
		if strings.EqualFold(d.Name, domainOf(recipient)) {
			return d.Language
		}
	}
	return Both
}

// Clock is a time of the day.
type Clock struct{ Hour, Minute int }

// Due is the last time at which digests were due. Where a clock is put forward over
// a time it is the one that time.Date makes of it; where it is put back, once.
func (s *Settings) Due(now time.Time) time.Time {
	var last time.Time
	local := now.In(s.zone())
	for back := range 3 {
		for _, c := range s.At {
			at := time.Date(local.Year(), local.Month(), local.Day()-back, c.Hour, c.Minute, 0, 0, s.zone())
			if !at.After(now) && at.After(last) {
				last = at
			}
		}
	}
	return last
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
