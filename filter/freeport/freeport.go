// Package freeport finds ports for servers that tests start as processes, which
// cannot hand over a listener.
//
// A port of the system's choice (port 0) is of the range that outgoing connections
// use, so that between closing it and the server's start anybody may get it. Ports
// from here lie below that range (net.ipv4.ip_local_port_range begins at 32768),
// are free at the moment, and come once in a process.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

const (
	lowest  = 10_000
	highest = 32_000
	tries   = 200
)

var (
	mu    sync.Mutex
	taken = make(map[int]bool)
)

// Take returns 127.0.0.1 with a free port.
func Take(tb testing.TB) string {
	tb.Helper()
	mu.Lock()
	defer mu.Unlock()
	for range tries {
		port := lowest + rand.IntN(highest-lowest)
		if taken[port] {
			continue
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		l.Close()
		taken[port] = true
		return address
	}
	tb.Fatalf("no free port in %d tries", tries)
	return ""
}
