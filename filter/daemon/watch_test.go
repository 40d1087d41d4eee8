package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"
)

// settled waits until a number of reloads were done and refused.
func (h *house) settled(done, refused int) {
	h.t.Helper()
	h.eventually(fmt.Sprintf("%d done, %d refused", done, refused), func() bool {
		return h.metric(`sekisho_reloads_total{result="done"}`, done) && h.metric(`sekisho_reloads_total{result="refused"}`, refused)
	})
}

// looks waits until the watched files have been looked at as often as it takes to see
// a change, and once more.
func (h *house) looks() {
	h.t.Helper()
	seen := func() int { return h.logs.FilterMessage("watched files looked at").Len() }
	enough := seen() + 4
	h.eventually("looking", func() bool { return seen() >= enough })
}

// edit changes a file as editors do: the new text beside the old, renamed over it.
func (h *house) edit(name, text string) {
	h.t.Helper()
	next := h.write(filepath.Join(filepath.Dir(name), ".next.swp"), text)
	if err := os.Rename(next, filepath.Join(h.dir, name)); err != nil {
		h.t.Fatal(err)
	}
}

// TestWatch: what is edited is loaded without a word, a mistake is told once and
// tried again when it changes.
func TestWatch(t *testing.T) {
	h := prepare(t)
	h.withPolicies(", watch: 100ms")
	brands := h.write("brands.yaml", "version: 1\nbrands: []\n")
	h.set("brands: {files: [" + brands + "]}\nlog: {level: debug}\n")
	h.start()

	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: 10}\n")
	h.settled(1, 0)
	if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActReplyCode {
		t.Errorf("%+v", r)
	}

	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: soon}\n")
	h.settled(1, 1)
	h.looks()
	h.settled(1, 1)
	if n := h.logs.FilterMessage("reload refused, the old settings go on").Len(); n != 1 {
		t.Errorf("told %d times", n)
	}
	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: 11}\n")
	h.settled(2, 1)

	// A reload by hand is not repeated.
	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: 12}\n")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	done := 3
	h.looks()
	h.settled(done, 1)

	h.edit("brands.yaml", `version: 1
brands:
- {id: kaisha-payroll, name: Kaisha Payroll, category: corporate, aliases: [Kaisha Payroll], domains: [kaisha.test]}
`)
	h.settled(done+1, 1)

	// Broken settings keep a changed directory from being loaded; that is told once.
	settings := h.read("sekisho.yaml")
	h.set("nonsense: 1\n")
	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: 13}\n")
	h.settled(done+1, 2)
	h.looks()
	h.settled(done+1, 2)

	// Settings that end the watch are heard at once.
	h.write("sekisho.yaml", strings.ReplaceAll(settings, "100ms", "0s"))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	h.edit("policies/kaisha.test.yaml", "thresholds: {reject: 14}\n")
	time.Sleep(500 * time.Millisecond) // nothing tells that nobody looks
	h.settled(done+2, 2)
}

// TestWatchFolderSwap: the folder as Kubernetes mounts it, whose files are links
// through ..data, and as deploy tools do, current -> releases/2.
func TestWatchFolderSwap(t *testing.T) {
	for name, links := range map[string][][2]string{
		"..data":  {{"..1", "policies/..data"}, {"..data/kaisha.test.yaml", "policies/kaisha.test.yaml"}, {"..2", "policies/..new"}},
		"current": {{"policies/..1", "current"}, {"policies/..2", "new"}},
	} {
		h := prepare(t)
		h.write("policies/..1/kaisha.test.yaml", "thresholds: {reject: off}\n")
		h.write("policies/..2/kaisha.test.yaml", "thresholds: {reject: 10}\n")
		for _, link := range links {
			if err := os.Symlink(link[0], filepath.Join(h.dir, link[1])); err != nil {
				t.Fatal(err)
			}
		}
		dir, old, next := "policies", "policies/..data", "policies/..new"
		if name == "current" {
			dir, old, next = "current", "current", "new"
		}
		h.set("policy: {dir: " + filepath.Join(h.dir, dir) + ", watch: 100ms}\n")
		h.start()
		if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActDiscard {
			t.Errorf("%s, before: %+v", name, r)
		}
		if err := os.Rename(filepath.Join(h.dir, next), filepath.Join(h.dir, old)); err != nil {
			t.Fatal(err)
		}
		h.settled(1, 0)
		if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActReplyCode {
			t.Errorf("%s, after: %+v", name, r)
		}
	}
}
