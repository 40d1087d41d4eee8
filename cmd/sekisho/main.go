// Command sekisho is a milter that asks of each message who it claims to be and
// who it is proved to be.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "unknown"

// commands is the whole command line.
type commands struct {
	Run        runCmd        `cmd:"" help:"Run the milter."`
	Check      checkCmd      `cmd:"" help:"Judge RFC 5322 files without an MTA."`
	Quarantine quarantineCmd `cmd:"" help:"List, show and release held messages."`
	Health     healthCmd     `cmd:"" help:"Ask a running sekisho whether it is well."`
	Brands     brandsCmd     `cmd:"" help:"List, show and check the brands of the catalogue."`
	Replay     replayCmd     `cmd:"" help:"Judge an archive of mail and sum up what came of it."`
	Version    versionCmd    `cmd:"" help:"Print the version and what is built in."`
}

// usage marks errors that the caller of the program can mend.
type usage struct{ error }

func main() {
	var cli commands
	parser := kong.Must(&cli, kong.Name("sekisho"), kong.Description("The checkpoint where mail shows its papers."), kong.UsageOnError(), kong.Exit(exit))
	ctx, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.Errorf("%s", err)
		os.Exit(2)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "sekisho: %v\n", err)
		if errors.As(err, &usage{}) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// exit turns the parser's own exit codes into ours: 0 for help, 2 for misuse.
func exit(code int) {
	if code != 0 {
		code = 2
	}
	os.Exit(code)
}
