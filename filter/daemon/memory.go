package daemon

import (
	"os"
	"runtime/debug"
)

// What a message needs is garbage a moment later, and what lives on is small: the
// catalogue and the DNS cache, some 20 MiB. Collecting at five times that costs
// little memory and saves a quarter of the CPU time of a message. Above the soft
// limit the collector works as often as it has to.
const (
	gcPercent   = 400
	memoryLimit = 1 << 30 // bytes
)

// TuneMemory sets how the garbage collector works, where the environment does not
// say it (GOGC, GOMEMLIMIT). It is for the process as a whole: main calls it.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
