package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	gocmp "github.com/google/go-cmp/cmp"
)

// TestManPages: deploy/man is the command line and the settings as they are.
// -update writes it.
func TestManPages(t *testing.T) {
	settings, err := os.ReadFile("../../deploy/sekisho.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{
		"../../deploy/man/sekisho.1":      commandsManual(newParser(&commands{})),
		"../../deploy/man/sekisho.yaml.5": settingsManual(string(settings)),
	} {
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s is out of date, run this test with -update (-file +program)\n%s", file, diff)
		}
		if _, err := exec.LookPath("mandoc"); err != nil {
			t.Log("mandoc is not here to check the pages")
		} else if out, err := exec.Command("mandoc", "-T", "lint", "-W", "error", file).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// roff makes text safe: a backslash begins an escape, a dot or quote at the start of a
// line a request, and a bare dash is a hyphen.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

const manualHead = `.\" Written from the program by its tests.
.TH %s "" "" sekisho
.SH NAME
%s \- %s
`

func commandsManual(k *kong.Kong) string {
	var b strings.Builder
	fmt.Fprintf(&b, manualHead, "SEKISHO 1", "sekisho", "the checkpoint where mail shows its papers")
	b.WriteString(`.SH SYNOPSIS
.B sekisho
.I command
.RI [ flags ]
.SH DESCRIPTION
sekisho is a milter for Postfix that asks of each message who it claims to be and who it is proved to be. Where the two do not fit it
tags, quarantines or rejects, by the policy of each recipient's domain.
.SH COMMANDS
`)
	for _, command := range k.Model.Leaves(true) {
		fmt.Fprintf(&b, ".SS \"sekisho %s\"\n%s\n", roff(command.Path()), roff(command.Help))
		for _, p := range command.Positional {
			fmt.Fprintf(&b, ".TP\n.I %s\n%s\n", roff(p.Summary()), roff(p.Help))
		}
		for _, f := range command.Flags {
			fmt.Fprintf(&b, ".TP\n.B \\-\\-%s\n%s\n", roff(strings.ReplaceAll(flagName(f), `\|`, "|")), roff(f.Help))
			if f.Default != "" {
				fmt.Fprintf(&b, "Default: %s.\n", roff(f.Default))
			}
		}
	}
	b.WriteString(`.SH "EXIT STATUS"
.TP
.B 0
It did what it was asked.
.TP
.B 2
Its caller can mend what is wrong: flags, settings, policies, files that cannot be read.
.TP
.B 1
Any other failure.
.SH SIGNALS
.TP
.B SIGHUP
.B sekisho run
reads settings, policies and brands again; on an error the old ones go on.
.TP
.B SIGTERM
Running messages may finish, then it ends.
.SH FILES
.TP
.I /etc/sekisho/sekisho.yaml
Settings of the Debian package.
.TP
.I /var/lib/sekisho
Its state: held messages, the control socket.
.SH "SEE ALSO"
.BR sekisho.yaml (5),
.BR postconf (5)
`)
	return b.String()
}

// settingsManual shows the settings file as it is delivered: it explains itself.
func settingsManual(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, manualHead, "SEKISHO.YAML 5", "sekisho.yaml", "settings of sekisho")
	b.WriteString(".SH DESCRIPTION\nAll settings, each with its default.\n.PP\n.nf\n")
	for line := range strings.Lines(file) {
		line = roff(strings.TrimRight(line, "\n"))
		if line == "" {
			line = ".sp"
		}
		b.WriteString(line + "\n")
	}
	b.WriteString(".fi\n.SH \"SEE ALSO\"\n.BR sekisho (1)\n")
	return b.String()
}
