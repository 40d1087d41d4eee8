package wire

import (
	"errors"
	"time"
)

// Limits bounds what connections may cost. A zero field means its default. With
// the defaults, hostile peers on all connections at once can hold about 400 KiB
// of each, 400 MiB in all; an ordinary connection holds 20 KiB between messages.
// That is the wire's own share: what a session keeps of a message is bounded by
// the session (see session.Limits).
type Limits struct {
	Connections   int           // open at once; one more is closed right after accept (default 1024)
	FrameBytes    int           // longest frame, command byte included (default 128 KiB; Postfix sends 65,536 at most)
	FrameTime     time.Duration // from the first byte of a frame to its last, and for the first frame of all (default 30 s)
	IdleTime      time.Duration // between frames (default 2 h: an MTA waits for slow clients in there, and for it a closed connection is a failed filter)
	WriteTime     time.Duration // for the MTA to take an answer (default 30 s)
	MessageTime   time.Duration // for judging one message (default 60 s; Postfix waits 300 s, with progress replies for ever)
	ProgressEvery time.Duration // between progress replies while a message is judged (default 10 s)
}

// Defaults of Limits.
const (
	DefaultConnections   = 1024
	DefaultFrameBytes    = 128 << 10
	DefaultFrameTime     = 30 * time.Second
	DefaultIdleTime      = 2 * time.Hour
	DefaultWriteTime     = 30 * time.Second
	DefaultMessageTime   = 60 * time.Second
	DefaultProgressEvery = 10 * time.Second
)

// Limits that nobody needs to change.
const (
	maxMacroBytes  = 16 << 10    // macros of one stage; Postfix sends a few hundred bytes
	maxPathBytes   = 8 << 10     // MAIL, RCPT, HELO, CONNECT; an SMTP command line has 2,048 in Postfix, 512 in RFC 5321 section 4.5.3.1.4
	maxPathArgs    = 32          // ESMTP parameters of one MAIL or RCPT
	readBuffer     = 16 << 10    // per connection; also what an MTA may send ahead while it waits for a verdict
	keepFrameBytes = 16 << 10    // a frame buffer that grew past this is let go after the message
	keepOutBytes   = 64 << 10    // the same for gathered answers
	minFrameBytes  = 65536 + 4   // below this Postfix's body chunks do not fit
	closeGrace     = time.Second // for connections to end after they were cut
	acceptBackoff  = time.Second // longest pause after a failed accept (no file descriptors left)
	macroStages    = "CHMRTNEL"  // commands whose macros are kept; the rest of the alphabet is ignored
	tempfailText   = "451 4.3.0 Message check failed, try again later"
)

// fill returns the limits with the defaults in place of zeros.
func (l Limits) fill() (Limits, error) {
	if l.Connections < 0 || l.FrameBytes < 0 || l.FrameTime < 0 || l.IdleTime < 0 ||
		l.WriteTime < 0 || l.MessageTime < 0 || l.ProgressEvery < 0 {
		return l, errors.New("wire: a limit is negative")
	}
	orInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	orInt(&l.Connections, DefaultConnections)
	orInt(&l.FrameBytes, DefaultFrameBytes)
	orTime(&l.FrameTime, DefaultFrameTime)
	orTime(&l.IdleTime, DefaultIdleTime)
	orTime(&l.WriteTime, DefaultWriteTime)
	orTime(&l.MessageTime, DefaultMessageTime)
	orTime(&l.ProgressEvery, DefaultProgressEvery)
	if l.FrameBytes < minFrameBytes {
		return l, errors.New("wire: frame limit below 65,540 bytes: body chunks would not fit")
	}
	return l, nil
}
