package policy

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/finding"
	"sekisho/filter/proof"
)

const trusting = `forwarders:
  - networks: [192.0.2.0/24, "2001:db8::/32"]
    name: Mail.Univ.example
    reason: alumni
    expires: 2026-06-30
  - {arc_sealer: sealer.example, reason: partner, expires: 2026-06-30}
  - {arc_sealer: relay.example, reason: their relay, expires: 2026-07-31}
  - {list_id: announce.lists.example, reason: members, expires: 2026-06-30}
`

var june = time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)

func TestForwarders(t *testing.T) {
	p := load(t, map[string]string{"example.jp.yaml": trusting}).For("a@example.jp")
	server := finding.Path{Client: netip.MustParseAddr("192.0.2.7"), Name: "mail.univ.example"}
	with := func(change func(*finding.Path)) finding.Path {
		path := server
		change(&path)
		return path
	}
	seal := func(seals ...proof.Seal) finding.Path { return finding.Path{Seals: seals} }
	list := func(id string, signers ...string) finding.Path { return finding.Path{List: id, Signers: signers} }
	type s = proof.Seal
	for _, tc := range []struct {
		name string
		path finding.Path
		now  time.Time
		want string // kind and line of each entry
	}{
		{"a server", server, june, "network:2"},
		{"a name below", with(func(p *finding.Path) { p.Name = "a.mail.univ.example" }), june, "network:2"},
		{"by IPv6", with(func(p *finding.Path) { p.Client = netip.MustParseAddr("2001:db8::25") }), june, "network:2"},
		{"mapped", with(func(p *finding.Path) { p.Client = netip.MustParseAddr("::ffff:192.0.2.7") }), june, "network:2"},
		{"the last second", server, time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC), "network:2"},
		{"one past it", server, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), ""},
		{"another's name for its address", with(func(p *finding.Path) { p.Client = netip.MustParseAddr("198.51.100.1") }), june, ""},
		{"its address without the name", with(func(p *finding.Path) { p.Name = "" }), june, ""},
		{"a name that only ends alike", with(func(p *finding.Path) { p.Name = "evilmail.univ.example" }), june, ""},
		{"the name above", with(func(p *finding.Path) { p.Name = "univ.example" }), june, ""},
		{"nothing known", finding.Path{}, june, ""},

		{"a sealer that vouches", seal(s{Domain: "sealer.example", Author: true}), june, "arc:6"},
		{"one that does not", seal(s{Domain: "sealer.example"}), june, ""},
		{"an unknown one", seal(s{Domain: "stranger.example", Author: true}), june, ""},
		{"a name below a sealer", seal(s{Domain: "a.sealer.example", Author: true}), june, ""},
		{"over a trusted relay", seal(s{Domain: "relay.example"}, s{Domain: "sealer.example", Author: true}), june, "arc:6"},
		{"over an unknown relay", seal(s{Domain: "stranger.example"}, s{Domain: "sealer.example", Author: true}), june, ""},
		{"the relay vouches too", seal(s{Domain: "relay.example", Author: true}, s{Domain: "sealer.example", Author: true}), june, "arc:6,arc:7"},
		{"the sealer has expired", seal(s{Domain: "relay.example"}, s{Domain: "sealer.example", Author: true}), june.AddDate(0, 1, 0), ""},
		{"over an expired relay", seal(s{Domain: "sealer.example"}, s{Domain: "relay.example", Author: true}), june.AddDate(0, 1, 0), ""},

		{"a list", list("announce.lists.example", "announce.lists.example"), june, "list:8"},
		{"its host signs", list("announce.lists.example", "lists.example"), june, "list:8"},
		{"a list below", list("tokyo.announce.lists.example", "x.announce.lists.example"), june, "list:8"},
		{"another list of the host", list("dogs.lists.example", "lists.example"), june, ""},
		{"nobody signs", list("announce.lists.example"), june, ""},
		{"somebody else signs", list("announce.lists.example", "evil.example", "dogs.lists.example"), june, ""},
		{"the suffix signs", list("announce.lists.example", "example"), june, ""},
		{"no List-Id", list("", "lists.example"), june, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for f := range p.Forwarders(&tc.path, tc.now) {
				_, line, _ := strings.Cut(f.Where, "policies/example.jp.yaml:")
				got = append(got, string(f.Kind)+":"+line)
				if f.Reason == "" || f.Domain != strings.ToLower(f.Domain) {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, ",")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Entries hold for the recipients of their file alone, and a list that is given
// replaces the one below as a whole.
func TestForwardersAreScoped(t *testing.T) {
	set := load(t, map[string]string{
		"default.yaml":    "forwarders:\n  - {list_id: all.lists.example, reason: everybody, expires: 2026-06-30}\n",
		"example.jp.yaml": trusting,
		"none.jp.yaml":    "forwarders: []\n",
		"plain.jp.yaml":   "thresholds: {tag: 3}\n",
	})
	everybody := finding.Path{List: "all.lists.example", Signers: []string{"lists.example"}}
	members := finding.Path{List: "announce.lists.example", Signers: []string{"lists.example"}}
	for rcpt, want := range map[string]string{"a@example.jp": "members", "a@none.jp": "", "a@plain.jp": "everybody", "a@else.jp": "everybody"} {
		p := set.For(rcpt)
		var got []string
		for _, path := range []finding.Path{everybody, members} {
			for f := range p.Forwarders(&path, june) {
				got = append(got, f.Reason)
			}
		}
		if strings.Join(got, ",") != want || p.TrustsForwarders() != (want != "") {
			t.Errorf("%s: %v, want %s", rcpt, got, want)
		}
	}
	if !set.TrustsSealers() || embedded(t).TrustsSealers() {
		t.Error("whether any policy names a sealer")
	}
	want := []string{
		`policies/default.yaml:2: {list_id: all.lists.example, reason: "everybody", expires: 2026-06-30}`,
		`policies/example.jp.yaml:2: {name: mail.univ.example, networks: [192.0.2.0/24, 2001:db8::/32], reason: "alumni", expires: 2026-06-30}`,
		`policies/example.jp.yaml:6: {arc_sealer: sealer.example, reason: "partner", expires: 2026-06-30}`,
		`policies/example.jp.yaml:8: {list_id: announce.lists.example, reason: "members", expires: 2026-06-30}`,
	}
	if diff := cmp.Diff(want, set.Expired(june.AddDate(0, 0, 20))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := set.Expired(june); len(got) > 0 {
		t.Errorf("expired too early: %v", got)
	}
}

// Explain says which entries are of no effect any more.
func TestExplainForwarders(t *testing.T) {
	p := load(t, map[string]string{"example.jp.yaml": trusting}).For("a@example.jp")
	var b strings.Builder
	if err := p.Explain(&b, june.AddDate(0, 0, 20)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "forwarders") {
			state := "in force"
			if strings.Contains(line, "(expired, of no effect)") {
				state = "expired"
			}
			got = append(got, strings.Fields(line)[0]+" "+state)
		}
	}
	want := []string{"forwarders[1] expired", "forwarders[2] expired", "forwarders[3] in force", "forwarders[4] expired"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestForwarderLimits(t *testing.T) {
	entry := func(keys string) string { return "forwarders:\n  - {" + keys + ", expires: 2026-06-30}\n" }
	for name, text := range map[string]func(past int) string{
		"entries": func(past int) string {
			return "forwarders:\n" + strings.Repeat("  - {list_id: a.example, reason: x, expires: 2026-06-30}\n", maxForwarders+past)
		},
		"networks": func(past int) string {
			return entry("name: a.example, reason: x, networks: [" + strings.Repeat("192.0.2.0/24, ", maxNetworks-1+past) + "192.0.2.0/24]")
		},
		"width": func(past int) string {
			return entry(fmt.Sprintf("name: a.example, reason: x, networks: [%v]", netip.PrefixFrom(netip.MustParseAddr("2.0.0.0"), minNetworkBits-past)))
		},
		"reason": func(past int) string {
			return entry("list_id: a.example, reason: " + strings.Repeat("x", maxReason+past))
		},
	} {
		for past, good := range []bool{true, false} {
			_, err := Load(directory(t, map[string]string{"example.jp.yaml": text(past)}))
			if good != (err == nil) {
				t.Errorf("%s, %d past the limit: %v", name, past, err)
			}
		}
	}
}

// Every key of an entry is told to operators.
func TestReadmeShowsForwarders(t *testing.T) {
	readme, err := os.ReadFile("../deploy/policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"networks", "name", "arc_sealer", "list_id", "reason", "expires"} {
		if !strings.Contains(string(readme), "`"+key) {
			t.Errorf("README.md does not tell of %s", key)
		}
	}
}

func BenchmarkForwarders(b *testing.B) {
	entries := make([]string, maxForwarders)
	for i := range entries {
		entries[i] = fmt.Sprintf("  - {name: mx%d.example, networks: [192.0.2.0/24], reason: x, expires: 2026-06-30}\n", i)
	}
	p := load(b, map[string]string{"example.jp.yaml": "forwarders:\n" + strings.Join(entries, "")}).For("a@example.jp")
	path := finding.Path{Client: netip.MustParseAddr("192.0.2.7"), Name: "mail.univ.example"}
	b.ReportAllocs()
	for b.Loop() {
		for range p.Forwarders(&path, june) {
			b.Fatal("matches")
		}
	}
}
