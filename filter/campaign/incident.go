package campaign

import (
	"slices"
	"strconv"
	"time"
)

// Kind says what an incident is. The set is closed.
type Kind string

const (
	Account Kind = "account"  // one organisation claims brands to many
	Many    Kind = "campaign" // many organisations make one claim
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Account, Many} }

// Incident is what the watch has seen and what came of it. As JSON its field names
// are an interface: add, never rename.
type Incident struct {
	ID         string    `json:"id"`
	Kind       Kind      `json:"kind"`
	First      time.Time `json:"first"` // message
	Raised     time.Time `json:"raised"`
	Last       time.Time `json:"last"` // message
	Brands     []string  `json:"brands"`
	Orgs       []string  `json:"orgs"`            // authenticated
	Links      string    `json:"links,omitempty"` // shape of the hosts
	Messages   int       `json:"messages"`
	Recipients int       `json:"recipients"`
	Before     int       `json:"before"` // messages before it was raised; their traces come first
	Traces     []string  `json:"traces"` // the first ones

	// By what later copies are known; numbers under the key of the file.
	Sender uint64   `json:"sender,omitempty"`
	Sketch sketch   `json:"sketch,omitempty"`
	Sites  []uint64 `json:"sites,omitempty"`
}

// Open reports whether a copy may still come.
func (i *Incident) Open(now time.Time) bool { return now.Sub(i.Last) < openTime }

// Why is what a later copy is told to be.
func (i *Incident) Why() string {
	text := "a copy of incident " + i.ID + ": "
	if i.Kind == Account {
		return text + i.Orgs[0] + " claims brands in " + strconv.Itoa(i.Before) + " messages within an hour"
	}
	return text + strconv.Itoa(len(i.Orgs)) + " unrelated senders make one claim within an hour"
}

// copy counts one more message.
func (i *Incident) copy(s *sighting) {
	i.Messages++
	i.Recipients += s.recipients
	if s.at.After(i.Last) {
		i.Last = s.at
	}
	if len(i.Traces) < maxTraces {
		i.Traces = append(i.Traces, s.trace)
	}
	i.Brands = with(i.Brands, s.brand, maxBrands)
	if s.org != "" {
		i.Orgs = with(i.Orgs, s.org, maxOrgs)
	}
}

// with adds a word that is not there, while there is room.
func with(list []string, word string, most int) []string {
	if slices.Contains(list, word) || len(list) >= most {
		return list
	}
	return append(list, word)
}

// clone is a copy that shares nothing.
func (i *Incident) clone() Incident {
	c := *i
	c.Brands, c.Orgs, c.Traces, c.Sites = slices.Clone(i.Brands), slices.Clone(i.Orgs), slices.Clone(i.Traces), slices.Clone(i.Sites)
	return c
}
