package e2e

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sekisho/filter/stamp"
)

// TestE2ERelease: what is released passes the same port that held it, with its
// signature valid and nothing of ours on it; also over a port without sekisho.
func TestE2ERelease(t *testing.T) {
	t.Parallel()
	for name, plain := range map[string]bool{"stamp": false, "port": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t, labOptions{plain: plain})
			k := find(t, "story-a-")
			// What only we may write goes from an original too, where we can see it.
			raw := append([]byte("X-Sekisho-Verdict: verdict=accept\r\n"), k.Raw...)
			expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, raw, ""), "250 ")
			item := lab.held(t)[0]

			// Many at once, and one of them counts.
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { _, _ = lab.Sekisho.command("quarantine", "release", item.ID) })
			}
			wg.Wait()
			lab.nothingElse(t, 1)
			got := lab.Sink.Messages()[0]
			if !slices.Equal(got.Recipients, k.Envelope.Recipients) || got.Sender != k.Envelope.Sender {
				t.Errorf("from %q to %v", got.Sender, got.Recipients)
			}
			if !bytes.HasSuffix(got.Data, k.Raw) || !plain && bytes.Contains(got.Data, []byte("X-Sekisho")) {
				t.Errorf("arrived:\n%s", got.Data)
			}
			checkSignature(t, k.Zone, got.Data)
			if out, err := lab.Sekisho.command("quarantine", "list", "--state", "held"); err != nil || strings.Contains(out, item.ID) {
				t.Errorf("%v\n%s", err, out)
			}
			passed := map[bool]float64{false: 1, true: 0}[plain]
			if got := lab.Sekisho.metric(`sekisho_release_stamps_total{result="passed"}`); got != passed {
				t.Errorf("%v stamps have passed, want %v", got, passed)
			}
		})
	}
}

// TestE2EForgedStamps: whoever writes a stamp of their own is judged like anybody.
func TestE2EForgedStamps(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{})
	k := find(t, "story-a-")
	ours, err := stamp.Load(filepath.Join(lab.Sekisho.dir, "var", "release.key"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := stamp.Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	s := stamp.Stamp{Kind: stamp.Release, Item: "none-1", Nonce: "none", Expires: time.Now().Add(time.Minute)}
	late := s
	late.Expires = time.Now().Add(-time.Minute)
	to := k.Envelope.Recipients[0]
	for _, tc := range []struct {
		result string
		field  []byte
	}{
		{"used", ours.Seal(s, to, k.Raw)}, // genuine, but nothing that is being sent
		{"expired", ours.Seal(late, to, k.Raw)},
		{"altered", ours.Seal(s, to, k.Raw[1:])},
		{"forged", theirs.Seal(s, to, k.Raw)},
	} {
		series := fmt.Sprintf("sekisho_release_stamps_total{result=%q}", tc.result)
		before := lab.Sekisho.metric(series)
		expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, append(tc.field, k.Raw...), ""), "250 ")
		if after := lab.Sekisho.metric(series); after != before+1 {
			t.Errorf("%s: counted %v, then %v", tc.result, before, after)
		}
	}
	lab.nothingElse(t, 0)
	if held := lab.held(t); len(held) != 4 {
		t.Errorf("%d held, want 4", len(held))
	}
	// An honest message arrives without the field.
	env := friend()
	expect(t, dial(t, lab.Postfix.Addr, env).send(env, append([]byte(stamp.Field+": v=1\r\n"), letter("forged", "hello")...), ""), "250 ")
	if got := lab.delivered(t, "forged"); bytes.Contains(got, []byte(stamp.Field)) {
		t.Errorf("arrived:\n%s", got)
	}
}

// TestE2EReleaseMended: Postfix completes the header of what comes from this host, and
// of what somebody has sent on; the stamp is good all the same.
func TestE2EReleaseMended(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{})
	k := find(t, "story-a-")
	var raw []byte
	for line := range bytes.Lines(k.Raw) {
		if !bytes.HasPrefix(line, []byte("Date:")) && !bytes.HasPrefix(line, []byte("Message-ID:")) {
			raw = append(raw, line...)
		}
	}
	messages := [][]byte{raw, append([]byte("Resent-From: someone@kaisha.test\r\n"), raw...)}
	lab.Postfix.set(t, "local_header_rewrite_clients =") // all comes from this host here
	for _, message := range messages {
		expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, message, ""), "250 ")
	}
	lab.Postfix.set(t, "local_header_rewrite_clients = permit_inet_interfaces")
	for _, it := range lab.held(t) {
		if out, err := lab.Sekisho.command("quarantine", "release", it.ID); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	lab.nothingElse(t, len(messages))
	for _, m := range lab.Sink.Messages() {
		if !bytes.Contains(m.Data, []byte("essage-Id: <")) {
			t.Errorf("Postfix has added nothing:\n%s", m.Data)
		}
	}
}
