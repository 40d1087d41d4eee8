package completion

import (
	"fmt"
	"strings"
)

func bash(program string, all []command) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# bash completion of %[1]s
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= i word
	# --flag=value comes as three words.
	if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word="${path:+$path }${COMP_WORDS[i]}"
		case $word in
		%[2]s) path=$word ;;
		esac
	done
	COMPREPLY=()
	local IFS=$'\n' words= kind=
	case "$path $prev" in
`, program, alternatives(paths(all)))
	for _, c := range all {
		for _, f := range c.flags {
			if f.alone {
				continue
			}
			fmt.Fprintf(&b, "\t%s) words=%s kind=%s ;;\n", quote(c.path+" "+f.name), quote(strings.Join(f.values.words, " ")), f.values.kind())
		}
	}
	b.WriteString("\t*)\n\t\tcase $path in\n")
	for _, c := range all {
		words := append(names(c.subs), c.args.words...)
		for _, f := range c.flags {
			words = append(words, f.name)
		}
		fmt.Fprintf(&b, "\t\t%s) words=%s kind=%s ;;\n", quote(c.path), quote(strings.Join(words, " ")), c.args.kind())
	}
	fmt.Fprintf(&b, `		esac
		;;
	esac
	COMPREPLY=($(compgen -W "${words// /$'\n'}" -- "$cur"))
	if [[ -n $kind && $cur != -* ]]; then
		compopt -o filenames 2>/dev/null
		COMPREPLY+=($(compgen -A "$kind" -- "$cur"))
	fi
}
complete -F _%[1]s %[1]s
`, program)
	return b.String()
}

// kind is the name of an action of compgen.
func (v values) kind() string {
	switch {
	case v.files:
		return "file"
	case v.dirs:
		return "directory"
	}
	return ""
}

func alternatives(paths []string) string {
	quoted := make([]string, 0, len(paths))
	for _, p := range paths {
		quoted = append(quoted, quote(p))
	}
	return strings.Join(quoted, " | ")
}

func zsh(program string, all []command) string {
	var b strings.Builder
	fmt.Fprintf(&b, `#compdef %[1]s
# zsh completion of %[1]s
_%[1]s() {
	local at= word i
	for ((i = 2; i < CURRENT; i++)); do
		word="${at:+$at }${words[i]}"
		case $word in
		%[2]s) at=$word ;;
		esac
	done
	local -a found
	case "$at ${words[CURRENT-1]}" in
`, program, strings.ReplaceAll(alternatives(paths(all)), " | ", "|"))
	for _, c := range all {
		for _, f := range c.flags {
			if !f.alone {
				fmt.Fprintf(&b, "\t%s) %s; return ;;\n", quote(c.path+" "+f.name), f.values.zsh())
			}
		}
	}
	b.WriteString("\tesac\n\tcase $at in\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\t%s)\n\t\tfound=(", quote(c.path))
		words := c.subs
		for _, f := range c.flags {
			words = append(words, f.word)
		}
		for _, w := range words {
			b.WriteString("\n\t\t\t" + quote(w.name+":"+strings.ReplaceAll(w.help, ":", `\:`)))
		}
		b.WriteString("\n\t\t)\n\t\t_describe 'command or flag' found\n")
		if action := c.args.zsh(); action != ":" {
			fmt.Fprintf(&b, "\t\t%s\n", action)
		}
		b.WriteString("\t\t;;\n")
	}
	fmt.Fprintf(&b, "\tesac\n}\nif [ \"$funcstack[1]\" = _%[1]s ]; then _%[1]s \"$@\"; else compdef _%[1]s %[1]s; fi\n", program)
	return b.String()
}

// zsh is what completes the values.
func (v values) zsh() string {
	switch {
	case len(v.words) > 0:
		return "compadd -- " + strings.Join(v.words, " ")
	case v.files:
		return "_files"
	case v.dirs:
		return "_files -/"
	}
	return ":"
}

func fish(program string, all []command) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# fish completion of %[1]s
function __%[1]s_at
	set -l at
	for word in (commandline -opc)[2..]
		set -l longer (string trim "$at $word")
		if contains -- $longer %[2]s
			set at $longer
		end
	end
	test "$at" = "$argv[1]"
end
complete -c %[1]s -f
`, program, strings.ReplaceAll(alternatives(paths(all)), " | ", " "))
	for _, c := range all {
		at := "complete -c " + program + " -n " + fishQuote("__"+program+"_at "+fishQuote(c.path))
		for _, s := range c.subs {
			fmt.Fprintf(&b, "%s -a %s -d %s\n", at, s.name, fishQuote(s.help))
		}
		for _, f := range c.flags {
			fmt.Fprintf(&b, "%s -l %s%s -d %s\n", at, strings.TrimPrefix(f.name, "--"), f.fish(), fishQuote(f.help))
		}
		if paths := c.args.fish(); paths != "" {
			fmt.Fprintf(&b, "%s%s\n", at, paths)
		}
		if len(c.args.words) > 0 {
			fmt.Fprintf(&b, "%s -a %s\n", at, fishQuote(strings.Join(c.args.words, " ")))
		}
	}
	return b.String()
}

func (f flag) fish() string {
	switch {
	case f.alone:
		return ""
	case len(f.values.words) > 0:
		return " -x -a " + fishQuote(strings.Join(f.values.words, " "))
	case f.values.files:
		return " -r -F"
	case f.values.dirs:
		return " -x" + f.values.fish()
	}
	return " -x"
}

func (v values) fish() string {
	switch {
	case v.files:
		return " -F"
	case v.dirs:
		return " -a '(__fish_complete_directories)'"
	}
	return ""
}

// fishQuote is quote for fish, where a backslash counts inside quotes.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
