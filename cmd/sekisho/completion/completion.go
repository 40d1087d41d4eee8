// Package completion writes what a shell needs to complete a command line, from the
// model of the command line itself.
//
// The scripts are complete in themselves: they ask neither the program nor, for
// bash, the package bash-completion.
package completion

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shell is a shell that we know.
type Shell string

// The shells.
const (
	Bash Shell = "bash"
	Zsh  Shell = "zsh"
	Fish Shell = "fish"
)

// Write writes the script for a shell.
func Write(w io.Writer, shell Shell, app *kong.Application) error {
	write, ok := map[Shell]func(string, []command) string{Bash: bash, Zsh: zsh, Fish: fish}[shell]
	if !ok {
		return fmt.Errorf("no completion for %q", shell)
	}
	_, err := io.WriteString(w, write(app.Name, commands("", app.Node)))
	return err
}

// command is one place of the command line: what can follow there.
type command struct {
	path  string // as in "policy check"; "" is the program itself
	subs  []word
	flags []flag
	args  values // of positional arguments
}

type word struct{ name, help string }

type flag struct {
	word          // the name has its dashes
	alone  bool   // takes no value
	values values // that it takes
}

// values say what a word can be.
type values struct {
	words []string
	files bool
	dirs  bool
}

// commands lists node and all below it.
func commands(path string, node *kong.Node) []command {
	c := command{path: path}
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			one := flag{word: word{"--" + f.Name, f.Help}, alone: f.IsBool()}
			if !one.alone {
				one.values = kind(f.PlaceHolder, f.EnumSlice())
			}
			c.flags = append(c.flags, one)
		}
	}
	for _, p := range node.Positional {
		v := kind(p.Name, p.EnumSlice())
		c.args = values{append(c.args.words, v.words...), c.args.files || v.files, c.args.dirs || v.dirs}
	}
	all := []command{c}
	for _, child := range node.Children {
		if child.Hidden {
			continue
		}
		all[0].subs = append(all[0].subs, word{child.Name, child.Help})
		all = append(all, commands(strings.TrimSpace(path+" "+child.Name), child)...)
	}
	return all
}

// kind tells what a value can be: one of the words, or from its name, a path.
func kind(name string, words []string) values {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) > 0 {
		return values{words: words}
	}
	switch strings.ToUpper(name) {
	case "FILE", "CSV", "OUT", "REPORT", "STATE", "ARCHIVE":
		return values{files: true}
	case "DIR", "OLD", "NEW":
		return values{dirs: true}
	}
	return values{}
}

// names are those of words, as a shell reads a list.
func names(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.name)
	}
	return all
}

// quote makes one word of a text for any of the shells.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// paths are those of all commands but the program itself.
func paths(all []command) []string {
	var list []string
	for _, c := range all[1:] {
		list = append(list, c.path)
	}
	return list
}
