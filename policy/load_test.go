package policy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// Every folder of testdata/mistakes is a policy directory with one kind of
// mistake; its file "want" is the message.
func TestMistakes(t *testing.T) {
	t.Chdir("testdata/mistakes")
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			set, err := Load(folder.Name())
			var problems *strictyaml.Problems
			if !errors.As(err, &problems) || set != nil {
				t.Fatalf("want problems and no policies, have %v", err)
			}
			golden(t, filepath.Join(folder.Name(), "want"), problems.Detail()+"\n")
		})
	}
}

func TestLoadWithoutFiles(t *testing.T) {
	set := load(t, nil)
	if got := set.For("a@example.jp").Decide(found(finding.DMARCReject)); got.Where != whereBuiltIn(t, "dmarc-reject:") {
		t.Errorf("decided at %s", got.Where)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestLimits(t *testing.T) {
	for name, text := range map[string]func(past int) string{
		"file":      func(past int) string { return strings.Repeat("#", maxFileBytes+past) },
		"points":    func(past int) string { return fmt.Sprintf("findings: {lure: {points: %d}}", maxPoints+past) },
		"no points": func(past int) string { return fmt.Sprintf("findings: {lure: {points: %d}}", -past) },
		"threshold": func(past int) string { return fmt.Sprintf("thresholds: {reject: %d}", maxThreshold+past) },
		"lowest":    func(past int) string { return fmt.Sprintf("thresholds: {tag: %d}", 1-past) },
		"prefix":    func(past int) string { return "tag: {subject_prefix: " + strings.Repeat("x", maxPrefix+past) + "}" },
	} {
		for past, good := range []bool{true, false} {
			_, err := Load(directory(t, map[string]string{"example.jp.yaml": text(past)}))
			if good != (err == nil) {
				t.Errorf("%s, %d past the limit: %v", name, past, err)
			}
		}
	}
}

// FuzzFile holds that a file is read or refused without a panic, that what is
// read decides and has no thresholds that contradict each other, and that every
// value knows where it came from.
func FuzzFile(f *testing.F) {
	f.Add([]byte(BuiltIn()))
	f.Add([]byte("thresholds: {tag: 1, quarantine: off}\nfindings:\n  lure: off\n  no-auth: {action: tempfail}\n"))
	f.Add([]byte("subdomains: true\nfail: {dns: continue}\nquarantine: {mode: hold}\ntag: {subject_prefix: \"\"}\n"))
	f.Add([]byte("forwarders:\n  - {arc_sealer: a.example, reason: x, expires: 2026-06-30}\n  - {networks: [192.0.2.0/24], name: b.example, reason: y, expires: 2026-06-30}\n"))
	base := embedded(f).Default()
	f.Fuzz(func(t *testing.T, src []byte) {
		doc := strictyaml.Parse("f", src)
		p, _ := layer(doc, "example.jp", base, domainLayer)
		if doc.Err() != nil {
			return
		}
		th := p.Thresholds
		if th.Tag.Value.above(th.Quarantine.Value) || th.Quarantine.Value.above(th.Reject.Value) || th.Tag.Value.above(th.Reject.Value) {
			t.Fatalf("thresholds contradict: %+v", th)
		}
		for i, r := range p.Findings.list {
			if r.pos.Line == 0 || r.points < 0 || r.points > maxPoints {
				t.Fatalf("%s: %+v", p.Findings.words.names[i], r)
			}
		}
		for _, fwd := range p.Trusted.Value {
			if fwd.domain == "" || fwd.reason == "" || fwd.expires.IsZero() || fwd.pos.Line == 0 || (fwd.kind == finding.ByNetwork) != (len(fwd.networks) > 0) {
				t.Fatalf("forwarder %+v", fwd)
			}
		}
		if d := p.Decide(found(finding.Names()...)); d.Verdict.rank() < 0 || (d.Verdict == Accept) != (d.Where == "") {
			t.Fatalf("decision %+v", d)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	files := make(map[string]string, 10_000)
	for i := range 10_000 {
		files[fmt.Sprintf("customer-%d.example.jp.yaml", i)] = "thresholds:\n  quarantine: 6\nfindings:\n  lure: {points: 3}\n  no-auth: observe\n"
	}
	dir := directory(b, files)
	var before, after runtime.MemStats
	var set *Set
	for b.Loop() {
		set = nil
		runtime.GC()
		runtime.ReadMemStats(&before)
		var err error
		if set, err = Load(dir); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(set.domains)), "heap-B/policy")
}
