package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sekisho/cmd/sekisho/completion"
)

// TestCompletion: each shell that is here offers what can follow.
func TestCompletion(t *testing.T) {
	for shell, run := range map[completion.Shell]string{
		completion.Bash: `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sekisho; printf '%s\n' "${COMPREPLY[@]}"`,
		completion.Zsh: `compdef() { }; compadd() { shift; print -l -- "$@" }; _files() { [ "$1" = -/ ] && print -l *(/) || print -l * }
			_describe() { print -l -- ${found%%:*} }
			. "$1"; shift; words=("$@"); CURRENT=$#; _sekisho`,
		completion.Fish: `source $argv[1]; complete -C (string join ' ' -- $argv[2..]) | string replace -r '\t.*' ''; true`,
	} {
		t.Run(string(shell), func(t *testing.T) {
			program, err := exec.LookPath(string(shell))
			if err != nil {
				t.Skip("not installed")
			}
			dir := t.TempDir()
			script := filepath.Join(t.TempDir(), "script")
			f, err := os.Create(script)
			if err != nil {
				t.Fatal(err)
			}
			if err := completion.Write(f, shell, newParser(&commands{}).Model); err != nil {
				t.Fatal(err)
			}
			f.Close()
			write(t, filepath.Join(dir, "mail.eml"), "")
			write(t, filepath.Join(dir, "policies", "default.yaml"), "")
			for _, c := range []struct {
				line, want, not string
			}{
				{"sekisho ", "run policy quarantine version", "list check.eml"},
				{"sekisho policy ", "check show promote", "run"},
				{"sekisho policy promote --", "--dry-run --config", "--json"},
				{"sekisho check --proof ", "dns header none", "mail.eml --json"},
				{"sekisho check --json ", "mail.eml --proof", "run"},
				{"sekisho check --policy ", "policies", "mail.eml"},
				{"sekisho quarantine list --config mail.eml --state ", "held releasing released", "mail.eml"},
				{"sekisho completion ", "bash zsh fish", "run"},
			} {
				args := append([]string{"-c", run, "x", script}, strings.Split(c.line, " ")...)
				if shell == completion.Fish {
					args = slices.Delete(args, 2, 3)
				}
				cmd := exec.Command(program, args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "HOME="+dir)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%q: %v\n%s", c.line, err, out)
				}
				var got []string
				for _, w := range strings.Fields(string(out)) {
					got = append(got, strings.TrimSuffix(w, "/"))
				}
				for _, w := range strings.Fields(c.want) {
					// fish offers flags once a dash is written.
					if !slices.Contains(got, w) && (shell != completion.Fish || !strings.HasPrefix(w, "--") || strings.HasSuffix(c.line, "-")) {
						t.Errorf("%q: no %s in %q", c.line, w, got)
					}
				}
				for _, w := range strings.Fields(c.not) {
					if slices.Contains(got, w) {
						t.Errorf("%q: %s in %q", c.line, w, got)
					}
				}
			}
		})
	}
}
