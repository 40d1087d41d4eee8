package claim

import (
	"slices"
	"strings"
)

// site is where a host name ends.
type site struct {
	bargain bool // under a suffix that stands open to anybody for little money
	young   bool // which is a new one, in which firms do not register for themselves
	known   bool // the suffix is a registry's, not that of a service with tenants
}

// oldTops are the general top-level names in which firms register; besides them
// they use those of countries.
var oldTops = [...]string{"com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "jobs", "mobi", "name", "pro", "aero", "coop", "museum", "asia", "cat", "tel", "travel", "post"}

// openTops are names among those, and of countries, that are sold to anybody
// by the thousand.
var openTops = [...]string{"asia", "biz", "cc", "cf", "cn", "co", "ga", "gq", "info", "me", "ml", "pw", "tk", "ws"}

// bargain reports a suffix that stands open to anybody for little money, and
// whether it is a new one, in which firms do not register for themselves.
func bargain(suffix string, managed bool) (open, young bool) {
	if slices.Contains(openTops[:], suffix) {
		return true, false
	}
	young = managed && len(suffix) > 2 && !strings.Contains(suffix, ".") && !strings.HasPrefix(suffix, "xn--") && !slices.Contains(oldTops[:], suffix)
	return young, young
}
