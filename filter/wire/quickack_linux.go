package wire

import (
	"net"

	"golang.org/x/sys/unix"
)

// quickAck returns a function that has the kernel acknowledge what was received
// at once. Linux falls back to delayed acknowledgements by itself, so it is
// called after each read (tcp(7), TCP_QUICKACK).
//
// Postfix writes a message to a filter that does not answer in several small
// pieces, with Nagle's algorithm: the last one waits for our acknowledgement of
// the one before, 40 ms when that is delayed.
func quickAck(t *net.TCPConn) func() {
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	set := func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
	}
	return func() { _ = raw.Control(set) }
}
