package replay

import (
	"fmt"
	"math"
)

// Rate is a share of messages.
type Rate struct {
	Of   int // counted
	Hits int // of these
}

// Known reports whether there is anything to share.
func (r Rate) Known() bool { return r.Of > 0 }

// Share is the share, from 0 to 1; 0 when it is not known.
func (r Rate) Share() float64 {
	if r.Of == 0 {
		return 0
	}
	return float64(r.Hits) / float64(r.Of)
}

// Interval is the 95 % interval of Wilson: where the true share lies, were these
// messages drawn by chance. It is all of 0 to 1 when nothing is known.
func (r Rate) Interval() (low, high float64) {
	if r.Of == 0 {
		return 0, 1
	}
	const z = 1.959963984540054 // 97.5 % point of the normal distribution
	n, p := float64(r.Of), r.Share()
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max((middle-spread)/scale, 0), min((middle+spread)/scale, 1)
}

// String tells the share, its interval and the numbers: "92.1 % (86.1 to 95.7), 117 of 127".
func (r Rate) String() string {
	if !r.Known() {
		return "none to count"
	}
	low, high := r.Interval()
	return fmt.Sprintf("%.1f %% (%.1f to %.1f), %d of %d", 100*r.Share(), 100*low, 100*high, r.Hits, r.Of)
}

// count counts one message.
func (r *Rate) count(hit bool) {
	r.Of++
	if hit {
		r.Hits++
	}
}
