package config

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Fault is a setting whose value cannot be used.
type Fault struct {
	Key     string // path of the setting, "dns.timeout"
	Item    int    // number of the item, from 1, where the setting is a list; 0 for all of it
	Message string
}

// Error returns the setting and what is wrong with its value.
func (f Fault) Error() string {
	if f.Item > 0 {
		return fmt.Sprintf("%s[%d]: %s", f.Key, f.Item, f.Message)
	}
	return f.Key + ": " + f.Message
}

// path is where the setting stands in the document.
func (f Fault) path() []string {
	path := strings.Split(f.Key, ".")
	if f.Item > 0 {
		path = append(path, strconv.Itoa(f.Item-1))
	}
	return path
}

// Faults is every setting that cannot be used.
type Faults []Fault

// Error returns one line per fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

func (f *Faults) add(key, format string, args ...any) {
	f.item(key, 0, format, args...)
}

func (f *Faults) item(key string, number int, format string, args ...any) {
	*f = append(*f, Fault{Key: key, Item: number, Message: fmt.Sprintf(format, args...)})
}

// between adds a fault unless low <= value <= high.
func between[T cmp.Ordered](f *Faults, key string, value, low, high T) {
	if value < low || value > high {
		f.add(key, "has to be from %v to %v, is %v", low, high, value)
	}
}

// Validate reports settings that cannot be used, as Faults. Load has called it
// already; it is for settings that were changed afterwards, by flags.
func (c Config) Validate() error {
	var f Faults
	c.checkListen(&f)
	c.checkNames(&f)
	c.checkPlaces(&f)
	c.checkControl(&f)
	c.checkPolicy(&f)
	c.checkWeb(&f)
	c.checkDigest(&f)
	c.checkReport(&f)
	between(&f, "message_time", c.MessageTime, minTime, maxMessageTime)
	between(&f, "shutdown_time", c.ShutdownTime, 0, maxShutdown)
	between(&f, "limits.connections", c.Limits.Connections, 1, maxConnections)
	between(&f, "limits.message_bytes", c.Limits.MessageBytes, minMessageBytes, maxMessageBytes)
	between(&f, "limits.header_bytes", c.Limits.HeaderBytes, minHeaderBytes, maxHeaderBytes)
	if c.Limits.HeaderBytes > c.Limits.MessageBytes {
		f.add("limits.header_bytes", "is above limits.message_bytes (%d), which holds the header too", c.Limits.MessageBytes)
	}
	between(&f, "limits.header_fields", c.Limits.HeaderFields, minHeaderFields, maxHeaderFields)
	between(&f, "limits.recipients", c.Limits.Recipients, minRecipients, maxRecipients)
	// A message grows in steps and needs up to twice its size while it does.
	between(&f, "limits.memory_bytes", c.Limits.MemoryBytes, 2*c.Limits.MessageBytes, maxMemoryBytes)
	between(&f, "limits.turns", c.Limits.Turns, 0, maxTurns)
	between(&f, "limits.shed_wait", c.Limits.ShedWait, 0, c.MessageTime)
	between(&f, "limits.shed_memory", c.Limits.ShedMemory, 0, 100)
	if c.Journal.Keep != 0 {
		between(&f, "journal.keep", c.Journal.Keep, minKeep, maxKeep)
	}
	between(&f, "journal.max_bytes", c.Journal.MaxBytes, minJournalBytes, maxJournalBytes)
	c.checkDNS(&f)
	c.checkGateways(&f)
	if len(f) == 0 {
		return nil
	}
	return f
}

func (c Config) checkListen(f *Faults) {
	if len(c.Listen) == 0 {
		f.add("listen", "at least one socket is needed")
	}
	if len(c.Listen) > maxListen {
		f.add("listen", "has more than %d sockets", maxListen)
		return
	}
	first := make(map[string]int)
	for i, l := range c.Listen {
		switch {
		case l.Network == "": // could not be read, which is told already
			continue
		case l.Network == "tcp":
			checkAddress(f, "listen", i+1, l.Address)
		case !filepath.IsAbs(l.Address):
			f.item("listen", i+1, "the path of a socket has to be absolute, is %q", l.Address)
		case len(l.Address) > maxSocketPath:
			f.item("listen", i+1, "the path of a socket has at most %d bytes, has %d", maxSocketPath, len(l.Address))
		}
		if before := first[l.String()]; before > 0 {
			f.item("listen", i+1, "is the same socket as number %d", before)
			continue
		}
		first[l.String()] = i + 1
	}
	if c.Admin.Listen == "" {
		return
	}
	checkAddress(f, "admin.listen", 0, c.Admin.Listen)
	if number := first["tcp:"+c.Admin.Listen]; number > 0 {
		f.add("admin.listen", "is the same socket as number %d of listen", number)
	}
}

