package config

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is every setting of the daemon. Default and Load return it complete:
// settings whose default depends on another one are filled in.
type Config struct {
	Listen       []Listen      `yaml:"listen"`          // milter sockets
	SocketMode   Mode          `yaml:"socket_mode"`     // permissions of unix sockets
	Hostname     string        `yaml:"hostname"`        // of this host; the system's when empty
	AuthservID   string        `yaml:"authserv_id"`     // RFC 8601, section 2.5; Hostname when empty
	Gateways     []Gateway     `yaml:"trusted_results"` // servers of our own in front of us whose results are believed
	StateDir     string        `yaml:"state_dir"`       // everything the daemon writes is below
	Control      string        `yaml:"control"`         // socket for commands to the daemon; StateDir/control.sock when empty, or ControlOff
	MessageTime  time.Duration `yaml:"message_time"`    // to judge one message, look-ups included
	ShutdownTime time.Duration `yaml:"shutdown_time"`   // for running messages to finish
	DNS          DNS           `yaml:"dns"`
	Policy       Policy        `yaml:"policy"`
	Brands       Brands        `yaml:"brands"`
	Quarantine   Quarantine    `yaml:"quarantine"`
	Digest       Digest        `yaml:"digest"`
	Report       Report        `yaml:"report"`
	Journal      Journal       `yaml:"journal"`
	Admin        Admin         `yaml:"admin"`
	Web          Web           `yaml:"web"`
	Log          Log           `yaml:"log"`
	Limits       Limits        `yaml:"limits"`
}

// Listen is one socket for milter connections.
type Listen struct {
	Network string      // "tcp" or "unix", as for net.Listen
	Address string      // host:port, or the path of the socket
	Mode    fs.FileMode // unix only: Config.SocketMode, filled in by Default and Load
}

// Gateway is a mail server of our own that checks messages before us.
type Gateway struct {
	AuthservID string         // of its Authentication-Results fields (RFC 8601, section 2.5); "" for fields without one
	Networks   []netip.Prefix // it connects from
}

// DNS is how names are looked up.
type DNS struct {
	Servers []string      `yaml:"servers"` // IP:port; empty means those of /etc/resolv.conf
	Timeout time.Duration `yaml:"timeout"` // one look-up with all its retries
	TrustAD TrustAD       `yaml:"trust_ad"`
}

// ControlOff as Control means that there is no socket for commands.
const ControlOff = "off"

// Policy is where the policies are.
type Policy struct {
	Dir    string        `yaml:"dir"`    // empty means the built-in default for everybody
	Shadow string        `yaml:"shadow"` // the candidate for Dir; empty: there is none
	Watch  time.Duration `yaml:"watch"`  // how often Dir and the files of brands are looked at for changes; 0: never
	Tests  Tests         `yaml:"tests"`  // what becomes of a set that fails the tests in Dir
	Split  bool          `yaml:"split"`  // recipients who are to see different tags get copies of their own
	Single bool          `yaml:"single"` // one policy for each message: recipients of another are asked to be sent to separately
}

// Brands is what the built-in catalogue is extended by.
type Brands struct {
	Files []string `yaml:"files"`
	Lists []string `yaml:"lists"` // of senders and links that phishing used
}

// Quarantine is where messages are held and how they leave.
type Quarantine struct {
	Dir                  string `yaml:"dir"`                    // StateDir/quarantine when empty
	Database             string `yaml:"database"`               // URL of a PostgreSQL index that several hosts share; SQLite in Dir when empty
	DatabasePasswordFile string `yaml:"database_password_file"` // its first line
	Objects              string `yaml:"objects"`                // s3://BUCKET/PREFIX?endpoint=URL&region=NAME for the messages; files in Dir when empty
	ObjectsKeyFile       string `yaml:"objects_key_file"`       // access key and secret key, a line each
	KeyFile              string `yaml:"key_file"`               // keys that encrypt messages where they lie; in the clear when empty
	ReleaseTo            string `yaml:"release_to"`             // SMTP host:port that takes released messages; empty: none can be released
	ReleaseBy            Proof  `yaml:"release_by"`             // how they get past us
}

// Digest is who is told by mail of what is held for them, and when.
type Digest struct {
	Domains  []DigestDomain `yaml:"domains"`   // whose recipients are told; empty: nobody
	From     string         `yaml:"from"`      // address, or name and address
	At       []TimeOfDay    `yaml:"at"`        // each day
	TimeZone string         `yaml:"time_zone"` // of At and of dates in digests; the host's when empty
	LinkLife time.Duration  `yaml:"link_life"` // how long a link is good
}

// DigestDomain is a domain whose recipients are told.
type DigestDomain struct {
	Domain   string
	Language Language
}

// Report is how those are told who can do something about a phishing message.
type Report struct {
	From      string      `yaml:"from"`       // address, or name and address, that a person reads; empty: nobody is told
	Approval  Approval    `yaml:"approval"`   // whose reports wait for a person
	PerDay    int         `yaml:"per_day"`    // that leave at most
	PerTarget int         `yaml:"per_target"` // of them to one address
	Abuse     []AbuseDesk `yaml:"abuse"`      // where it is not abuse@
}

// AbuseDesk is who answers for what is sent with proof of a domain.
type AbuseDesk struct {
	Domain  string
	Address string // "" for nobody: it wants no reports
}

// Journal is the record of decisions.
type Journal struct {
	Dir       string        `yaml:"dir"`       // StateDir/journal when empty
	Keep      time.Duration `yaml:"keep"`      // how long; 0: nothing is recorded
	MaxBytes  int           `yaml:"max_bytes"` // past it the oldest records end
	Addresses Addresses     `yaml:"addresses"`
}

