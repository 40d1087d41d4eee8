package daemon

import (
	"sekisho/filter/config"
	"sekisho/filter/quarantine"
)

// OpenQuarantine opens the store that the settings name, as the daemon and the
// commands both do.
func OpenQuarantine(c config.Quarantine, o quarantine.Options) (*quarantine.Store, error) {
	o.Database, o.PasswordFile = c.Database, c.DatabasePasswordFile
	o.Objects, o.ObjectsKey, o.KeyFile = c.Objects, c.ObjectsKeyFile, c.KeyFile
	return quarantine.Open(c.Dir, o)
}
