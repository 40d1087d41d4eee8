package shipped

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"sekisho/filter/suite"
)

// Rule is one rule of Prometheus.
type Rule struct {
	File        string            `yaml:"-"`
	Record      string            `yaml:"record"` // name of the series that it makes
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// RuleFiles are the paths of the rule files.
func RuleFiles(tb testing.TB) []string {
	tb.Helper()
	return files(tb, "prometheus/*.rules.yml")
}

// Rules returns all rules, recording rules first.
func Rules(tb testing.TB) []Rule {
	tb.Helper()
	var records, alerts []Rule
	for _, file := range RuleFiles(tb) {
		var content struct {
			Groups []struct {
				Name  string `yaml:"name"`
				Rules []Rule `yaml:"rules"`
			} `yaml:"groups"`
		}
		dec := yaml.NewDecoder(bytes.NewReader(Read(tb, file)))
		dec.KnownFields(true)
		if err := dec.Decode(&content); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		for _, g := range content.Groups {
			for _, r := range g.Rules {
				r.File = filepath.Base(file)
				if r.Record != "" {
					records = append(records, r)
				} else {
					alerts = append(alerts, r)
				}
			}
		}
	}
	return append(records, alerts...)
}

// Read returns the content of a file.
func Read(tb testing.TB, file string) []byte {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// files lists what a pattern below deploy/ fits; there has to be something.
func files(tb testing.TB, pattern string) []string {
	tb.Helper()
	all, err := filepath.Glob(filepath.Join(suite.Root(tb), "deploy", filepath.FromSlash(pattern)))
	if err != nil || len(all) == 0 {
		tb.Fatalf("no files %s: %v", pattern, err)
	}
	return all
}
