package daemon

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire/wiretest"
)

// TestShed: a crowd of messages with costly pictures has the daemon leave pictures out
// where the policy lets it, and all is looked at again when the crowd is gone. Nobody's
// message is lost meanwhile.
func TestShed(t *testing.T) {
	h := prepare(t)
	h.write("policies/go.test.yaml", "fail: {shed: [pictures], shed_margin: off}\n")
	h.write("policies/all.test.yaml", "fail: {shed: []}\n")
	h.set("policy: {dir: " + h.dir + "/policies}\nlimits: {turns: 1, shed_wait: 5ms}\n")
	h.start()

	stop := make(chan struct{})
	var crowd sync.WaitGroup
	defer crowd.Wait()
	leave := sync.OnceFunc(func() { close(stop) })
	defer leave()
	costly := scanned(t, "a@all.test")
	for range 4 {
		c := h.connect()
		crowd.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if r, err := c.Send(costly); err != nil || r.Code != milter.ActContinue {
					t.Errorf("in the crowd: %+v, %v", r, err)
					return
				}
			}
		})
	}
	shed := func() bool { return field(h.deliver(scanned(t, "a@go.test"))) == "pictures" }
	h.eventually("shedding", shed)
	if got := field(h.deliver(scanned(t, "a@all.test"))); got != "" {
		t.Errorf("shed %q of a message whose policy lets nothing be left out", got)
	}
	if _, text := h.ask("/metrics"); strings.Contains(text, `sekisho_checks_shed_total{check="pictures"} 0`) {
		t.Error("nothing is counted")
	}
	leave()
	crowd.Wait()
	h.eventually("looking at all again", func() bool { return !shed() })
	if !h.metric("sekisho_turns_taken", 0) || !h.metric("sekisho_turns_waiting", 0) {
		t.Error("a turn has not ended")
	}
}

// field is what X-Sekisho-Verdict says was left out.
func field(r wiretest.Reply) string {
	for _, e := range r.Edits {
		if _, after, ok := strings.Cut(e.Value, "shed="); ok && e.Name == "X-Sekisho-Verdict" {
			return strings.Fields(after)[0]
		}
	}
	return ""
}

// scanned is a message that asks to scan a picture that takes long to search.
func scanned(tb testing.TB, to ...string) wiretest.Message {
	tb.Helper()
	img, noise := image.NewGray(image.Rect(0, 0, 400, 400)), rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(noise.Uint32() % 2 * 255)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	part := "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(b.Bytes()) + "\n"
	return message("tomo@friend.test", "From: tomo@friend.test\nSubject: hello\nContent-Type: multipart/related; boundary=b\n\n"+
		"--b\nContent-Type: text/plain\n\nplease scan\n"+strings.Repeat(part, 4)+"--b--\n", to...)
}
