package quarantine

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPrint(t *testing.T) {
	stored := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	items := []Item{{
		ID: "id-1", State: Releasing, Recipient: "a@b", Sender: "x\x1b[2J\u202e\n@y", SenderArgs: []string{"SMTPUTF8"}, Brand: "",
		Why: "claims 楽天\tand\u200bmore", Verdict: "quarantine", Cause: "impersonation", Policy: "default", Stored: stored, Size: 7,
	}}
	var table, details, lines bytes.Buffer
	if err := WriteTable(&table, items); err != nil {
		t.Fatal(err)
	}
	want := "ID    STORED            STATE    RECIPIENT  SENDER         BRAND  WHY\n" +
		"id-1  2026-01-02 03:04  pending  a@b        <x?[2J??@y>    -      claims 楽天?and?more\n"
	if got := table.String(); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Error(cmp.Diff(want, got))
	}
	if err := WriteDetails(&details, append(items, items...)); err != nil {
		t.Fatal(err)
	}
	got := details.String()
	for _, part := range []string{"sender     <x?[2J??@y> SMTPUTF8\n", "size       7 bytes\n", "verdict    quarantine by impersonation, policy default\n", "\n\nid "} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
	if strings.Contains(got, "helo") || strings.Contains(got, "received") {
		t.Errorf("what is not known is shown:\n%s", got)
	}
	if err := WriteJSON(&lines, append(items, items...)); err != nil {
		t.Fatal(err)
	}
	var back Item
	first, _, _ := strings.Cut(lines.String(), "\n")
	if err := json.Unmarshal([]byte(first), &back); err != nil || !back.Stored.Equal(stored) || back.Sender != items[0].Sender {
		t.Errorf("%+v, %v", back, err)
	}
}
