// Package cases loads the test cases under testdata/cases. Tests only.
//
// A case is a folder: message.eml is the message, session.txt its envelope,
// dns.zone what DNS says, why.txt why the case exists, and want.json what is to
// come of it.
package cases

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sekisho/filter/mail"
	"sekisho/filter/suite"
)

// Case is one loaded case.
type Case struct {
	Name     string
	Dir      string
	Envelope mail.Envelope
	Raw      []byte // the message as it is in the file, CRLF line ends
	Header   mail.Header
	Body     []byte
	Zone     string // master file text
}

// Load returns every case whose folder starts with prefix, in order.
func Load(tb testing.TB, prefix string) []Case {
	tb.Helper()
	dirs, err := filepath.Glob(filepath.Join(suite.Root(tb), "testdata", "cases", prefix+"*"))
	if err != nil || len(dirs) == 0 {
		tb.Fatalf("no cases %q: %v", prefix, err)
	}
	var all []Case
	for _, dir := range dirs {
		c, err := load(dir)
		if err != nil {
			tb.Fatalf("case %s: %v", filepath.Base(dir), err)
		}
		all = append(all, c)
	}
	return all
}

func load(dir string) (Case, error) {
	c := Case{Name: filepath.Base(dir), Dir: dir}
	var err error
	if c.Raw, err = os.ReadFile(filepath.Join(dir, "message.eml")); err != nil {
		return c, err
	}
	if c.Header, c.Body, err = mail.ReadBytes(c.Raw); err != nil {
		return c, err
	}
	zone, err := os.ReadFile(filepath.Join(dir, "dns.zone"))
	if err != nil {
		return c, err
	}
	c.Zone = string(zone)
	session, err := os.ReadFile(filepath.Join(dir, "session.txt"))
	if err != nil {
		return c, err
	}
	c.Envelope, err = envelope(string(session))
	return c, err
}

func envelope(text string) (mail.Envelope, error) {
	var env mail.Envelope
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "client":
			ip, err := netip.ParseAddr(value)
			if err != nil {
				return env, fmt.Errorf("session.txt: %w", err)
			}
			env.Client = ip
		case "name":
			env.ClientName = value
		case "helo":
			env.Helo = value
		case "from":
			env.Sender = value
		case "rcpt":
			env.Recipients = append(env.Recipients, value)
		case "":
		default:
			return env, fmt.Errorf("session.txt: unknown word %q", key)
		}
	}
	return env, nil
}
