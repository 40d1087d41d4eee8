package quarantine

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"runtime"
	"runtime/debug"
	usage "runtime/metrics"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/stamp"
)

const bigMessage = 50 << 20

// big is what a large attachment looks like: base64 of what cannot be packed.
func big() []byte {
	r := rand.NewChaCha8([32]byte{1})
	line := make([]byte, 57)
	var b strings.Builder
	b.Grow(bigMessage + 78)
	for b.Len() < bigMessage {
		r.Read(line)
		b.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
	return []byte(b.String())
}

// swallow is an SMTP server that takes everything and keeps nothing.
func swallow(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
			answer("220 swallow")
			in, data := bufio.NewScanner(conn), false
			for in.Scan() {
				switch line := in.Text(); {
				case data && line != ".":
				case data:
					data = false
					answer("250 2.0.0 swallowed")
				case line == "DATA":
					data = true
					answer("354 go on")
				case strings.HasPrefix(line, "EHLO"):
					answer("250-swallow\r\n250-8BITMIME\r\n250 SIZE")
				default:
					answer("250 2.0.0 ok")
				}
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// peak tells how much more memory is in use at most while do runs, in lengths of the
// message.
func peak(b *testing.B, do func()) {
	in := []usage.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	now := func() float64 {
		usage.Read(in)
		return float64(in[0].Value.Uint64())
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5)) // so that it is not what was in use before
	runtime.GC()
	base, most := now(), 0.0
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				most = max(most, now())
			}
		}
	}()
	do()
	close(stop)
	<-done
	b.ReportMetric(max(most-base, 0)/bigMessage, "peak/size")
}

// BenchmarkBigMessage: what a message of 50 MB takes, in time and in memory.
func BenchmarkBigMessage(b *testing.B) {
	text := big()
	for _, name := range []string{"sqlite and files", "sqlite and sealed files", "postgres and files", "postgres and objects"} {
		b.Run(name, func(b *testing.B) {
			place := newBackend(b, name)
			s := place.open(b, Options{})
			key, err := stamp.Open(filepath.Join(b.TempDir(), "key"))
			if err != nil {
				b.Fatal(err)
			}
			addr, n, e := swallow(b), 0, entry("", "a@b")
			e.Body = text
			put := func() (id string, err error) {
				n++ // another message each time
				e.Header[1].Raw = fmt.Appendf(nil, "Subject: %d\r\n", n)
				return s.Put(b.Context(), e)
			}
			id, err := put()
			if err != nil {
				b.Fatal(err)
			}
			run := func(name string, do func() error) {
				b.Run(name, func(b *testing.B) {
					b.SetBytes(bigMessage)
					b.ReportAllocs()
					peak(b, func() {
						for b.Loop() {
							if err := do(); err != nil {
								b.Fatal(err)
							}
						}
					})
				})
			}
			run("put", func() error { _, err := put(); return err })
			run("show", func() error { _, err := s.Message(b.Context(), id); return err })
			run("read", func() error { // as for its page
				raw, err := s.Message(b.Context(), id)
				if err != nil {
					return err
				}
				h, body, err := mail.ReadBytes(raw)
				mail.Parse(h, body)
				return err
			})
			run("export", func() error {
				write, end := ToArchive(io.Discard, time.Now())
				if _, err := s.Export(b.Context(), id, write); err != nil {
					return err
				}
				return end()
			})
			run("check", func() error {
				items, err := s.Show(b.Context(), id)
				if err != nil {
					return err
				}
				return whole(b.Context(), s, items[0])
			})
			run("release", func() error {
				items, err := s.Release(b.Context(), id, ReleaseOptions{Addr: addr, Key: key})
				if err != nil && !errors.Is(err, ErrUnproved) { // nobody redeems here
					return err
				}
				_, _, err = s.index.move(b.Context(), items[0], Held, "", "")
				return err
			})
		})
	}
}
