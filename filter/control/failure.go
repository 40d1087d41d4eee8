package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sekisho/policy/strictyaml"
)

// Failure is an answer that is not what was asked for. It travels as JSON and is
// the same error on both ends of the socket.
type Failure struct {
	Status   int       `json:"-"`       // 422: the caller can mend Problems; 500, 503: the daemon has a problem
	Message  string    `json:"message"` // what this means for the daemon: "generation 3 goes on"
	Problems []Problem `json:"problems,omitempty"`
	More     int       `json:"more,omitempty"` // problems beyond those
}

// Problem is one thing to mend.
type Problem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 where only the file is known
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
	Source  string `json:"source,omitempty"` // the line
}

// Refusal is the failure whose problems are those of err: each problem of a file
// with its place, other errors as they are.
func Refusal(err error, message string) *Failure {
	f := &Failure{Status: http.StatusUnprocessableEntity, Message: message}
	f.add(err)
	return f
}

func (f *Failure) add(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			f.add(e)
		}
		return
	}
	var problems *strictyaml.Problems
	if !errors.As(err, &problems) {
		f.Problems = append(f.Problems, Problem{Message: err.Error()})
		return
	}
	for _, p := range problems.List {
		f.Problems = append(f.Problems, Problem{File: p.Pos.File, Line: p.Pos.Line, Column: p.Pos.Column, Message: p.Message, Source: p.Source})
	}
	f.More += problems.More
}

// Refused reports that the request was understood and its caller can mend why it
// was not done.
func (f *Failure) Refused() bool { return f.Status == http.StatusUnprocessableEntity }

// Error returns one line per problem, and the message.
func (f *Failure) Error() string { return f.join((*strictyaml.Problem).Error) }

// Detail returns every problem as the loader prints it, with its source line and a
// caret, and the message.
func (f *Failure) Detail() string { return f.join((*strictyaml.Problem).Detail) }

func (f *Failure) join(show func(*strictyaml.Problem) string) string {
	lines := make([]string, 0, len(f.Problems)+2)
	for _, p := range f.Problems {
		at := strictyaml.Pos{File: p.File, Line: p.Line, Column: p.Column}
		lines = append(lines, show(&strictyaml.Problem{Pos: at, Message: p.Message, Source: p.Source}))
	}
	if f.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", f.More))
	}
	return strings.Join(append(lines, f.Message), "\n")
}
