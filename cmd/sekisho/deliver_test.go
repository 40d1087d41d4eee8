package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire/wiretest"
)

// deliver is a program for scripts: deliver SOCKET FROM TO[,TO] FILE hands the
// message in FILE to the milter at SOCKET, tcp:host:port or unix:/path, and
// prints the edits and the answer.
func deliver() {
	if err := deliverTo(os.Stdout, os.Args[1], os.Args[2], strings.Split(os.Args[3], ","), os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "deliver:", err)
		os.Exit(1)
	}
}

func deliverTo(w io.Writer, socket, from string, to []string, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	network, address, _ := strings.Cut(socket, ":")
	c, err := wiretest.Dial(network, address)
	if err != nil {
		return err
	}
	defer c.Close()
	c.Timeout = time.Minute
	if _, err := c.Negotiate(wiretest.Postfix()); err != nil {
		return err
	}
	m := wiretest.Message{From: from, To: to, Data: bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))}
	if err := c.Open(m); err != nil {
		return err
	}
	reply, err := c.Send(m)
	if err != nil {
		return err
	}
	for _, e := range reply.Edits {
		fmt.Fprintf(w, "%s %s:%s\n", edits[e.Code], e.Name, e.Value)
	}
	fmt.Fprintln(w, strings.TrimSpace(answers[reply.Code]+" "+reply.Text))
	return c.Quit()
}

var edits = map[milter.ModifyActCode]string{
	milter.ActAddHeader: "add", milter.ActInsertHeader: "insert", milter.ActChangeHeader: "change",
	milter.ActDelRcpt: "without recipient", milter.ActQuarantine: "hold",
}

var answers = map[milter.ActionCode]string{
	milter.ActAccept: "accept", milter.ActContinue: "continue", milter.ActDiscard: "discard",
	milter.ActReject: "reject", milter.ActTempFail: "tempfail", milter.ActReplyCode: "reply",
}
