package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"sekisho/filter/dns/dnstest"
	"sekisho/filter/freeport"
	"sekisho/filter/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a daemon in this process with a folder of its own.
type house struct {
	*Daemon
	t        *testing.T
	dir      string
	settings string // path of the settings file
	milter   string // host:port
	admin    string // host:port
	logs     *observer.ObservedLogs
	stop     context.CancelFunc
	ended    chan error // what Run returned
}

// zone is DNS for the messages of this package's tests.
const zone = `
st.mgu.ac.jp. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.st.mgu.ac.jp. TXT "v=DMARC1; p=none"
friend.test. TXT "v=spf1 ip4:192.0.2.1 -all"
; delay slow.test 1s
slow.test. TXT "v=spf1 -all"
; silent silent.test
silent.test. TXT "v=spf1 -all"
`

// start runs a daemon with further settings until the test ends.
func start(t *testing.T, settings string) *house {
	t.Helper()
	h := prepare(t)
	h.set(settings)
	h.start()
	return h
}

// prepare writes settings with free ports and a name server.
func prepare(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), milter: freeport.Take(t), admin: freeport.Take(t)}
	h.settings = h.write("sekisho.yaml", fmt.Sprintf(
		"listen: [\"tcp:%s\"]\nadmin: {listen: \"%s\"}\ndns: {servers: [\"%s\"], timeout: 3s}\nstate_dir: %s\n",
		h.milter, h.admin, dnstest.Serve(t, zone), filepath.Join(h.dir, "var")))
	return h
}

// options are those of a daemon on the settings, without a log.
func (h *house) options() Options {
	h.t.Helper()
	s, err := Load(h.settings)
	if err != nil {
		h.t.Fatal(err)
	}
	return Options{ConfigPath: h.settings, Settings: s, Version: "1.2.3", Log: zap.NewNop(), Level: zap.NewAtomicLevel()}
}

// start runs a daemon on the settings until the test ends.
func (h *house) start() {
	h.t.Helper()
	opt := h.options()
	core, logs := observer.New(opt.Level)
	opt.Log, h.logs = zap.New(core), logs
	var err error
	if h.Daemon, err = New(opt); err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.ended = cancel, make(chan error, 1)
	go func() { h.ended <- h.Run(ctx, nil) }()
	h.t.Cleanup(func() {
		cancel()
		_ = h.wait()
	})
	h.eventually("ready", func() bool { code, _ := h.ask("/readyz"); return code == http.StatusOK })
}

func (h *house) write(name, text string) (path string) {
	h.t.Helper()
	path = filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *house) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// set adds lines to the settings.
func (h *house) set(lines string) {
	h.t.Helper()
	h.write("sekisho.yaml", h.read("sekisho.yaml")+lines)
}

// wait returns what Run returned, once it has.
func (h *house) wait() error {
	h.t.Helper()
	select {
	case err := <-h.ended:
		h.ended <- err
		return err
	case <-time.After(10 * time.Second):
		h.t.Fatal("Run did not return")
		return nil
	}
}

func (h *house) ask(path string) (status int, text string) {
	resp, err := http.Get("http://" + h.admin + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	http.DefaultClient.CloseIdleConnections()
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// metric reports whether a series has the value.
func (h *house) metric(series string, value int) bool {
	_, text := h.ask("/metrics")
	return strings.Contains(text, fmt.Sprintf("\n%s %d\n", series, value))
}

func (h *house) eventually(what string, true func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if true() {
			return
		}
	}
	h.t.Fatalf("not %s after 10 s", what)
}

// connect opens a milter connection up to the first message.
func (h *house) connect() *wiretest.Client {
	h.t.Helper()
	c, err := wiretest.Dial("tcp", h.milter)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	if _, err := c.Negotiate(wiretest.Postfix()); err != nil {
		h.t.Fatal(err)
	}
	if err := c.Open(wiretest.Message{}); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// deliver sends one message and returns the answer.
func (h *house) deliver(m wiretest.Message) wiretest.Reply {
	h.t.Helper()
	c := h.connect()
	defer c.Close()
	reply, err := c.Send(m)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply
}

// phish claims to be Rakuten and is proved to be somebody else.
func phish(to ...string) wiretest.Message {
	return message("en-13201@st.mgu.ac.jp", `From: "楽天" <en-13201@st.mgu.ac.jp>
Subject: 【楽天】アカウントは停止されています
Content-Type: text/plain; charset=utf-8

楽天会員様、http://rakuten.example.test/ で情報を確認してください。
`, to...)
}

// friend claims nothing.
func friend(to ...string) wiretest.Message {
	return message("tomo@friend.test", "From: tomo@friend.test\nSubject: weekend\n\nSaturday?\n", to...)
}

func message(from, text string, to ...string) wiretest.Message {
	return wiretest.Message{From: from, To: to, Data: bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))}
}
