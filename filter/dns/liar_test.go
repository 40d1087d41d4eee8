package dns

import (
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// liar is a server over UDP whose replies are made of the bytes of the query.
func liar(t *testing.T, lie func(query []byte) [][]byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, udpBuffer)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, reply := range lie(append([]byte(nil), buf[:n]...)) {
				conn.WriteTo(reply, from) //nolint:errcheck // the client sees silence
			}
		}
	}()
	return conn.LocalAddr().String()
}

// truth is the honest answer to a query.
func truth(query []byte) []byte {
	var m dns.Msg
	if m.Unpack(query) != nil {
		return nil
	}
	r := new(dns.Msg).SetReply(&m)
	r.Answer = records(m.Question[0].Name + ` IN TXT "true"`)
	b, err := r.Pack()
	if err != nil {
		return nil
	}
	return b
}

// TestWrongAnswers holds what becomes of a question whose server lies: an error
// that is temporary, counted, and no answer that was not asked for.
func TestWrongAnswers(t *testing.T) {
	change := func(f func(b []byte)) func([]byte) [][]byte {
		return func(query []byte) [][]byte {
			b := truth(query)
			f(b)
			return [][]byte{b}
		}
	}
	times := func(n int, b []byte) (all [][]byte) {
		for range n {
			all = append(all, b)
		}
		return all
	}
	tests := []struct {
		name string
		lie  func(query []byte) [][]byte
		want outcome
	}{
		{"truth", change(func([]byte) {}), found},
		{"wrong id", change(func(b []byte) { b[0]++ }), timeout},
		{"wrong question", change(func(b []byte) { b[headerSize+1]++ }), timeout},
		{"wrong type", change(func(b []byte) { b[headerSize+6+1]++ }), timeout},
		{"the query itself", func(q []byte) [][]byte { return [][]byte{q} }, timeout},
		{"garbage", func([]byte) [][]byte { return [][]byte{[]byte("garbage")} }, timeout},
		{"nothing in a datagram", func([]byte) [][]byte { return [][]byte{{}} }, timeout},
		{"silence", func([]byte) [][]byte { return nil }, timeout},
		{"strays, then the truth", func(q []byte) [][]byte {
			return append(times(maxStray-1, []byte("stray")), truth(q))
		}, found},
		{"as many strays as are read", func(q []byte) [][]byte {
			return append(times(maxStray, []byte("stray")), truth(q))
		}, badAnswer},
		{"records cut off", func(q []byte) [][]byte { b := truth(q); return [][]byte{b[:len(b)-2]} }, badAnswer},
		{"a pointer to itself", change(func(b []byte) {
			at := headerSize + 10 // behind the question: the owner of the first record
			b[at], b[at+1] = 0xc0, byte(at)
		}), badAnswer},
		{"a strange code", change(func(b []byte) { b[3] |= 9 }), badAnswer},
		{"FORMERR always", change(func(b []byte) { b[3] |= 1 }), badAnswer},
		{"FORMERR in a bare header, to EDNS only", func(q []byte) [][]byte {
			if q[11] == 0 {
				return [][]byte{truth(q)}
			}
			return [][]byte{{q[0], q[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
		}, found},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Servers: []string{liar(t, tt.lie)}, TryTimeout: 50 * time.Millisecond}
			if tt.want != timeout {
				o.TryTimeout = 2 * time.Second // the reply comes at once, on a busy machine later
			}
			r := newTest(t, o)
			got, err := r.LookupTXT(t.Context(), "a.jp")
			if tt.want == found && (err != nil || len(got) != 1 || got[0] != "true") {
				t.Errorf("%q, %v", got, err)
			}
			if tt.want != found && (kindOf(t, err) != "temporary" && kindOf(t, err) != "timeout") {
				t.Errorf("%q, %v", got, err)
			}
			if n := testutil.ToFloat64(r.metrics.lookups[kindTXT][tt.want]); n != 1 {
				t.Errorf("%v counted as %v", n, tt.want)
			}
		})
	}
}
