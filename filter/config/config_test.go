package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/policy/strictyaml"
)

const documented = "../../deploy/sekisho.yaml"

// The documented settings file is the defaults, written out.
func TestDocumentedFileIsDefault(t *testing.T) {
	got, err := Load(documented)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("%s is not the defaults: -default +file\n%s", documented, diff)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
}

// Every setting stands in the documented file with a comment above it. (That the
// file has no other keys is held by Load.)
func TestEverySettingIsDocumented(t *testing.T) {
	src, err := os.ReadFile(documented)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(src), "\n")
	doc := strictyaml.Parse(documented, src)
	for _, key := range keys(reflect.TypeFor[Config]()) {
		steps := strings.Split(key, ".")
		number := doc.At(steps...).Line
		last := steps[len(steps)-1] + ":"
		for number > 0 && !strings.HasPrefix(strings.TrimSpace(lines[number-1]), last) {
			number-- // a list begins below its key
		}
		if number == 0 {
			t.Errorf("%s is not in %s", key, documented)
			continue
		}
		if above := strings.TrimSpace(lines[number-2]); !strings.HasPrefix(above, "#") {
			t.Errorf("%s:%d: %s has no comment above", documented, number, key)
		}
	}
}

// keys returns the paths of all settings below a struct.
func keys(kind reflect.Type) []string {
	var all []string
	for i := range kind.NumField() {
		key, field := kind.Field(i).Tag.Get("yaml"), kind.Field(i).Type
		if field.Kind() != reflect.Struct {
			all = append(all, key)
			continue
		}
		for _, below := range keys(field) {
			all = append(all, key+"."+below)
		}
	}
	return all
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sekisho.yaml")
	src := `
listen: [tcp:0.0.0.0:10000, unix:/run/sekisho/milter.sock]
socket_mode: 0600
hostname: mx.example.jp
state_dir: /var/lib/sekisho
dns: {servers: ["192.0.2.53:53", "[2001:db8::53]:5353"], timeout: 800ms, trust_ad: never}
limits: {oversize: continue}
trusted_results:
  - authserv_id: gw.example.jp
    networks: [192.0.2.0/28, "2001:db8:1::25"]
  - {authserv_id: "", networks: [198.51.100.7]}
`
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Listen = []Listen{{Network: "tcp", Address: "0.0.0.0:10000"}, {Network: "unix", Address: "/run/sekisho/milter.sock", Mode: 0o600}}
	want.SocketMode = 0o600
	want.Hostname, want.AuthservID = "mx.example.jp", "mx.example.jp"
	want.StateDir, want.Quarantine.Dir, want.Control = "/var/lib/sekisho", "/var/lib/sekisho/quarantine", "/var/lib/sekisho/control.sock"
	want.Journal.Dir = "/var/lib/sekisho/journal"
	want.DNS = DNS{Servers: []string{"192.0.2.53:53", "[2001:db8::53]:5353"}, Timeout: 800 * time.Millisecond, TrustAD: TrustNever}
	want.Limits.Oversize = OversizeContinue
	want.Gateways = []Gateway{
		{AuthservID: "gw.example.jp", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8:1::25/128")}},
		{AuthservID: "", Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := Load(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Every testdata/*.yaml has one kind of mistake; *.want beside it is the message.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	t.Chdir("testdata")
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			_, err := Load(name)
			var problems *strictyaml.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("want problems, have %v", err)
			}
			golden := strings.TrimSuffix(name, ".yaml") + ".want"
			got := problems.Detail() + "\n"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for name, set := range map[string]func(c *Config, past int){
		"listen":             func(c *Config, past int) { c.Listen = listens(maxListen + past) },
		"message_time":       func(c *Config, past int) { c.MessageTime = maxMessageTime + time.Duration(past) },
		"dns.timeout":        func(c *Config, past int) { c.DNS.Timeout = minTime - time.Duration(past) },
		"dns.servers":        func(c *Config, past int) { c.DNS.Servers = repeat("192.0.2.1:53", maxServers+past) },
		"control":            func(c *Config, past int) { c.Control = "/" + strings.Repeat("c", maxSocketPath-1+past) },
		"policy.watch":       func(c *Config, past int) { c.Policy.Watch = maxWatch + time.Duration(past) },
		"journal.keep":       func(c *Config, past int) { c.Journal.Keep = minKeep - time.Duration(past) },
		"journal.max_bytes":  func(c *Config, past int) { c.Journal.MaxBytes = minJournalBytes - past },
		"shutdown_time":      func(c *Config, past int) { c.ShutdownTime = maxShutdown + time.Duration(past) },
		"brands.files":       func(c *Config, past int) { c.Brands.Files = repeat("a", maxBrandFiles+past) },
		"brands.lists":       func(c *Config, past int) { c.Brands.Lists = repeat("a", maxBrandFiles+past) },
		"limits.connections": func(c *Config, past int) { c.Limits.Connections = 1 - past },
		"limits.message_bytes": func(c *Config, past int) {
			c.Limits.MessageBytes, c.Limits.MemoryBytes = maxMessageBytes+past, 4*maxMessageBytes
		},
		"limits.memory_bytes":  func(c *Config, past int) { c.Limits.MemoryBytes = 2*c.Limits.MessageBytes - past },
		"limits.header_bytes":  func(c *Config, past int) { c.Limits.HeaderBytes = minHeaderBytes - past },
		"limits.header_fields": func(c *Config, past int) { c.Limits.HeaderFields = maxHeaderFields + past },
		"trusted_results":      func(c *Config, past int) { c.Gateways = gateways(maxGateways+past, 1, minNetwork) },
		"limits.recipients":    func(c *Config, past int) { c.Limits.Recipients = minRecipients - past },
	} {
		c := Default()
		set(&c, 0)
		if err := c.Validate(); err != nil {
			t.Errorf("%s at the limit: %v", name, err)
		}
		set(&c, 1)
		var faults Faults
		if !errors.As(c.Validate(), &faults) || faults[0].Key != name {
			t.Errorf("%s one past the limit: %v", name, faults)
		}
	}
}

func listens(n int) []Listen {
	list := make([]Listen, n)
	for i := range list {
		list[i] = Listen{Network: "unix", Address: "/run/" + strings.Repeat("s", i+1)}
	}
	return list
}

// TestGatewayLimits holds the limits on one gateway.
func TestGatewayLimits(t *testing.T) {
	for past := range 2 {
		for _, g := range [][]Gateway{gateways(1, maxNetworks+past, 24), gateways(1, 1, minNetwork-past)} {
			c := Default()
			c.Gateways = g
			if err := c.Validate(); (err == nil) != (past == 0) {
				t.Errorf("%d past the limit: %v", past, err)
			}
		}
	}
}

func gateways(n, networks, bits int) []Gateway {
	list := make([]Gateway, n)
	for i := range list {
		list[i].AuthservID = "gw.example"
		for range networks {
			list[i].Networks = append(list[i].Networks, netip.PrefixFrom(netip.MustParseAddr("2.0.0.0"), bits))
		}
	}
	return list
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func FuzzRead(f *testing.F) {
	src, err := os.ReadFile(documented)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	f.Add([]byte("listen: [unix:/a, tcp::1]\nsocket_mode: 0777\ndns: {timeout: 1h}\n"))
	// What is read is valid; what is not is told with a place in the file.
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := read(strictyaml.Parse("f", src))
		var problems *strictyaml.Problems
		switch {
		case err == nil:
			if err := c.Validate(); err != nil {
				t.Fatalf("was read and is not valid: %v", err)
			}
		case !errors.As(err, &problems):
			t.Fatalf("not a list of problems: %v", err)
		}
	})
}
