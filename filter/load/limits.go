package load

import "time"

const (
	// maxSteps is how far the level rises: one step for each check that a policy can
	// name.
	maxSteps = 3

	// interval is what the level is decided on, and how long a step lasts at least.
	interval = time.Second

	// perProcessor is the number of turns for each processor: while some messages
	// begin to wait for DNS, others keep it busy.
	perProcessor = 4
)
