package replay

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Label says what a message truly is.
type Label struct {
	Kind  string `json:"kind"`
	Brand string `json:"brand,omitempty"` // as the person who labelled wrote it
	Group string `json:"group,omitempty"` // a set of messages to be summed up together
}

// Impersonation is the kind of mail that should be caught.
const Impersonation = "impersonation"

// Poses reports whether the message should be caught.
func (l *Label) Poses() bool { return l != nil && l.Kind == Impersonation }

// Honest reports whether no brand claim is there to hold the message for.
func (l *Label) Honest() bool {
	return l != nil && slices.Contains([]string{"spam", "scam", "legit", "ham"}, l.Kind)
}

// Labels are labels by the name of the file: a path, or the end of one.
type Labels map[string]Label

// ReadLabels reads a CSV file (RFC 4180) whose first line names its columns. The
// columns file and kind have to be there, brand and group may; others are left
// alone. The error names the line.
func ReadLabels(path string) (Labels, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	defer f.Close()
	labels, err := readLabels(f)
	if err != nil {
		return nil, fmt.Errorf("labels: %s: %w", path, err)
	}
	return labels, nil
}

func readLabels(r io.Reader) (Labels, error) {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("the line of column names: %w", err)
	}
	if len(head) > MaxLabelColumns {
		return nil, fmt.Errorf("more than %d columns", MaxLabelColumns)
	}
	column := func(name string) int { return slices.Index(head, name) }
	file, kind, brand, group := column("file"), column("kind"), column("brand"), column("group")
	if file < 0 || kind < 0 {
		return nil, fmt.Errorf("the columns file and kind have to be there, has %s", strings.Join(head, ","))
	}
	labels := Labels{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return labels, nil
		}
		if err != nil {
			return nil, err // csv names the line
		}
		name := filepath.ToSlash(row[file])
		if _, twice := labels[name]; twice {
			line, _ := rows.FieldPos(file)
			return nil, fmt.Errorf("line %d: %s has a label already", line, name)
		}
		l := Label{Kind: row[kind]}
		if brand >= 0 {
			l.Brand = row[brand]
		}
		if group >= 0 {
			l.Group = row[group]
		}
		labels[name] = l
	}
}

// Of returns the label of a message: that of its whole name, or of the longest
// end of it that begins at a slash.
func (l Labels) Of(name string) *Label {
	for {
		if label, ok := l[name]; ok {
			return &label
		}
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return nil
		}
		name = rest
	}
}
