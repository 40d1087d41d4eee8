package banner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// reader prints, for each file, the parts that Python's email package finds.
const reader = `
import email, email.policy, json, sys
for name in sys.argv[1:]:
    with open(name, "rb") as f:
        m = email.message_from_bytes(f.read(), policy=email.policy.SMTP)
    parts = []
    for p in m.walk():
        text = ""
        if p.get_content_maintype() == "text":
            text = p.get_payload(decode=True).decode(p.get_content_charset("us-ascii"))
        elif not p.is_multipart():
            text = (p.get_payload(decode=True) or b"").hex()
        parts.append({"type": p.get_content_type(), "text": text, "defects": len(p.defects)})
    print(json.dumps(parts))
`

// TestPython reads every sample before and after with Python's email package, which
// knows nothing of us: the same parts, the same texts, and the banner.
func TestPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	all := samples(t)
	dir := t.TempDir()
	args := []string{"-c", reader}
	for i, s := range all {
		for j, text := range [][]byte{raw(s.header, s.body), raw(changed(s.header, s.change.Edits), s.change.Body)} {
			name := filepath.Join(dir, fmt.Sprintf("%d-%d.eml", i, j))
			if err := os.WriteFile(name, text, 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
		}
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	type parsed []struct {
		Type, Text string
		Defects    int
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	for _, s := range all {
		var old, now parsed
		if err := dec.Decode(&old); err != nil {
			t.Fatal(err)
		}
		if err := dec.Decode(&now); err != nil {
			t.Fatal(err)
		}
		if len(old) != len(now) {
			t.Errorf("%s: %d parts became %d", s.name, len(old), len(now))
			continue
		}
		seen := map[string]bool{}
		for i, p := range now {
			want := old[i].Text
			if p.Type != old[i].Type || p.Defects != old[i].Defects {
				t.Errorf("%s: %+v became %+v", s.name, old[i], p)
			}
			switch {
			case seen[p.Type]: // attached, or in a forwarded message
			case p.Type == "text/plain":
				want = s.banner.text() + want
			case p.Type == "text/html":
				if !strings.Contains(html.UnescapeString(strings.ReplaceAll(p.Text, "<!--\r\n-->", "")), s.banner[0].Title) {
					t.Errorf("%s: no banner in %s", s.name, p.Text)
				}
				want = strings.Replace(want, "y\">", "y\">"+s.banner.html(), 1)
			}
			seen[p.Type] = true
			if p.Text != want {
				t.Errorf("%s: %q, want %q", s.name, p.Text, want)
			}
		}
	}
	t.Logf("%d messages", len(all))
}
