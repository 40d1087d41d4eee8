package smtpsink

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// talk sends all of input at once and returns the codes of the answers until the
// server closes.
func talk(t *testing.T, addr, input string) []string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write([]byte(input)); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if l := lines.Text(); l[3] == ' ' {
			codes = append(codes, l[:3])
		}
	}
	return codes
}

func TestPipelinedSession(t *testing.T) {
	sink := Start(t)
	codes := talk(t, sink.Addr, strings.Join([]string{
		"EHLO c", `MAIL FROM:<"a>b\""@x> BODY=8BITMIME SMTPUTF8`, "RCPT TO:<b@x>", "RCPT TO: <c@x> NOTIFY=NEVER", "DATA",
		"..dot", "\xff\n.", "bare\r", ".",
		"MAIL FROM:<>", "RSET", "DATA", "RCPT TO:<>", "VRFY x", "NOOP", "HELO d", "MAIL FROM:<>", "MAIL FROM:<>", "RCPT TO:<e@x>", "DATA", ".", "QUIT", "",
	}, "\r\n"))
	if diff := cmp.Diff(strings.Fields("220 250 250 250 250 354 250 250 250 503 503 500 250 250 250 503 250 354 250 221"), codes); diff != "" {
		t.Error(diff)
	}
	messages := sink.Wait(t, 2, time.Second)
	want := []Message{
		{Helo: "c", Sender: `"a>b\""@x`, SenderArgs: []string{"BODY=8BITMIME", "SMTPUTF8"}, Recipients: []string{"b@x", "c@x"}, Data: []byte(".dot\r\n\xff\n.\r\nbare\r\r\n")},
		{Helo: "d", Recipients: []string{"e@x"}, SenderArgs: []string{}},
	}
	for i := range want {
		want[i].Received = messages[i].Received
	}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersOfTheTest(t *testing.T) {
	sink := Start(t)
	sink.Hide("8BITMIME")
	var verbs []string
	sink.Answer(func(verb, arg string) string {
		verbs = append(verbs, verb)
		return map[string]string{"RCPT TO:<no@x>": "550 no", ". x\r\n": "451 later"}[verb+" "+arg]
	})
	input := "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<no@x>\r\nDATA\r\nRCPT TO:<yes@x>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
	if diff := cmp.Diff(strings.Fields("220 250 250 550 503 250 354 451 221"), talk(t, sink.Addr, input)); diff != "" {
		t.Error(diff)
	}
	if len(sink.Messages()) != 0 {
		t.Error("a message that was refused was kept")
	}
	if diff := cmp.Diff(strings.Fields("CONNECT EHLO MAIL RCPT DATA RCPT DATA . QUIT"), verbs); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	sink := Start(t)
	for _, n := range []int{maxLine, maxLine + 1} {
		input := strings.Repeat("x", n-len("\r\n")) + "\r\nQUIT\r\n"
		want := map[int][]string{maxLine: {"220", "500", "221"}, maxLine + 1: {"220"}}[n]
		if got := talk(t, sink.Addr, input); !cmp.Equal(got, want) {
			t.Errorf("line of %d: %v", n, got)
		}
	}
}
