package daemon

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
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
		debug.SetMemoryLimit(softLimit("/"))
	}
}

// softLimit is the memory from which on garbage is collected at once. Where the
// control group of the process may have less, as in a container with a limit, the
// kernel would end the process before: an eighth is left for what Go does not count.
func softLimit(root string) int64 {
	limit := int64(memoryLimit)
	for _, dir := range groups(root) {
		for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				continue
			}
			// "max" is no number: there is no limit.
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
				limit = min(limit, n-n/8)
			}
		}
	}
	return limit
}

// groups are the folders of the process's control groups for memory, of version 2 and
// 1, and those above them, whose limits hold too (cgroups(7)).
func groups(root string) []string {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return nil
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || parts[1] != "" && parts[1] != "memory" {
			continue
		}
		at := filepath.Join(root, "sys/fs/cgroup", parts[1])
		all = append(all, at)
		// In a container the path may be that of the host, and not be there.
		for _, step := range strings.Split(strings.Trim(parts[2], "/"), "/") {
			at = filepath.Join(at, step)
			all = append(all, at)
		}
	}
	return all
}
