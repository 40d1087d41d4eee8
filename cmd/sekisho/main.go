// Command sekisho is a milter that asks of each message who it claims to be and
// who it is proved to be.
//
// It exits with 0 when it did what it was asked, with 2 when its caller can mend
// what is wrong (flags, settings, policies, files that cannot be read), and with
// 1 on any other failure.
package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "unknown"

// commands is the whole command line.
type commands struct {
	Run        runCmd        `cmd:"" help:"Run the milter."`
	Reload     reloadCmd     `cmd:"" help:"Make a running sekisho read settings, policies and brands again."`
	Policy     policyCmd     `cmd:"" help:"Roll out policies."`
	Check      checkCmd      `cmd:"" help:"Judge RFC 5322 files without an MTA."`
	Quarantine quarantineCmd `cmd:"" help:"List, show and release held messages."`
	Health     healthCmd     `cmd:"" help:"Ask a running sekisho whether it takes messages."`
	Doctor     doctorCmd     `cmd:"" help:"Look at a running set-up and print what to mend: settings, policies, DNS, daemon, sockets, Postfix, clock, disk, stores, permissions."`
	Campaigns  campaignsCmd  `cmd:"" help:"List and show incidents: accounts that suddenly claim brands to many, and claims that many make at once."`
	Brands     brandsCmd     `cmd:"" help:"List, show and check the brands of the catalogue."`
	User       userCmd       `cmd:"" help:"Who may use the web pages and the API."`
	Replay     replayCmd     `cmd:"" help:"Judge an archive of mail, or the decisions of the last days, and sum up what came of it."`
	Explain    explainCmd    `cmd:"" help:"Tell why a message met its verdict, from the journal, and what would have to change for another one."`
	Completion completionCmd `cmd:"" help:"Write the completion of this command line for a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version and what is built in."`
}

func main() {
	parser := newParser(&commands{})
	ctx, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.Errorf("%s", err)
		os.Exit(exitUsage)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "sekisho: %s\n", inDetail(err))
		if errors.As(err, &usage{}) {
			os.Exit(exitUsage)
		}
		os.Exit(exitFailure)
	}
}

func newParser(cli *commands) *kong.Kong {
	return kong.Must(cli, kong.Name("sekisho"), kong.Description("The checkpoint where mail shows its papers."),
		kong.KindMapper(reflect.String, kong.MapperFunc(verbatim)))
}

// verbatim takes an argument byte by byte. Kong's own way leads through JSON,
// which has no names of files that are not UTF-8.
func verbatim(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("string")
	if err != nil {
		return err
	}
	target.SetString(fmt.Sprint(t.Value))
	return nil
}