func (c Config) checkNames(f *Faults) {
	if !validHost(c.Hostname) {
		f.add("hostname", "is not a host name: %q", c.Hostname)
	}
	if !validHost(c.AuthservID) && (c.AuthservID != c.Hostname || validHost(c.Hostname)) {
		f.add("authserv_id", "has to be a host name: %q", c.AuthservID)
	}
}

func (c Config) checkPlaces(f *Faults) {
	if c.StateDir == "" {
		f.add("state_dir", "is empty")
	}
	checkFiles(f, "brands.files", c.Brands.Files)
	checkFiles(f, "brands.lists", c.Brands.Lists)
	c.checkQuarantine(f)
}

func (c Config) checkQuarantine(f *Faults) {
	q := c.Quarantine
	if q.ReleaseTo != "" {
		checkAddress(f, "quarantine.release_to", 0, q.ReleaseTo)
	}
	if q.Database != "" {
		// What a URL has may end in a log or a list of processes.
		u, err := url.Parse(q.Database)
		switch {
		case err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql":
			f.add("quarantine.database", "wants postgres://USER@HOST:PORT/DATABASE")
		case hasPassword(u):
			f.add("quarantine.database", "has a password in it: put that in database_password_file")
		}
	}
	if q.DatabasePasswordFile != "" && q.Database == "" {
		f.add("quarantine.database_password_file", "is for quarantine.database, which is empty")
	}
	switch {
	case q.Objects == "" && q.ObjectsKeyFile != "":
		f.add("quarantine.objects_key_file", "is for quarantine.objects, which is empty")
	case q.Objects == "":
	case !strings.HasPrefix(q.Objects, "s3://"):
		f.add("quarantine.objects", "wants s3://BUCKET/PREFIX?endpoint=URL&region=NAME")
	case q.ObjectsKeyFile == "":
		f.add("quarantine.objects_key_file", "is needed for quarantine.objects")
	case q.Database == "":
		f.add("quarantine.objects", "needs quarantine.database: an index that one host has for itself goes with files")
	}
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has || u.Query().Has("password") || u.Query().Has("sslpassword")
}

func (c Config) checkControl(f *Faults) {
	if c.Control == ControlOff {
		return
	}
	if len(c.Control) > maxSocketPath {
		f.add("control", "the path of a socket has at most %d bytes, %s has %d; name a shorter one", maxSocketPath, c.Control, len(c.Control))
	}
	for i, l := range c.Listen {
		if l.Network == "unix" && filepath.Clean(l.Address) == filepath.Clean(c.Control) {
			f.add("control", "is the same socket as number %d of listen", i+1)
		}
	}
}

func (c Config) checkPolicy(f *Faults) {
	if c.Policy.Split && c.Quarantine.ReleaseTo == "" {
		f.add("policy.split", "needs quarantine.release_to: that is where the copies go")
	}
	if c.Policy.Watch != 0 {
		between(f, "policy.watch", c.Policy.Watch, minWatch, maxWatch)
	}
	switch dir, shadow := filepath.Clean(c.Policy.Dir), filepath.Clean(c.Policy.Shadow); {
	case c.Policy.Dir == "" || c.Policy.Shadow == "":
	case dir == shadow:
		f.add("policy.shadow", "is policy.dir itself")
	case within(dir, shadow) || within(shadow, dir):
		f.add("policy.shadow", "one of policy.dir and policy.shadow is inside the other, so they can never change places")
	}
}

