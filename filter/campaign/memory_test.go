package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail"
)

var start = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *Watch {
	t.Helper()
	w, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// put is See after the message was read.
func (w *Watch) put(s sighting) *Incident {
	w.mu.Lock()
	defer w.mu.Unlock()
	incident := w.seeSender(&s)
	if other := w.seeClaim(&s); incident == nil {
		incident = other
	}
	return incident
}

// TestSenders: they are remembered up to the limit; past it who was seen longest
// ago goes, and never one that an open incident is about.
func TestSenders(t *testing.T) {
	w := open(t)
	for range 3 {
		w.put(sighting{at: start, org: "bad", sender: 1, recipients: 50, brand: "b"})
	}
	for n := range maxSenders {
		w.put(sighting{at: start.Add(time.Duration(n) * time.Millisecond), org: "o", sender: uint64(n + 10), recipients: 1, brand: "b"})
		if len(w.senders) > maxSenders {
			t.Fatalf("%d senders", len(w.senders))
		}
	}
	if _, known := w.senders[10]; known || w.senders[1] == nil || w.senders[11] == nil {
		t.Error("another one than the oldest without an incident was forgotten")
	}
}

// TestClaims: groups are remembered up to the limits, of a brand and in all.
func TestClaims(t *testing.T) {
	w := open(t)
	claim := func(brand string, n int) {
		w.put(sighting{at: start.Add(time.Duration(n) * time.Millisecond), org: "o", brand: brand, recipients: 1, sites: []uint64{uint64(n)}})
	}
	for n := range maxAlike {
		claim("b", n)
	}
	if len(w.claims["b"]) != maxAlike {
		t.Errorf("%d at the limit", len(w.claims["b"]))
	}
	claim("b", maxAlike)
	if list := w.claims["b"]; len(list) != maxAlike || slices.Contains(list[0].sites, 0) {
		t.Errorf("%d past the limit", len(list))
	}
	for n := range 2 * maxClaims {
		claim(fmt.Sprintf("brand%d", n%300), 1000+n)
		count := 0
		for _, list := range w.claims {
			count += len(list)
		}
		if count != w.clusters || count > maxClaims {
			t.Fatalf("%d groups, counted as %d", count, w.clusters)
		}
	}
	if w.clusters != maxClaims {
		t.Errorf("%d groups", w.clusters)
	}
}

// TestIncidents: an incident keeps the first traces and organisations; of incidents
// the newest are kept.
func TestIncidents(t *testing.T) {
	w := open(t)
	for n := range 2 * maxTraces {
		w.put(sighting{at: start, trace: fmt.Sprint(n), org: fmt.Sprint("o", n), sender: uint64(n + 1), brand: "b", recipients: 1, sites: []uint64{7}})
	}
	i := w.incidents[0]
	if i.Messages != 2*maxTraces || len(i.Traces) != maxTraces || i.Traces[0] != "0" || len(i.Orgs) != maxOrgs {
		t.Errorf("%d messages, %d traces, %d organisations", i.Messages, len(i.Traces), len(i.Orgs))
	}
	for n := range maxIncidents {
		for range fewMessages {
			w.put(sighting{at: start, org: "o", sender: uint64(1000 + n), brand: "b", recipients: manyRecipients})
		}
	}
	if len(w.incidents) != maxIncidents || w.incidents[0] == i {
		t.Errorf("%d incidents", len(w.incidents))
	}
	for n := range maxBrands + 5 {
		w.put(sighting{at: start, org: "o", sender: 1000, brand: fmt.Sprint("b", n), recipients: 1})
	}
	if n := len(w.senders[1000].incident.Brands); n != maxBrands {
		t.Errorf("%d brands", n)
	}
}

// TestEarlier: messages before an incident are kept for the window, and not past
// the limit.
func TestEarlier(t *testing.T) {
	var b before
	for n := range maxEarlier + 1 {
		b = b.push(&sighting{at: start, trace: fmt.Sprint(n)})
	}
	if len(b) != maxEarlier || b[0].trace != "1" {
		t.Errorf("%d, the first is %s", len(b), b[0].trace)
	}
	if b = b.push(&sighting{at: start.Add(window)}); len(b) != maxEarlier {
		t.Errorf("%d at the end of the window", len(b))
	}
	if b = b.push(&sighting{at: start.Add(window + time.Second)}); len(b) != 2 {
		t.Errorf("%d past the window", len(b))
	}
}

func text(s string) *mail.Message {
	return &mail.Message{Passages: []mail.Passage{{Kind: mail.PassageText, Text: s}}}
}

// TestSketch: copies with other names and numbers are near, other texts are far,
// short ones are none, disguised letters are the letters.
func TestSketch(t *testing.T) {
	h := hasher{key: [2]uint64{1, 2}}
	body := "お客様のアカウントは、第三者による不正なログインが確認されたため停止されています。24時間以内に下記より情報を確認してください。確認がない場合、アカウントは完全に停止されます。"
	first := h.sketch(text("山田太郎様 4711 " + body))
	for name, tc := range map[string]struct {
		text     string
		from, to int
	}{
		"the same":     {"山田太郎様 4711 " + body, 0, 0},
		"other digits": {"山田太郎様 9913 " + body, 0, 0},
		"another name": {"佐藤花子様 4711 " + body, 0, likeBits},
		"wide letters": {"山田太郎様 ４７１１ " + body, 0, 0},
		"another text": {"今月のご利用明細ができました。会員ページにログインし、お支払い金額とお引き落としの日をご確認ください。毎月の明細は翌月の五日に作られ、一年間ご覧いただけます。", likeBits + 1, 64},
		"too short":    {"山田太郎様", 64, 64},
	} {
		if d := first.distance(h.sketch(text(tc.text))); d < tc.from || d > tc.to {
			t.Errorf("%s: %d bits", name, d)
		}
	}
	if (hasher{key: [2]uint64{3, 4}}).sketch(text(body)) == h.sketch(text(body)) {
		t.Error("the key does nothing")
	}
	long := strings.Repeat(body, 100)
	if h.sketch(text(long)) != h.sketch(text(long+"そのあとは読まれない")) {
		t.Errorf("more than %d pieces are looked at", maxShingles)
	}
	if h.sketch(text(strings.Repeat("a", minShingles+shingle-1))) == 0 || h.sketch(text(strings.Repeat("a", minShingles+shingle-2))) != 0 {
		t.Errorf("a text of %d pieces is none", minShingles)
	}
}

// TestShape: hosts of one maker look alike, and many are cut.
func TestShape(t *testing.T) {
	for host, want := range map[string]string{
		"rakuten-login.ab12cd.co.jp": "a-a.a9a.co.jp", "login7.evil.example": "a9.a.example", "192.0.2.1": "ip", "localhost": "localhost",
	} {
		if got := shape([]mail.Link{{Kind: mail.LinkAnchor, Host: host}}); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
	var links []mail.Link
	for n := range maxShapes + 1 {
		links = append(links, mail.Link{Kind: mail.LinkAnchor, Host: strings.Repeat("a.", n) + "b.example"})
	}
	if got := shape(links); len(strings.Fields(got)) > maxShapes || len(got) > maxShapeBytes || got != shape(links[:maxShapes]) {
		t.Errorf("%d shapes, %d bytes", len(strings.Fields(got)), len(got))
	}
	if got := shape([]mail.Link{{Kind: mail.LinkImage, Host: "a.example"}, {Kind: mail.LinkPlain}}); got != "" {
		t.Errorf("%q", got)
	}
}

// TestSaved: Run saves what is raised, at once and at its end; a folder that is gone
// is counted and tried again.
func TestSaved(t *testing.T) {
	dir := t.TempDir()
	w, err := Open(Options{File: dir + "/none/" + FileName})
	if err != nil {
		t.Fatal(err)
	}
	for range fewMessages {
		w.put(sighting{at: time.Now(), org: "o", sender: 5, brand: "b", recipients: manyRecipients})
	}
	w.save(time.Now())
	if !w.dirty {
		t.Error("what was not saved counts as saved")
	}
	w.opt.File = dir + "/" + FileName
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.Run(ctx)
	if all, err := Read(w.opt.File); err != nil || len(all) != 1 || w.dirty {
		t.Errorf("%+v, %v", all, err)
	}
	w.save(time.Now().Add(keepTime + time.Hour))
	if len(w.incidents) != 0 {
		t.Error("old incidents are kept")
	}
}
