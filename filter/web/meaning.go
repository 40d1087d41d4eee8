package web

import (
	"encoding/json"
	"fmt"
	"strings"

	"sekisho/filter/finding"
)

// Meanings returns what a finding means in a language, as the pages say it; "" for a
// finding that is not known.
func Meanings() (func(lang, name string) string, error) {
	text, err := files.ReadFile("text/" + japanese + ".json")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("text/%s.json: %w", japanese, err)
	}
	return func(lang, name string) string {
		if said := all["finding."+name]; lang == japanese && said != "" {
			return said
		}
		return strings.TrimSpace(finding.Name(name).Meaning())
	}, nil
}
