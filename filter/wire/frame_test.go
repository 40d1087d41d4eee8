package wire

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestParseClient(t *testing.T) {
	v4 := netip.MustParseAddr("192.0.2.1")
	v6 := netip.MustParseAddr("2001:db8::1")
	for _, tt := range []struct {
		payload string
		want    Client
		why     Reason
	}{
		{"h\x004\x00\x19192.0.2.1\x00", Client{Name: "h", Family: FamilyInet, Addr: v4, Port: 25}, ""},
		{"h\x006\x00\x192001:db8::1\x00", Client{Name: "h", Family: FamilyInet6, Addr: v6, Port: 25}, ""},
		{"h\x006\x00\x19IPv6:2001:db8::1\x00", Client{Name: "h", Family: FamilyInet6, Addr: v6, Port: 25}, ""},
		{"h\x006\x00\x19ipv6:2001:db8::1\x00", Client{Name: "h", Family: FamilyInet6, Addr: v6, Port: 25}, ""},
		{"h\x006\x00\x00::ffff:192.0.2.1\x00", Client{Name: "h", Family: FamilyInet6, Addr: v4}, ""},
		{"h\x006\x00\x002001:db8::1%eth0\x00", Client{Name: "h", Family: FamilyInet6, Addr: v6}, ""},
		{"[192.0.2.1]\x00U", Client{Name: "[192.0.2.1]", Family: FamilyUnknown}, ""},
		{"h\x00L\x00\x00/run/x\x00", Client{Name: "h", Family: FamilyUnix, Path: "/run/x"}, ""},
		{"h\x00L/run/x\x00", Client{Name: "h", Family: FamilyUnix, Path: "/run/x"}, ""},
		{"\x00U", Client{Family: FamilyUnknown}, ""},
		{"h\x00L\x00\x00/run/x", Client{}, BadConnect},
		{"h\x00L\x00", Client{}, BadConnect},
		{"h\x00L", Client{}, BadConnect},
		{"h\x004\x00\x19192.0.2\x00", Client{}, BadConnect},
		{"h\x004\x00\x19IPv6:\x00", Client{}, BadConnect},
		{"h\x005\x00\x19192.0.2.1\x00", Client{}, BadFamily},
		{"", Client{}, BadConnect},
		{"h", Client{}, BadConnect},
		{strings.Repeat("h", maxPathBytes-2) + "\x00U", Client{Name: strings.Repeat("h", maxPathBytes-2), Family: FamilyUnknown}, ""},
		{strings.Repeat("h", maxPathBytes-1) + "\x00U", Client{}, BadConnect},
	} {
		got, why := parseClient([]byte(tt.payload))
		if why != tt.why {
			t.Errorf("%.40q: reason %q, want %q", tt.payload, why, tt.why)
		}
		if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); why == "" && diff != "" {
			t.Errorf("%.40q: %s", tt.payload, diff)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, tt := range []struct {
		payload string
		want    Path
		ok      bool
	}{
		{"<a@b>\x00", Path{Address: "a@b"}, true},
		{"a@b\x00", Path{Address: "a@b"}, true},
		{"<>\x00", Path{}, true},
		{"\x00", Path{}, true},
		{"<<a>@b>\x00SIZE=1\x00BODY=8BITMIME\x00", Path{Address: "<a>@b", Args: []string{"SIZE=1", "BODY=8BITMIME"}}, true},
		{"<\"a b\"@c>\x00", Path{Address: `"a b"@c`}, true},
		{"<楽@例え.jp>\x00SMTPUTF8\x00", Path{Address: "楽@例え.jp", Args: []string{"SMTPUTF8"}}, true},
		{"<\x00", Path{Address: "<"}, true},
		{"", Path{}, false},
		{"<a@b>", Path{}, false},
		{"<a@b>\x00SIZE=1", Path{}, false},
	} {
		got, ok := parsePath([]byte(tt.payload))
		if diff := cmp.Diff(tt.want, got); ok != tt.ok || diff != "" {
			t.Errorf("%q: %v %s", tt.payload, ok, diff)
		}
	}
}

// TestOrder: what is allowed after what, seen from each phase.
func TestOrder(t *testing.T) {
	const everywhere = "DQUAK"
	for p, commands := range map[phase]string{
		phaseStart:  "C",
		phaseClient: "HM",
		phaseMail:   "R",
		phaseRcpt:   "RTLN",
		phaseData:   "LN",
		phaseHeader: "LN",
		phaseBody:   "BE",
	} {
		for b := range 256 {
			_, ok := p.next(byte(b))
			if want := strings.IndexByte(everywhere+commands, byte(b)) >= 0; ok != want {
				t.Errorf("phase %d, command %q: %v", p, rune(b), ok)
			}
		}
	}
	if p, _ := phaseStart.next('A'); p != phaseStart {
		t.Error("ABORT stands for CONNECT")
	}
}

// TestFraming: the writer follows frames, however they are cut.
func TestFraming(t *testing.T) {
	s, err := New(Options{NewSession: func(*Conn) Session { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	stream := []byte("\x00\x00\x00\x03iAB" + "\x00\x00\x00\x02mc" + "\x00\x00\x00\x01c" + "\x00\x00\x00\x03qaa" + "\x00\x00\x00\x02yx")
	want := []string{string(stream[:18]), string(stream[18:])}
	for size := 1; size <= len(stream); size++ {
		rec := &writes{}
		c := newConn(s, rec)
		for at := 0; at < len(stream); at += size {
			_, _ = c.Write(stream[at:min(at+size, len(stream))])
		}
		if diff := cmp.Diff(want, rec.all); diff != "" {
			t.Errorf("pieces of %d: %s", size, diff)
		}
		c.cancel()
	}
}

func TestMetricsLint(t *testing.T) {
	reg := prometheus.NewRegistry()
	if _, err := New(Options{NewSession: func(*Conn) Session { return nil }, Registerer: reg}); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
	if _, err := New(Options{NewSession: func(*Conn) Session { return nil }, Registerer: reg}); err == nil {
		t.Error("metrics registered twice without an error")
	}
}

// TestMacroListNames: we ask for nothing that could not be kept.
func TestMacroListNames(t *testing.T) {
	for stage, names := range macroLists() {
		if stage > milter.StageEOH || len(names) == 0 {
			t.Errorf("stage %d: %v", stage, names)
		}
	}
}
