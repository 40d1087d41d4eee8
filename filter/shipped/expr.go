package shipped

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Selector is one series selector of an expression.
type Selector struct {
	Metric   string
	Matchers []Matcher
}

// Matcher is one condition on a label.
type Matcher struct{ Label, Op, Value string }

// Expression is what an expression asks for.
type Expression struct {
	Selectors []Selector
	Labels    []string // that it groups or joins by
}

var (
	token    = regexp.MustCompile(`^(?:[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9a-zA-Z.]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\s+|\[[^\]]*\]|[!=]~|[!=<>]=|.)`)
	word     = regexp.MustCompile(`^[a-zA-Z_:]`)
	blank    = regexp.MustCompile(`^\s`)
	grouping = []string{"by", "without", "on", "ignoring", "group_left", "group_right"}
	keywords = []string{"and", "or", "unless", "offset", "bool", "Inf", "NaN"}
)

// Parse finds the selectors and labels of an expression in which variables are
// replaced. It is no judge of PromQL, promtool is: it only has to find the names.
func Parse(expr string) (Expression, error) {
	var tokens []string
	for rest := expr; rest != ""; {
		t := token.FindString(rest)
		rest = rest[len(t):]
		if !blank.MatchString(t) && t != "\n" {
			tokens = append(tokens, t)
		}
	}
	var e Expression
	at := func(i int) string {
		if i < len(tokens) {
			return tokens[i]
		}
		return ""
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t == "$":
			return e, fmt.Errorf("a variable is left in %s", expr)
		case !word.MatchString(t) || slices.Contains(keywords, t):
		case slices.Contains(grouping, t):
			if at(i+1) != "(" {
				continue
			}
			for i += 2; i < len(tokens) && tokens[i] != ")"; i++ {
				if tokens[i] != "," {
					e.Labels = append(e.Labels, tokens[i])
				}
			}
		case at(i+1) == "(" || at(i+1) == "by" || at(i+1) == "without":
			// a function or an aggregation
		default:
			s := Selector{Metric: t}
			if at(i+1) == "{" {
				for i += 2; i < len(tokens) && tokens[i] != "}"; i++ {
					if tokens[i] == "," {
						continue
					}
					if i+2 >= len(tokens) {
						return e, fmt.Errorf("matchers without end in %s", expr)
					}
					s.Matchers = append(s.Matchers, Matcher{tokens[i], tokens[i+1], strings.Trim(tokens[i+2], `"'`)})
					i += 2
				}
			}
			e.Selectors = append(e.Selectors, s)
		}
	}
	return e, nil
}

// Fill puts something for each of Grafana's variables that our dashboards use.
func Fill(expr string) string {
	return strings.NewReplacer(
		"${policy:regex}", ".*", "${brand:regex}", ".*", "$policy", ".*", "$brand", ".*", "$instance", ".*", "$job", "sekisho",
		"$__rate_interval", "1m", "$__range", "1h", "$__interval", "1m",
	).Replace(expr)
}
