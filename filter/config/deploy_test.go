package config_test

import (
	"path/filepath"
	"testing"

	"sekisho/filter/config"
	"sekisho/filter/suite"
)

// TestContainerSettings: the settings that the image ships are good ones.
func TestContainerSettings(t *testing.T) {
	c, err := config.Load(filepath.Join(suite.Root(t), "deploy", "sekisho.container.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Quarantine.Dir != "/var/lib/sekisho/quarantine" {
		t.Errorf("quarantine in %s, which is not on the volume", c.Quarantine.Dir)
	}
}
