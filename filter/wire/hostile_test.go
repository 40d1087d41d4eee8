package wire_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// frame is a frame with its true length.
func frame(code byte, payload string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)+1))
	return append(append(b, code), payload...)
}

func offer(version, actions, steps uint32) []byte {
	var p []byte
	for _, v := range []uint32{version, actions, steps} {
		p = binary.BigEndian.AppendUint32(p, v)
	}
	return frame('O', string(p))
}

// Frames of a good conversation, to come as far as needed.
var (
	good = struct{ offer, connect, helo, mail, rcpt, header, eoh, body, end, abort []byte }{
		offer:   offer(6, 0x1ff, 0x1fffff),
		connect: frame('C', "h\x004\x00\x19192.0.2.1\x00"),
		helo:    frame('H', "h\x00"),
		mail:    frame('M', "<a@example.com>\x00"),
		rcpt:    frame('R', "<b@example.org>\x00"),
		header:  frame('L', "A\x00b\x00"),
		eoh:     frame('N', ""),
		body:    frame('B', "text\r\n"),
		end:     frame('E', ""),
		abort:   frame('A', ""),
	}
)

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// TestHostileFrames: each is closed at once, counted under its reason, and the
// server goes on.
func TestHostileFrames(t *testing.T) {
	g := good
	client := join(g.offer, g.connect)
	mail := join(client, g.helo, g.mail)
	rcpt := join(mail, g.rcpt)
	for _, tt := range []struct {
		name  string
		bytes []byte
		why   wire.Reason
	}{
		{"zero length", join(g.offer, []byte{0, 0, 0, 0}), wire.ZeroLength},
		{"zero length first", []byte{0, 0, 0, 0}, wire.ZeroLength},
		{"400 MB", join(g.offer, []byte{0x17, 0xd7, 0x84, 0x00, 'B'}), wire.TooLong},
		{"4 GB", []byte{0xff, 0xff, 0xff, 0xff, 'O'}, wire.TooLong},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), wire.TooLong},
		{"no offer", g.connect, wire.BadOffer},
		{"short offer", frame('O', "\x00\x00\x06"), wire.BadOffer},
		{"version 1", offer(1, 0x1ff, 0), wire.BadOffer},
		{"no actions", offer(6, 0, 0), wire.MissingAction},
		{"cannot change headers", offer(6, 0x1ff&^uint32(milter.OptChangeHeader), 0), wire.MissingAction},
		{"second offer", join(g.offer, g.offer), wire.OutOfOrder},
		{"CONNECT empty", join(g.offer, frame('C', "")), wire.BadConnect},
		{"CONNECT without NUL", join(g.offer, frame('C', "host")), wire.BadConnect},
		{"CONNECT without family", join(g.offer, frame('C', "host\x00")), wire.BadConnect},
		{"CONNECT short port", join(g.offer, frame('C', "host\x004\x00")), wire.BadConnect},
		{"CONNECT without address", join(g.offer, frame('C', "host\x004\x00\x19")), wire.BadConnect},
		{"CONNECT address without NUL", join(g.offer, frame('C', "host\x004\x00\x19192.0.2.1")), wire.BadConnect},
		{"CONNECT no address", join(g.offer, frame('C', "host\x004\x00\x19localhost\x00")), wire.BadConnect},
		{"CONNECT family", join(g.offer, frame('C', "host\x00X\x00\x19192.0.2.1\x00")), wire.BadFamily},
		{"CONNECT family 0", join(g.offer, frame('C', "host\x00\x00\x00\x19192.0.2.1\x00")), wire.BadFamily},
		{"HELO without NUL", join(client, frame('H', "h")), wire.BadHelo},
		{"HELO twice in one", join(client, frame('H', "h\x00h\x00")), wire.BadHelo},
		{"MAIL empty", join(client, frame('M', "")), wire.BadPath},
		{"MAIL without NUL", join(client, frame('M', "<a@b>")), wire.BadPath},
		{"MAIL long", join(client, frame('M', strings.Repeat("a", 64<<10)+"\x00")), wire.BadPath},
		{"MAIL arguments", join(client, frame('M', strings.Repeat("A\x00", 1000))), wire.BadPath},
		{"RCPT without NUL", join(mail, frame('R', "<a@b>")), wire.BadPath},
		{"HEADER empty", join(rcpt, frame('L', "")), wire.BadHeader},
		{"HEADER one string", join(rcpt, frame('L', "A\x00")), wire.BadHeader},
		{"HEADER three strings", join(rcpt, frame('L', "A\x00b\x00c\x00")), wire.BadHeader},
		{"HEADER without name", join(rcpt, frame('L', "\x00b\x00")), wire.BadHeader},
		{"HEADER without NUL", join(rcpt, frame('L', "A\x00b")), wire.BadHeader},
		{"HEADER name of two lines", join(rcpt, frame('L', "A: b\nC\x00d\x00")), wire.BadHeader},
		{"MACRO empty", join(client, frame('D', "")), wire.BadMacro},
		{"MACRO flood", join(client, frame('D', "C"+strings.Repeat("x\x00", 20<<10))), wire.BadMacro},
		{"command 0", join(client, frame(0, "")), wire.UnknownCommand},
		{"command z", join(client, frame('z', "")), wire.UnknownCommand},
		{"MAIL first", join(g.offer, g.mail), wire.OutOfOrder},
		{"CONNECT twice", join(client, g.connect), wire.OutOfOrder},
		{"RCPT before MAIL", join(client, g.rcpt), wire.OutOfOrder},
		{"MAIL twice", join(mail, g.mail), wire.OutOfOrder},
		{"HEADER before RCPT", join(mail, g.header), wire.OutOfOrder},
		{"HEADER after header", join(rcpt, g.eoh, g.header), wire.OutOfOrder},
		{"RCPT after header", join(rcpt, g.eoh, g.rcpt), wire.OutOfOrder},
		{"BODY in header", join(rcpt, g.header, g.body), wire.OutOfOrder},
		{"end without message", join(client, g.end), wire.OutOfOrder},
		{"end in header", join(rcpt, g.header, g.end), wire.OutOfOrder},
		{"DATA before RCPT", join(mail, frame('T', "")), wire.OutOfOrder},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(tt.name+"/"+network, func(t *testing.T) {
				s := start(t, network, wire.Limits{}, hooks{})
				c := s.raw(t)
				must(t, c.Raw(tt.bytes))
				if bytes.HasPrefix(tt.bytes, g.offer) {
					if code, _, err := c.ReadFrame(); err == nil && code != 'O' {
						t.Fatalf("answer %q to the offer", code)
					}
				}
				closed(t, c)
				s.want(t, "frames_rejected_total", string(tt.why), 1)
				s.want(t, "connections_open", "", 0)
				s.alive(t)
			})
		}
	}
}

