package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// benchMessage has 40 header fields and 4 KB of text.
func benchMessage() wiretest.Message {
	var b bytes.Buffer
	for i := range 40 {
		fmt.Fprintf(&b, "X-Field-%d: %s\r\n", i, strings.Repeat("v", 60))
	}
	b.WriteString("\r\n")
	b.WriteString(strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n", 64))
	return wiretest.Message{Data: b.Bytes()}
}

func tagging(_ context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
	for i := range 4 {
		_ = edit.InsertHeader(i, "X-Sekisho-Tag", " a value of ordinary length")
	}
	return milter.RespContinue
}

// BenchmarkMessage: one connection, many messages, four fields inserted; both
// ends are measured.
func BenchmarkMessage(b *testing.B) {
	for _, network := range []string{"unix", "tcp"} {
		for _, offer := range []wiretest.Offer{wiretest.Postfix(), {Version: 6, Actions: 0x1ff}} {
			name := network + "/no replies"
			if offer.Steps == 0 {
				name = network + "/replies"
			}
			b.Run(name, func(b *testing.B) {
				s := start(b, network, wire.Limits{}, hooks{mute: true, end: tagging})
				c := s.dialOffer(b, offer)
				m := benchMessage()
				must(b, c.Open(m))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.Send(m); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

// TestNoDelayedAck plays Postfix over TCP: header fields in small writes with
// Nagle's algorithm and nobody who answers. With delayed acknowledgements each
// message would take 40 ms.
func TestNoDelayedAck(t *testing.T) {
	s := start(t, "tcp", wire.Limits{}, hooks{mute: true, end: tagging})
	c := s.dial(t)
	must(t, c.Conn.(*net.TCPConn).SetNoDelay(false))
	m := benchMessage()
	must(t, c.Open(m))
	const messages = 21
	took := make([]time.Duration, messages)
	for n := range messages {
		begun := time.Now()
		must(t, c.Envelope(m))
		must(t, c.Flush())
		for i := range 10 {
			must(t, c.Header(fmt.Sprintf("X-%d", i), " value"))
			must(t, c.Flush())
		}
		must(t, c.EndOfHeader())
		must(t, c.Flush())
		must(t, c.Body([]byte("text\r\n")))
		must(t, c.Flush())
		_, err := c.End()
		must(t, err)
		must(t, c.Abort())
		took[n] = time.Since(begun)
	}
	// A delayed acknowledgement costs 40 ms and comes with every message; a busy
	// machine delays some.
	slices.Sort(took)
	if median := took[messages/2]; median > 35*time.Millisecond {
		t.Errorf("median %v: each message waits for a delayed acknowledgement", median)
	}
}
