package control

import "time"

const (
	maxQuestion = 1 << 20          // bytes of a request's body
	maxAnswer   = 16 << 20         // bytes of an answer's: what a command holds in memory
	maxTime     = 10 * time.Minute // for one request; to load 200,000 policies takes some ten seconds
)
