package e2e

import (
	"bytes"
	"fmt"
	"net/textproto"
	"strings"
	"syscall"
	"testing"
	"time"

	"sekisho/filter/cases"
)

// slowZone makes the judgement of a message from slow.test wait for DNS.
const slowZone = friendZone + `slow.test. TXT "v=spf1 ip4:192.0.2.70 -all"
; delay slow.test 1500ms
`

// slow is an honest message whose judgement takes more than a second.
func slow(id string) (raw []byte) {
	return bytes.ReplaceAll(letter(id, "hello"), []byte("tomodachi.test"), []byte("slow.test"))
}

// TestE2ETermination: a message under way when sekisho is told to stop is judged
// and answered; the process ends in order.
func TestE2ETermination(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{zone: slowZone})
	env := friend()
	env.Sender = "taro@slow.test"
	c := dial(t, lab.Postfix.Addr, env)
	c.envelope(env, "")
	c.must(c.command(354, "DATA"))
	go func() {
		time.Sleep(500 * time.Millisecond) // into the judgement, which takes 1.5 s
		lab.Sekisho.signal(syscall.SIGTERM)
	}()
	expect(t, c.data(slow("stopping")), "250 ")
	lab.delivered(t, "stopping")
	if err := lab.Sekisho.wait(); err != nil {
		t.Errorf("end of the process: %v", err)
	}
	// While nobody is there the sender is told to wait, and loses nothing.
	refused := dial2(t, lab, friend().Sender)
	if !strings.HasPrefix(refused, "4") {
		t.Errorf("without sekisho: %q, want a 4xx", refused)
	}
	lab.Sekisho.start()
	expect(t, dial(t, lab.Postfix.Addr, friend()).send(friend(), letter("after-stop", "hello"), ""), "250 ")
	lab.delivered(t, "after-stop")
}

// dial2 tries a message without the checks of client and returns the first
// answer that is not positive, or that to the end of data.
func dial2(t *testing.T, lab *Lab, sender string) string {
	t.Helper()
	conn, err := textproto.Dial("tcp", lab.Postfix.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	code, text, err := conn.ReadResponse(0)
	for _, line := range []string{"EHLO x.test", "MAIL FROM:<" + sender + ">", "RCPT TO:<hanako@kaisha.test>", "DATA"} {
		if err != nil || code >= 400 {
			break
		}
		if err = conn.PrintfLine("%s", line); err == nil {
			code, text, err = conn.ReadResponse(0)
		}
	}
	if err != nil {
		return "451 " + err.Error() // Postfix hangs up on some errors: the sender tries again
	}
	return fmt.Sprintf("%d %s", code, text)
}

// TestE2EKill kills sekisho at each stage of a message. Whatever the sender was
// told holds: after a 250 the message is delivered or held, after a 4xx it may
// send again, and then is.
func TestE2EKill(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{zone: slowZone})
	for _, stage := range []string{"connect", "helo", "mail", "rcpt", "data", "header", "body", "end"} {
		for _, kind := range []string{"story-a-", "story-f-genuine-rakuten"} {
			t.Run(stage+" "+kind, func(t *testing.T) { lab.killAt(t, stage, find(t, kind)) })
		}
	}
	lab.reconcile(t, 16)
}

func (l *Lab) killAt(t *testing.T, stage string, k cases.Case) {
	id := strings.ReplaceAll(t.Name(), "/", "-")
	id = strings.ReplaceAll(id[strings.Index(id, "-")+1:], "_", "-")
	raw := bytes.Replace(k.Raw, []byte("Message-ID: <"), []byte("X-Try: "+id+"\r\nMessage-ID: <"), 1)
	answer := l.interrupted(t, stage, k, raw)
	l.Sekisho.start()
	for tries := 0; !strings.HasPrefix(answer, "2"); tries++ {
		if !strings.HasPrefix(answer, "4") || tries > 3 {
			t.Fatalf("stage %s: the sender was told %q", stage, answer)
		}
		answer = dial(t, l.Postfix.Addr, k.Envelope).send(k.Envelope, raw, "")
	}
}

// interrupted sends a message and kills sekisho at the stage. It returns what the
// sender was told last; a session that broke off counts as a 4xx.
func (l *Lab) interrupted(t *testing.T, stage string, k cases.Case, raw []byte) string {
	conn, err := textproto.Dial("tcp", l.Postfix.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	killed := false
	kill := func(at string) {
		if at == stage {
			l.Sekisho.kill()
			killed = true
		}
	}
	var answer string
	ask := func(line string) bool {
		if line != "" {
			if err := conn.PrintfLine("%s", line); err != nil {
				answer = "451 " + err.Error()
				return false
			}
		}
		code, text, err := conn.ReadResponse(0)
		answer = fmt.Sprintf("%d %s", code, text)
		if err != nil {
			answer = "451 " + err.Error()
		}
		return err == nil && code < 400
	}
	steps := []struct{ at, line string }{
		{"connect", "EHLO out.test"},
		{"helo", "MAIL FROM:<" + k.Envelope.Sender + ">"},
		{"mail", "RCPT TO:<" + k.Envelope.Recipients[0] + ">"},
		{"rcpt", "DATA"},
	}
	if !ask("") {
		return answer
	}
	for _, s := range steps {
		kill(s.at)
		if !ask(s.line) {
			return l.dead(kill, killed, stage, answer)
		}
	}
	kill("data")
	data := stuff(raw)
	head := bytes.Index(data, []byte("Subject:"))
	body := bytes.Index(data, []byte("\r\n\r\n")) + 10
	for _, piece := range []struct {
		at   string
		data []byte
	}{{"header", data[:head]}, {"body", data[head:body]}, {"end", data[body:]}} {
		if _, err := conn.W.Write(piece.data); err != nil {
			return "451 " + err.Error()
		}
		if err := conn.W.Flush(); err != nil {
			return "451 " + err.Error()
		}
		if piece.at != "end" {
			time.Sleep(20 * time.Millisecond)
		}
		kill(piece.at)
	}
	ask("")
	return answer
}

// dead makes sure that the process is gone even when Postfix refused before the
// stage was reached.
func (l *Lab) dead(kill func(string), killed bool, stage, answer string) string {
	if !killed {
		kill(stage)
	}
	return answer
}

// reconcile checks that each of the n messages is delivered or held, none both.
func (l *Lab) reconcile(t *testing.T, n int) {
	l.nothingElse(t, n/2)
	list, err := l.Sekisho.command("quarantine", "list", "--json")
	if err != nil {
		t.Fatalf("quarantine list: %v\n%s", err, list)
	}
	// A message that was stored when the process died before its answer is held
	// twice: the sender sent it again. Never less than once.
	if held := strings.Count(strings.TrimSpace(list), "\n") + 1; held < n/2 {
		t.Errorf("%d held, want at least %d:\n%s", held, n/2, list)
	}
}
