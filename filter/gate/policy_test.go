package gate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/gate"
	"sekisho/filter/mail/charset"
	"sekisho/filter/quarantine"
)

// policies is a gate that judges by policy files, and proves nothing.
func policies(t *testing.T, store gate.Store, files map[string]string) *gate.Gate {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := gate.LoadSet(1, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: unproved, Store: store})
}

// TestHeldAsThePolicySays: what the policy of each recipient says of retention and
// release is written down with the message.
func TestHeldAsThePolicySays(t *testing.T) {
	v, c := &vault{}, phish(t)
	g := policies(t, v, map[string]string{
		"kaisha.test.yaml": "quarantine: {keep: 7d, release: [admin, recipient]}\n",
		"other.test.yaml":  "quarantine: {keep: forever, release: [domain-admin]}\n",
	})
	env := c.Envelope
	env.Recipients = []string{"a@kaisha.test", "b@other.test"}
	if plan := g.Judge(t.Context(), env, c.Header, c.Body); plan.Reply != act.Discard || len(v.entries) != 1 {
		t.Fatalf("%+v, %d entries", plan, len(v.entries))
	}
	a, b := v.entries[0].Recipients[0], v.entries[0].Recipients[1]
	if a.Keep != 7*24*time.Hour || !slices.Equal(a.Release, []quarantine.Role{quarantine.Admin, quarantine.ToRecipient}) {
		t.Errorf("%+v", a)
	}
	if b.Keep != 0 || !slices.Equal(b.Release, []quarantine.Role{quarantine.DomainAdmin}) {
		t.Errorf("%+v", b)
	}
}

// TestBannerAsThePolicySays: a tagged message gets the banner that the policies of
// all its readers ask for; it names the brand that is claimed.
func TestBannerAsThePolicySays(t *testing.T) {
	// All findings count nothing but one, which tags.
	const tagging = "thresholds: {tag: 1, quarantine: off, reject: off}\nfindings: {impersonation: {action: tag}}\n"
	c := phish(t)
	g := policies(t, nil, map[string]string{
		"ja.test.yaml":   tagging + "tag: {banner: ja}\n",
		"more.test.yaml": tagging + "tag: {banner: ja}\n",
		"both.test.yaml": tagging + "tag: {banner: both}\n",
		"off.test.yaml":  tagging,
	})
	for name, tc := range map[string]struct {
		to   []string
		note string
		want []string // in the body
	}{
		"alike":     {[]string{"a@ja.test", "b@more.test"}, act.BannerWritten, []string{"を名乗りますが", "Rakuten"}},
		"both":      {[]string{"a@both.test"}, act.BannerWritten, []string{"を名乗りますが", "CAUTION"}},
		"different": {[]string{"a@ja.test", "b@both.test"}, "", nil},
		"one off":   {[]string{"a@ja.test", "b@off.test"}, "", nil},
		"off":       {[]string{"b@off.test"}, "", nil},
	} {
		env := c.Envelope
		env.Recipients = tc.to
		plan := g.Judge(t.Context(), env, c.Header, c.Body)
		if plan.Reply != act.Continue || plan.Banner != tc.note || (plan.Body != nil) != (tc.note == act.BannerWritten) {
			t.Errorf("%s: %s, banner %q", name, plan.Reply, plan.Banner)
		}
		body, _ := charset.Decode(plan.Body, "iso-2022-jp") // as the message is
		for _, text := range tc.want {
			if !strings.Contains(body, text) {
				t.Errorf("%s: no %q in\n%s", name, text, body)
			}
		}
	}
}