// Admin is the HTTP server for operators: metrics and health.
type Admin struct {
	Listen  string `yaml:"listen"`  // host:port; empty switches it off
	Profile bool   `yaml:"profile"` // also serves /debug/pprof/
}

// Web is the HTTP server for people: the quarantine in a browser, and its API.
type Web struct {
	Listen      string `yaml:"listen"`      // host:port; empty switches it off
	Certificate string `yaml:"certificate"` // PEM file; empty: something in front of us speaks TLS
	Key         string `yaml:"key"`         // PEM file
	URL         string `yaml:"url"`         // of the pages as browsers see them: links in mail lead there; empty: no mail has links
	OIDC        OIDC   `yaml:"oidc"`
}

// OIDC is a provider of OpenID Connect through which people log in, besides those
// who have a password.
type OIDC struct {
	Issuer     string `yaml:"issuer"`      // https URL; empty: there is none
	ClientID   string `yaml:"client_id"`   // that we have there
	SecretFile string `yaml:"secret_file"` // file with the client's secret; empty: it has none
	URL        string `yaml:"url"`         // of our pages as browsers see them; answers go to /login/callback below it
}

// Log is what is logged, and how.
type Log struct {
	Level        Level  `yaml:"level"`
	Format       Format `yaml:"format"`
	PersonalData bool   `yaml:"personal_data"` // recipients and subjects above debug level
}

// Limits bounds what clients can make the daemon do. A message at its limits is
// judged, one past them meets Oversize.
type Limits struct {
	Connections  int      `yaml:"connections"`   // milter connections at once
	MessageBytes int      `yaml:"message_bytes"` // header and body
	HeaderBytes  int      `yaml:"header_bytes"`  // all header fields together
	HeaderFields int      `yaml:"header_fields"` // number of header fields
	Oversize     Oversize `yaml:"oversize"`
	Recipients   int      `yaml:"recipients"`   // past it the sender is asked to send to fewer at a time
	MemoryBytes  int      `yaml:"memory_bytes"` // of all messages under way together; past it the sender is asked to try again

	Turns      int           `yaml:"turns"`       // messages that are worked on at once; 0: four for each processor
	ShedWait   time.Duration `yaml:"shed_wait"`   // for a turn, from which on checks are left out; 0: never
	ShedMemory int           `yaml:"shed_memory"` // percent of MemoryBytes from which on they are; 0: never
}

// Default returns the settings without any file.
func Default() Config {
	c := base()
	c.complete()
	return c
}

// base is the defaults as deploy/sekisho.yaml writes them.
func base() Config {
	return Config{
		Listen:       []Listen{{Network: "tcp", Address: "127.0.0.1:8895"}},
		SocketMode:   0o660,
		Gateways:     []Gateway{},
		StateDir:     "./var",
		MessageTime:  60 * time.Second,
		ShutdownTime: 30 * time.Second,
		DNS:          DNS{Servers: []string{}, Timeout: 5 * time.Second, TrustAD: TrustAuto},
		Policy:       Policy{Tests: TestsEnforce},
		Brands:       Brands{Files: []string{}, Lists: []string{}},
		Quarantine:   Quarantine{ReleaseBy: ByStamp},
		Digest:       Digest{Domains: []DigestDomain{}, At: []TimeOfDay{{Hour: 8}}, LinkLife: 7 * 24 * time.Hour},
		Report:       Report{Approval: ApproveAll, PerDay: 50, PerTarget: 5, Abuse: []AbuseDesk{}},
		Journal:      Journal{Keep: 14 * 24 * time.Hour, MaxBytes: 1 << 30, Addresses: AddressesFull},
		Admin:        Admin{Listen: "127.0.0.1:9895"},
		Log:          Log{Level: LevelInfo, Format: FormatJSON},
		Limits: Limits{
			Connections:  1024,
			MessageBytes: 64 << 20,
			HeaderBytes:  1 << 20,
			HeaderFields: 2000,
			Oversize:     OversizeReject,
			Recipients:   2000,
			MemoryBytes:  256 << 20,
			ShedWait:     500 * time.Millisecond,
			ShedMemory:   75,
		},
	}
}

// ReleaseKey is the file of the key that released messages are stamped with.
func (c *Config) ReleaseKey() string { return filepath.Join(c.StateDir, "release.key") }

// LinkKey is the file of the keys that links in digests are signed with.
func (c *Config) LinkKey() string { return filepath.Join(c.StateDir, "link.key") }

// complete fills in what depends on other settings or on the host.
func (c *Config) complete() {
	if c.Hostname == "" {
		c.Hostname = "localhost"
		if name, err := os.Hostname(); err == nil && validHost(strings.ToLower(name)) {
			c.Hostname = strings.ToLower(name)
		}
	}
	if c.AuthservID == "" {
		c.AuthservID = c.Hostname
	}
	if c.Control == "" {
		c.Control = filepath.Join(c.StateDir, "control.sock")
	}
	if c.Quarantine.Dir == "" {
		c.Quarantine.Dir = filepath.Join(c.StateDir, "quarantine")
	}
	if c.Journal.Dir == "" {
		c.Journal.Dir = filepath.Join(c.StateDir, "journal")
	}
	for i := range c.Listen {
		if c.Listen[i].Network == "unix" {
			c.Listen[i].Mode = fs.FileMode(c.SocketMode)
		}
	}
}
