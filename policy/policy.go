package policy

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sekisho/policy/strictyaml"
)

// DefaultName is the name of the policy of recipients without one of their own.
const DefaultName = "default"

// Policy is the effective policy of a recipient domain, or of some mailboxes of
// it: its own file over those below. It never changes.
type Policy struct {
	settings
	name       string
	file       string         // path of the file; "" for the built-in default
	group      string         // that it builds on; "" for none
	depth      int            // of a group: how many build on each other down to it
	subdomains bool           // also for domains below that have no file
	mailboxes  []mailbox      // in their order; the first that matches is taken
	mailbox    strictyaml.Pos // of the entry in mailboxes that this is; no place for a whole domain
}

// Name returns "default", or the domain of the file, as A-labels. It is the
// domain's for its mailboxes too.
func (p *Policy) Name() string { return p.name }

// Group returns the group that the policy builds on, "" for none.
func (p *Policy) Group() string { return p.group }

// Same reports whether two policies are one: of the same file and the same entry in
// it, if of any. Domains of a group that have no file of their own share one.
func (p *Policy) Same(other *Policy) bool {
	return p == other || p.file != "" && p.file == other.file && p.mailbox == other.mailbox
}

// SubjectPrefix is put before the subject of a tagged message, with a blank
// between; "" leaves subjects alone.
func (p *Policy) SubjectPrefix() string { return string(p.Tag.SubjectPrefix.Value) }

// Banner says whether the text of a tagged message gets a warning.
func (p *Policy) Banner() Banner { return p.Tag.Banner.Value }

// QuarantineMode says where quarantined messages are kept.
func (p *Policy) QuarantineMode() Mode { return p.Quarantine.Mode.Value }

// Keep is how long held messages are kept; 0 is for ever.
func (p *Policy) Keep() time.Duration { return p.Quarantine.Keep.Value.duration() }

// Release says who may release held messages.
func (p *Policy) Release() []Role { return p.Quarantine.Release.Value }

// Reply is what the sender of a rejected message hears before the trace id:
// English in ASCII, Japanese only where the sender's server takes UTF-8. "" is the
// text that fits the cause.
func (p *Policy) Reply() (english, japanese string) {
	return string(p.settings.Reply.English.Value), string(p.settings.Reply.Japanese.Value)
}

// TempfailOnDNS reports whether a message that would be quarantined or rejected
// is tempfailed instead while a look-up about it failed for the moment. Decide
// does so by itself when the findings hold auth-temperror.
func (p *Policy) TempfailOnDNS() bool { return p.Fail.DNS.Value == dnsTempfail }

// OnOverload says what becomes of a message that there is no room to judge.
func (p *Policy) OnOverload() OnOverload { return p.Fail.Overload.Value }

// where is a position as decisions tell it: folder and file, "policies/a.jp.yaml:12",
// however the folder was named when it was loaded.
func where(pos strictyaml.Pos) string {
	file := filepath.ToSlash(pos.File)
	if i := strings.LastIndexByte(file, '/'); i > 0 {
		file = file[strings.LastIndexByte(file[:i], '/')+1:]
	}
	return file + ":" + strconv.Itoa(pos.Line)
}
