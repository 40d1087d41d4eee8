package budget

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"time"

	"sekisho/filter/finding"
	"sekisho/filter/wholefile"
)

// key is a finding under a policy.
type key struct {
	Policy  string
	Finding finding.Name
}

// MarshalText implements encoding.TextMarshaler.
func (k key) MarshalText() ([]byte, error) { return []byte(string(k.Finding) + " " + k.Policy), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *key) UnmarshalText(text []byte) error {
	if _, err := fmt.Sscanf(string(text), "%s %s", &k.Finding, &k.Policy); err != nil {
		return fmt.Errorf("%q is no finding and policy", text)
	}
	return nil
}

// state is what a restart must not forget.
type state struct {
	Down   map[key]time.Time `json:"down"`   // since when a finding has stepped down
	Looked map[key]time.Time `json:"looked"` // when somebody looked last
}

func (s state) clone() state { return state{Down: maps.Clone(s.Down), Looked: maps.Clone(s.Looked)} }

func load(file string) (state, error) {
	s := state{Down: map[key]time.Time{}, Looked: map[key]time.Time{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w; mend it, or remove it and findings are back in full", file, err)
	}
	return s, nil
}

func save(file string, s state) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.Replace(file, append(text, '\n'))
}
