package daemon

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/digest"
	"sekisho/filter/freeport"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/wire/wiretest"
)

// TestDigest: what is held since yesterday is told of at the first time of the day,
// past our own filter, which does not judge it; a GET of its link does nothing, the
// form of its page releases, past our own filter again; and a restart tells nothing
// twice.
func TestDigest(t *testing.T) {
	t.Parallel()
	sink := smtpsink.Start(t)
	h := prepare(t)
	at := freeport.Take(t)
	h.set(fmt.Sprintf(`web: {listen: "%s", url: "https://gate.kaisha.test"}
quarantine: {release_to: "%s"}
digest: {domains: [{domain: kaisha.test, language: ja}], from: "gate@kaisha.test", at: ["00:00"], time_zone: Asia/Tokyo}
`, at, sink.Addr))
	yesterday := time.Now().Add(-25 * time.Hour)
	store, err := quarantine.Open(filepath.Join(h.dir, "var", "quarantine"), quarantine.Options{Now: func() time.Time { return yesterday }})
	if err != nil {
		t.Fatal(err)
	}
	m := phish("hanako@kaisha.test")
	header, body, err := mail.ReadFile(strings.NewReader(string(m.Data)))
	if err != nil {
		t.Fatal(err)
	}
	e := quarantine.Entry{Envelope: mail.Envelope{Sender: m.From, Client: netip.MustParseAddr("192.0.2.1")}, Header: header, Body: body, Brand: "rakuten"}
	for _, to := range []string{"hanako@kaisha.test", "x@elsewhere.test"} {
		e.Recipients = append(e.Recipients, quarantine.Recipient{Address: to, Policy: "default", Verdict: "quarantine", Cause: "impersonation", Release: []quarantine.Role{quarantine.ToRecipient}})
	}
	id, err := store.Put(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	sink.Answer(func(verb, arg string) string {
		if verb != "." {
			return ""
		}
		c, err := wiretest.Dial("tcp", h.milter)
		if err != nil {
			return "451 4.3.0 no filter"
		}
		defer c.Close()
		var reply wiretest.Reply
		if _, err = c.Negotiate(wiretest.Postfix()); err == nil {
			if err = c.Open(wiretest.Message{}); err == nil {
				reply, err = c.Send(wiretest.Message{From: "", To: []string{"hanako@kaisha.test"}, Data: []byte(arg)})
			}
		}
		if err != nil || reply.Code != milter.ActContinue && reply.Code != milter.ActAccept {
			t.Errorf("the filter says %+v %v", reply, err)
			return "550 5.7.1 judged"
		}
		return ""
	})
	h.start()
	told := sink.Wait(t, 1, 20*time.Second)[0]
	if told.Sender != "" || len(told.Recipients) != 1 || told.Recipients[0] != "hanako@kaisha.test" {
		t.Errorf("%+v", told)
	}
	h.eventually("counted", func() bool { return h.metric(`sekisho_digests_total{outcome="sent"}`, 1) })
	text := ""
	for part := range strings.SplitSeq(string(told.Data), "base64\r\n\r\n") {
		end := strings.Index(part, "\r\n\r\n")
		if plain, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(part[:max(end, 0)], "\r\n", "")); err == nil {
			text += string(plain)
		}
	}
	link := regexp.MustCompile(`https://gate\.kaisha\.test(/l/\S+)`).FindStringSubmatch(text)
	if link == nil || !strings.Contains(text, "あるブランドを名乗るが") {
		t.Fatalf("no link in %s", text)
	}
	res, err := http.Get("http://" + at + link[1])
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	res.Body.Close()
	form := regexp.MustCompile(`name="form" value="([^"]+)"`).FindSubmatch(page)
	if err != nil || form == nil {
		t.Fatalf("%d %s %v", res.StatusCode, page, err)
	}
	if n := len(sink.Messages()); n != 1 {
		t.Errorf("%d messages after a GET", n)
	}
	res, err = http.PostForm("http://"+at+link[1]+"/release", url.Values{"form": {string(form[1])}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(h.read("var/web/audit.jsonl"), id+`-1","outcome":"done"`) {
		t.Errorf("%d %s", res.StatusCode, h.read("var/web/audit.jsonl"))
	}
	if all := sink.Messages(); len(all) != 2 || !strings.HasSuffix(string(all[1].Data), string(m.Data)) {
		t.Errorf("%d messages", len(all))
	}
	http.DefaultClient.CloseIdleConnections()

	h.stop()
	if err := h.wait(); err != nil {
		t.Error(err)
	}
	h.start()
	h.eventually("a round", func() bool {
		_, text := h.ask("/metrics")
		return strings.Contains(text, "\nsekisho_digests_waiting 0\n")
	})
	time.Sleep(firstDigests)
	if n := len(sink.Messages()); n != 2 {
		t.Errorf("%d messages after a restart", n)
	}
	h.write("sekisho.yaml", strings.NewReplacer("kaisha.test, language: ja", "nihon.test, language: en", "gate@", "post@", "00:00", "12:34", "Asia/Tokyo", "UTC", `at: [`, `link_life: 2h, at: [`, "https://gate.", "https://web.").Replace(h.read("sekisho.yaml")))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	want := &digest.Settings{
		Domains: []digest.Domain{{Name: "nihon.test", Language: digest.English}}, From: netmail.Address{Address: "post@kaisha.test"},
		At: []digest.Clock{{Hour: 12, Minute: 34}}, Zone: time.UTC, URL: "https://web.kaisha.test", Life: 2 * time.Hour,
	}
	if got := h.digestBy.Load(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a reload: %+v, want %+v", got, want)
	}
}