// TestHostileHalf: a peer that closes in the middle, at every byte of a message.
func TestHostileHalf(t *testing.T) {
	whole := join(good.offer, good.connect, good.helo, good.mail, good.rcpt, good.header, good.eoh, good.body, good.end)
	s := start(t, "unix", wire.Limits{}, hooks{mute: true})
	for n := range len(whole) {
		c := s.raw(t)
		must(t, c.Raw(whole[:n]))
		must(t, c.Close())
	}
	s.want(t, "connections_total", "", float64(len(whole)))
	s.want(t, "connections_open", "", 0)
	s.alive(t)
}

// TestHostileSilence: each kind of waiting ends at its own deadline.
func TestHostileSilence(t *testing.T) {
	const short = 60 * time.Millisecond
	half := good.mail[:len(good.mail)-3]
	for _, tt := range []struct {
		name   string
		bytes  []byte
		limits wire.Limits
		wait   string
	}{
		{"nothing at all", nil, wire.Limits{FrameTime: short}, "offer"},
		{"half an offer", good.offer[:7], wire.Limits{FrameTime: short}, "offer"},
		{"half a frame", join(good.offer, good.connect, half), wire.Limits{FrameTime: short}, "frame"},
		{"half a length", join(good.offer, good.connect, good.mail[:2]), wire.Limits{FrameTime: short}, "frame"},
		{"between messages", join(good.offer, good.connect), wire.Limits{IdleTime: short}, "idle"},
		{"in a message", join(good.offer, good.connect, good.mail), wire.Limits{IdleTime: short}, "idle"},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(tt.name+"/"+network, func(t *testing.T) {
				s := start(t, network, tt.limits, hooks{})
				c := s.raw(t)
				must(t, c.Raw(tt.bytes))
				if len(tt.bytes) >= len(good.offer) {
					_, _, err := c.ReadFrame()
					must(t, err)
				}
				closed(t, c)
				s.want(t, "deadlines_total", tt.wait, 1)
				s.want(t, "connections_open", "", 0)
				s.alive(t)
			})
		}
	}
}

// TestHostileSlowLoris: a byte now and then does not prolong a frame, but a slow
// MTA between frames is welcome.
func TestHostileSlowLoris(t *testing.T) {
	s := start(t, "tcp", wire.Limits{FrameTime: 150 * time.Millisecond}, hooks{})
	slow := s.dial(t)
	begun := time.Now()
	for _, b := range good.connect {
		if slow.Raw([]byte{b}) != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	closed(t, slow)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("closed after %v", took)
	}
	s.want(t, "deadlines_total", "frame", 1)

	patient := s.dial(t)
	for _, f := range [][]byte{good.connect, good.mail, good.rcpt, good.eoh} {
		must(t, patient.Raw(f))
		time.Sleep(100 * time.Millisecond)
	}
	if r, err := patient.End(); err != nil || r.Code != milter.ActContinue {
		t.Errorf("slow MTA: %+v, %v", r, err)
	}
}

