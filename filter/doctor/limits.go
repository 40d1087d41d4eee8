package doctor

import "time"

const (
	askTime    = 5 * time.Second       // for one answer: DNS, a socket, postconf
	nearTime   = 50 * time.Millisecond // that a server nearby takes for what it knows
	aheadTime  = 5 * time.Minute       // that a record may be ahead of the clock
	fullBytes  = 256 << 20             // that are left on a full disk
	lowPercent = 10                    // that are left on one that is getting full
	maxPage    = 32 << 20              // bytes of a page of metrics that are read
	maxOutput  = 64 << 10              // bytes of postconf's output that are read

	probe = "gmail.com" // has mail servers wherever DNS works
)
