package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"sekisho/filter/dns/dnstest"
	"sekisho/filter/freeport"
	"sekisho/filter/quarantine/servers"
	"sekisho/filter/quarantine/smtpsink"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sekisho": main, "deliver": deliver})
}

// TestScripts runs testdata/script. Beside testscript's own commands there are:
//
//	deliver SOCKET FROM TO[,TO] FILE  hands a message to a milter as Postfix would; prints the answer
//	expand FILE...                    replaces $NAME in files
//	capture NAME REGEXP               sets NAME to the first group found in the last standard output
//	ready                             waits until the daemon at $ADMIN takes messages
//	metric SERIES VALUE               wants a metric of the daemon at $ADMIN, in the end
//	logged REGEXP FILE                wants a line in a growing file, in the end
//	zone FILE                         serves a DNS zone; sets RESOLVER
//	sink                              starts an SMTP server; sets SINK
//	received FILE                     wants the message that the server got last
//	shared                            starts PostgreSQL and an S3 server; sets DATABASE, PASSWORD, BUCKET, KEYS; its condition is that both are installed
//	inuse                             occupies the port of $MILTER
//	signal NAME                       to the first program in the background
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("MILTER", freeport.Take(t))
			env.Setenv("ADMIN", freeport.Take(t))
			env.Setenv("S3", freeport.Take(t))
			env.Values[sinkKey{}] = new(*smtpsink.Sink)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "shared" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return servers.Present() == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"expand": expand, "capture": capture, "ready": ready, "metric": metric, "logged": logged,
			"zone": zone, "sink": sink, "received": received, "shared": shared, "inuse": inUse, "signal": sendSignal,
		},
	})
}

func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o600))
	}
}

func capture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) < 2 {
		ts.Fatalf("%s is not in the output", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func ready(ts *testscript.TestScript, neg bool, _ []string) {
	eventually(ts, func() error {
		resp, err := http.Get("http://" + ts.Getenv("ADMIN") + "/readyz")
		if err != nil {
			return err
		}
		resp.Body.Close()
		if (resp.StatusCode == http.StatusOK) == neg {
			return fmt.Errorf("readyz: %s", resp.Status)
		}
		return nil
	})
}

func metric(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, func() error {
		text, err := get("http://" + ts.Getenv("ADMIN") + "/metrics")
		if err == nil && !strings.Contains(text, "\n"+args[0]+" "+args[1]+"\n") {
			err = fmt.Errorf("no %s %s in\n%s", args[0], args[1], text)
		}
		return err
	})
}

func get(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

func logged(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile("(?m)" + args[0])
	eventually(ts, func() error {
		log := ts.ReadFile(args[1])
		if !want.MatchString(log) {
			return fmt.Errorf("%s is not in\n%s", args[0], log)
		}
		return nil
	})
}

// eventually gives check ten seconds.
func eventually(ts *testscript.TestScript, check func() error) {
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	ts.Fatalf("still not after 10 s: %v", err)
}

func zone(ts *testscript.TestScript, _ bool, args []string) {
	s, err := dnstest.Start(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Defer(s.Close)
	ts.Setenv("RESOLVER", s.Addr())
}

type sinkKey struct{}

func sink(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := smtpsink.Serve(l)
	ts.Defer(s.Close)
	*ts.Value(sinkKey{}).(**smtpsink.Sink) = s
	ts.Setenv("SINK", s.Addr)
}

// shared starts a PostgreSQL and an S3-compatible server.
func shared(ts *testscript.TestScript, _ bool, _ []string) {
	p, err := servers.StartPostgres("")
	ts.Check(err)
	ts.Defer(func() { ts.Check(p.Close()) })
	database, err := p.NewDatabase()
	ts.Check(err)
	s, err := servers.StartS3(ts.Getenv("S3"))
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.Close()) })
	bucket, _, err := s.NewBucket()
	ts.Check(err)
	for name, value := range map[string]string{"DATABASE": database, "PASSWORD": p.PasswordFile, "BUCKET": bucket, "KEYS": s.KeyFile} {
		ts.Setenv(name, value)
	}
}

func received(ts *testscript.TestScript, _ bool, args []string) {
	s := *ts.Value(sinkKey{}).(**smtpsink.Sink)
	all := s.Messages()
	if len(all) == 0 {
		ts.Fatalf("the server got no message")
	}
	got := strings.ReplaceAll(string(all[len(all)-1].Data), "\r\n", "\n")
	if want := ts.ReadFile(args[0]); got != want {
		ts.Fatalf("the server got\n%s\nand not\n%s", got, want)
	}
}

func inUse(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", ts.Getenv("MILTER"))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}

func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	background := ts.BackgroundCmds()
	if len(background) == 0 {
		ts.Fatalf("no program in the background")
	}
	ts.Check(background[0].Process.Signal(unix.SignalNum("SIG" + args[0])))
}
