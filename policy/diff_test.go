package policy

import (
	"strings"
	"testing"
)

// TestDiff: what changes is said for whom it changes, and only there.
func TestDiff(t *testing.T) {
	entry := "{allow: {brand: rakuten}, owner: me, reason: because, created: 2026-06-01, expires: 2026-06-30}"
	for name, tc := range map[string]struct {
		old, new map[string]string
		want     string
	}{
		"nothing": {layered, layered, "nothing changes for anybody\n"},
		"another order and other words for the same": {
			map[string]string{"x.jp.yaml": "thresholds: {tag: 4}\nmode: enforce\n"}, map[string]string{"x.jp.yaml": "# says nothing\n"},
			"nothing changes for anybody\n",
		},
		"everybody": {
			nil, map[string]string{"default.yaml": "thresholds: {tag: 5, reject: 12, quarantine: off}\n", "x.jp.yaml": "thresholds: {tag: 4, quarantine: 8, reject: off}\n"},
			"For everybody without a policy of their own:\n  - from 5 points on a message is tagged (was from 4)\n" +
				"  - nothing is quarantined by points any more (was from 8 points on)\n  - from 12 points on a message is rejected (was never by points)\n",
		},
		"alike for several": {
			map[string]string{"a.jp.yaml": "", "b.jp.yaml": "", "c.jp.yaml": "", "d.jp.yaml": "", "e.jp.yaml": "", "f.jp.yaml": "", "g.jp.yaml": "", "h.jp.yaml": "", "default.yaml": ""},
			map[string]string{"a.jp.yaml": "mode: observe", "b.jp.yaml": "mode: observe", "c.jp.yaml": "mode: observe", "d.jp.yaml": "mode: observe",
				"e.jp.yaml": "mode: observe", "f.jp.yaml": "mode: observe", "g.jp.yaml": "mode: observe", "h.jp.yaml": ""},
			"For a.jp, b.jp, c.jp, d.jp, e.jp, f.jp, 1 more:\n  - verdicts are only recorded, everything is delivered unmarked (was: carried out)\n",
		},
		"a mailbox": {
			map[string]string{"x.jp.yaml": "mailboxes: [{match: [\"sales-*\"], findings: {lure: off}}]"},
			map[string]string{"x.jp.yaml": "mailboxes: [{match: [\"sales-*\"], findings: {lure: {action: reject}}}]"},
			"For mailboxes like sales-x@x.jp:\n  - the finding lure rejects by itself (was: is ignored)\n",
		},
		"domains below": {
			map[string]string{"x.jp.yaml": "subdomains: true\nfindings: {lure: {points: 1, action: tag}}"}, map[string]string{"x.jp.yaml": "findings: {lure: {points: 1, action: tag}}"},
			"For domains below x.jp:\n  - the finding lure adds 2 points (was: adds 1 point and tags by itself)\n",
		},
		"entries": {
			map[string]string{"x.jp.yaml": "exceptions: [" + entry + "]\nbrands: {line: off}"},
			map[string]string{"x.jp.yaml": "exceptions: [" + strings.Replace(entry, "rakuten", "amazon", 1) + "]\nbrands: {dhl: off}"},
			"For x.jp:\n  - brands.dhl is new: off\n  - brands.line is gone (was off)\n" +
				"  - exception added: {allow: {brand: amazon}, owner: \"me\", reason: \"because\", created: 2026-06-01, expires: 2026-06-30}\n" +
				"  - exception taken out: {allow: {brand: rakuten}, owner: \"me\", reason: \"because\", created: 2026-06-01, expires: 2026-06-30}\n",
		},
		"an entry without effect": {
			map[string]string{"x.jp.yaml": "exceptions: [" + strings.ReplaceAll(entry, "2026", "2020") + "]"}, map[string]string{"x.jp.yaml": ""},
			"nothing changes for anybody\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := WriteDiff(&b, Diff(load(t, tc.old), load(t, tc.new), june)); err != nil {
				t.Fatal(err)
			}
			if b.String() != tc.want {
				t.Errorf("got\n%swant\n%s", &b, tc.want)
			}
		})
	}
}