// TestHostileDeaf: a peer that never reads its answers.
func TestHostileDeaf(t *testing.T) {
	s := start(t, "unix", wire.Limits{WriteTime: 50 * time.Millisecond}, hooks{mute: true})
	c := s.dialOffer(t, wiretest.Offer{Version: 6, Actions: 0x1ff})
	c.Timeout = 3 * time.Second
	must(t, c.Raw(join(good.connect, good.mail)))
	var err error
	for range 1 << 14 {
		if err = c.Raw(bytes.Repeat(good.rcpt, 64)); err != nil {
			break
		}
	}
	if err == nil {
		t.Fatal("the server takes everything")
	}
	s.want(t, "deadlines_total", "write", 1)
	s.want(t, "connections_open", "", 0)
	s.alive(t)
}

// TestHostileFlood: past the limit connections are turned away, and those that
// are open still work.
func TestHostileFlood(t *testing.T) {
	const limit = 20
	s := start(t, "unix", wire.Limits{Connections: limit}, hooks{})
	first := s.open(t)
	var idle []*wiretest.Client
	for range limit - 1 {
		idle = append(idle, s.raw(t))
	}
	s.want(t, "connections_open", "", limit)
	s.want(t, "connections_limit", "", limit)
	for range 50 {
		closed(t, s.raw(t))
	}
	s.want(t, "connections_refused_total", "", 50)
	if r, err := first.Send(wiretest.Message{}); err != nil || r.Code != milter.ActContinue {
		t.Errorf("message in the flood: %+v, %v", r, err)
	}
	must(t, idle[0].Close())
	s.want(t, "connections_open", "", limit-1)
	s.alive(t)
}

// TestHostileHeaders: a header without end costs no memory here; the session has
// limits of its own.
func TestHostileHeaders(t *testing.T) {
	var most uint64
	seen := 0
	s := start(t, "unix", wire.Limits{}, hooks{mute: true, call: func(name string, _ *wire.Conn) {
		if seen++; seen%2000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}})
	c := s.open(t)
	must(t, c.Raw(join(good.mail, good.rcpt)))
	value := strings.Repeat("v", 1000)
	for i := range 40_000 {
		must(t, c.Header(fmt.Sprintf("X-%d", i), value))
	}
	must(t, c.EndOfHeader())
	r, err := c.End()
	if err != nil || r.Code != milter.ActContinue {
		t.Errorf("%+v, %v", r, err)
	}
	if most > 64<<20 {
		t.Errorf("heap grew to %d MiB", most>>20)
	}
}

// TestFrameLimit: at the limit, and one past it.
func TestFrameLimit(t *testing.T) {
	const limit = 70_000
	s := start(t, "unix", wire.Limits{FrameBytes: limit}, hooks{})
	c := s.open(t)
	must(t, c.Raw(join(good.mail, good.rcpt, good.eoh, frame('B', strings.Repeat("x", limit-1)))))
	if r, err := c.End(); err != nil || r.Code != milter.ActContinue {
		t.Errorf("at the limit: %+v, %v", r, err)
	}
	c = s.open(t)
	must(t, c.Raw(join(good.mail, good.rcpt, good.eoh)))
	_ = c.Raw(frame('B', strings.Repeat("x", limit))) // may be closed before all is written
	closed(t, c)
	s.want(t, "frames_rejected_total", "too_long", 1)
	s.want(t, "messages_total", "lost", 1)
}

func TestPathAndMacroLimits(t *testing.T) {
	client := join(good.offer, good.connect)
	at := map[string][]byte{
		"MAIL":  frame('M', strings.Repeat("a", 8<<10-1)+"\x00"),
		"args":  frame('M', "<>\x00"+strings.Repeat("A\x00", 32)),
		"HELO":  frame('H', strings.Repeat("a", 8<<10-1)+"\x00"),
		"MACRO": frame('D', "C"+strings.Repeat("x", 16<<10-1)),
	}
	past := map[string][]byte{
		"MAIL":  frame('M', strings.Repeat("a", 8<<10)+"\x00"),
		"args":  frame('M', "<>\x00"+strings.Repeat("A\x00", 33)),
		"HELO":  frame('H', strings.Repeat("a", 8<<10)+"\x00"),
		"MACRO": frame('D', "C"+strings.Repeat("x", 16<<10)),
	}
	for name := range at {
		s := start(t, "unix", wire.Limits{}, hooks{mute: true})
		c := s.raw(t)
		must(t, c.Raw(join(client, at[name], frame('Q', ""))))
		s.want(t, "connections_total", "", 1)
		s.want(t, "connections_open", "", 0)
		for _, why := range []string{"bad_path", "bad_helo", "bad_macro"} {
			s.want(t, "frames_rejected_total", why, 0)
		}
		c = s.raw(t)
		must(t, c.Raw(join(client, past[name])))
		_, _, _ = c.ReadFrame()
		closed(t, c)
		why := map[string]string{"MAIL": "bad_path", "args": "bad_path", "HELO": "bad_helo", "MACRO": "bad_macro"}[name]
		s.want(t, "frames_rejected_total", why, 1)
	}
}