// checkWeb keeps passwords from crossing a network without TLS.
func (c Config) checkWeb(f *Faults) {
	if c.Web.Listen == "" {
		return
	}
	checkAddress(f, "web.listen", 0, c.Web.Listen)
	if (c.Web.Certificate == "") != (c.Web.Key == "") {
		f.add("web.certificate", "and web.key go together")
	}
	host, _, err := net.SplitHostPort(c.Web.Listen)
	if addr, bad := netip.ParseAddr(host); err == nil && c.Web.Certificate == "" && host != "localhost" && (bad != nil || !addr.IsLoopback()) {
		f.add("web.listen", "is not a loopback address: give web.certificate and web.key, or put a proxy that speaks TLS in front")
	}
	if o := c.Web.OIDC; o.Issuer != "" {
		for _, u := range []struct{ key, value string }{{"web.oidc.issuer", o.Issuer}, {"web.oidc.url", o.URL}} {
			if at, err := url.Parse(u.value); err != nil || at.Scheme != "https" || at.Host == "" || strings.ContainsAny(u.value, " ;,'\"") {
				f.add(u.key, "wants an https address, has %q", u.value)
			}
		}
		if o.ClientID == "" {
			f.add("web.oidc.client_id", "is empty")
		}
	}
	if c.Web.Listen == c.Admin.Listen {
		f.add("web.listen", "is the same socket as admin.listen")
	}
	for i, l := range c.Listen {
		if l.Network == "tcp" && l.Address == c.Web.Listen {
			f.add("web.listen", "is the same socket as number %d of listen", i+1)
		}
	}
}

// within reports whether path lies below dir; both are clean.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func (c Config) checkDNS(f *Faults) {
	if len(c.DNS.Servers) > maxServers {
		f.add("dns.servers", "has more than %d servers", maxServers)
	}
	for i, server := range c.DNS.Servers {
		// Addresses only: a name would have to be looked up first.
		if at, err := netip.ParseAddrPort(server); err != nil || at.Port() == 0 {
			f.item("dns.servers", i+1, "wants an IP address with port such as 192.0.2.53:53 or [2001:db8::53]:53, has %q", server)
		}
	}
	between(f, "dns.timeout", c.DNS.Timeout, minTime, maxDNSTime)
	if c.DNS.Timeout > c.MessageTime {
		f.add("dns.timeout", "is longer than message_time (%v): no look-up could end in time", c.MessageTime)
	}
}

// checkGateways keeps believed fields apart from our own: those that come in with
// our name are forged, and are removed.
func (c Config) checkGateways(f *Faults) {
	const key = "trusted_results"
	if len(c.Gateways) > maxGateways {
		f.add(key, "has more than %d gateways", maxGateways)
		return
	}
	for i, g := range c.Gateways {
		switch {
		case g.Networks == nil: // could not be read, which is told already
			continue
		case strings.EqualFold(strings.TrimSuffix(g.AuthservID, "."), c.AuthservID):
			f.item(key, i+1, "authserv_id %q is our own (authserv_id), and fields of that name are removed as forged; give one of the two another", g.AuthservID)
		case strings.ContainsFunc(g.AuthservID, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;()"=\`, r) }):
			f.item(key, i+1, "authserv_id is one word as the gateway writes it, is %q", g.AuthservID)
		case len(g.Networks) > maxNetworks:
			f.item(key, i+1, "has more than %d networks", maxNetworks)
		}
		for _, n := range g.Networks {
			if n.Bits() < minNetwork {
				f.item(key, i+1, "network %v is too wide: /%d at least", n, minNetwork)
			}
		}
	}
}

// checkAddress wants host:port with a number as port. An empty host means all
// addresses of this host, as for net.Listen.
func checkAddress(f *Faults, key string, number int, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		f.item(key, number, "wants host:port with a number as port, has %q", address)
	}
}

// validHost reports a host name of letters, digits and hyphens (RFC 1123,
// section 2.1).
func validHost(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, b := range []byte(label) {
			letter := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
			if !letter && (b < '0' || b > '9') && b != '-' {
				return false
			}
		}
	}
	return true
}

func checkFiles(f *Faults, key string, files []string) {
	if len(files) > maxBrandFiles {
		f.add(key, "has more than %d files", maxBrandFiles)
	}
	for i, file := range files {
		if file == "" {
			f.item(key, i+1, "is empty")
		}
	}
}
