package policy

import (
	"path/filepath"
	"strconv"
	"strings"

	"sekisho/policy/strictyaml"
)

// DefaultName is the name of the policy of recipients without one of their own.
const DefaultName = "default"

// Policy is the effective policy of one recipient domain: its own file over the
// default. It never changes.
type Policy struct {
	settings
	name string
	file string // path of the file; "" for the built-in default
}

// Name returns "default", or the domain of the file, as A-labels.
func (p *Policy) Name() string { return p.name }

// SubjectPrefix is put before the subject of a tagged message, with a blank
// between; "" leaves subjects alone.
func (p *Policy) SubjectPrefix() string { return string(p.Tag.SubjectPrefix.Value) }

// QuarantineMode says where quarantined messages are kept.
func (p *Policy) QuarantineMode() Mode { return p.Quarantine.Mode.Value }

// TempfailOnDNS reports whether a message that would be quarantined or rejected
// is tempfailed instead while a look-up about it failed for the moment. Decide
// does so by itself when the findings hold auth-temperror.
func (p *Policy) TempfailOnDNS() bool { return p.Fail.DNS.Value == failTempfail }

// where is a position as decisions tell it: folder and file, "policies/a.jp.yaml:12",
// however the folder was named when it was loaded.
func where(pos strictyaml.Pos) string {
	file := filepath.ToSlash(pos.File)
	if i := strings.LastIndexByte(file, '/'); i > 0 {
		file = file[strings.LastIndexByte(file[:i], '/')+1:]
	}
	return file + ":" + strconv.Itoa(pos.Line)
}
