package web

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/campaign"
	"sekisho/filter/quarantine"
)

// browser is a real one, for which every host but this one is a trap.
type browser struct {
	testing.TB
	ctx     context.Context
	base    string
	trapped atomic.Int32 // connections that a page made it open

	mu    sync.Mutex
	noted []string // dialogs, exceptions and errors on the console
}

func newBrowser(l *lab) *browser {
	l.Helper()
	program := ""
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		l.Skip("no chromium-headless-shell and no chromium here (Debian: apt-get install chromium-headless-shell fonts-ipafont-gothic)")
	}
	b := &browser{TB: l.TB, base: l.http.URL}
	trap, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { trap.Close() })
	go func() {
		for {
			c, err := trap.Accept()
			if err != nil {
				return
			}
			b.trapped.Add(1)
			c.Close()
		}
	}()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.Flag("ignore-certificate-errors", true),
		chromedp.Flag("host-resolver-rules", "MAP * "+trap.Addr().String()+", EXCLUDE 127.0.0.1"), chromedp.UserDataDir(l.TempDir()), chromedp.Flag("lang", "en-US"))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	l.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	l.Cleanup(cancel)
	if _, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return cdp.Empty{}, err
		}
		return cdp.Call(ctx, t, cdplog.Enable, cdp.Empty{})
	}); err != nil {
		l.Fatalf("the browser does not start: %v", err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	l.Cleanup(cancel)
	b.watch()
	return b
}

// watch notices dialogs, exceptions, errors on the console, and requests to anybody but us.
func (b *browser) watch() {
	dialogs, thrown, entries := chromedp.Events(b.ctx, cdppage.JavascriptDialogOpening), chromedp.Events(b.ctx, runtime.ExceptionThrown), chromedp.Events(b.ctx, cdplog.EntryAdded)
	go func() {
		for e, err := range dialogs {
			if err != nil {
				return
			}
			b.note("dialog " + e.Message + " on " + e.URL)
			_, _ = chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
				return cdp.Call(ctx, t, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: true})
			})
		}
	}()
	requests := chromedp.Events(b.ctx, network.RequestWillBeSent)
	go func() {
		for e, err := range requests {
			if err != nil {
				return
			}
			// Data, such as the pictures in fields for dates, is asked of nobody.
			if at := e.Request.URL; !strings.HasPrefix(at, b.base+"/") && !strings.HasPrefix(at, "data:") {
				b.note("a request to " + at)
			}
		}
	}()
	go func() {
		for e, err := range thrown {
			if err != nil {
				return
			}
			b.note("exception " + e.ExceptionDetails.Text)
		}
	}()
	go func() {
		for e, err := range entries {
			if err != nil {
				return
			}
			if e.Entry.Level == cdplog.EntryLevelError {
				b.note("console: " + e.Entry.Text + " " + e.Entry.URL)
			}
		}
	}()
}

func (b *browser) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noted = append(b.noted, what)
}

func (b *browser) hasNoted(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.noted, what)
}

// clean holds that nothing was noted, that no host of a message was asked for
// anything, and that the policies of the pages had nothing to stop.
func (b *browser) clean(s *Server) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.noted) > 0 {
		b.Errorf("%d times something was wrong: %q", len(b.noted), b.noted)
	}
	if n := b.trapped.Load(); n > 0 {
		b.Errorf("%d connections to hosts of messages", n)
	}
	if n := testutil.ToFloat64(s.metrics.violations); n > 0 {
		b.Errorf("%v reports that the browser had to stop something", n)
	}
}

// run does one step after the other.
func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// ask returns what a step finds.
func ask[T any](b *browser, a chromedp.Action[T]) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, a)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// open opens a path of ours and waits for its content.
func (b *browser) open(path string) {
	b.Helper()
	b.run(chromedp.Navigate(b.base+path), chromedp.WaitReady("main"))
}

// login types a name and a password as people do.
func (b *browser) login(name string) {
	b.Helper()
	b.open("/login")
	b.run(chromedp.SendKeys("input[name=name]", name), chromedp.SendKeys("input[name=password]", password), chromedp.Click("main form button"), chromedp.WaitVisible("nav"))
}

// picture keeps a picture of the page where SEKISHO_SCREENSHOTS names a folder.
func (b *browser) picture(name string, width, height int64, dark, whole bool) {
	b.Helper()
	dir := os.Getenv("SEKISHO_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.run(chromedp.EmulateViewport(width, height))
	b.scheme(dark)
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	png := ask(b, shot)
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.Fatal(err)
	}
}

// scheme is what the person at the browser prefers.
func (b *browser) scheme(dark bool) {
	b.Helper()
	name := "light"
	if dark {
		name = "dark"
	}
	ask(b, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
	})
}

// signed returns a message with a signature, and what looks its key up.
func signed(t *testing.T, raw string) (string, func(string) ([]string, error)) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = dkim.Sign(&b, strings.NewReader(raw), &dkim.SignOptions{Domain: "st.mgu.ac.jp", Selector: "s", Signer: private, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationSimple, BodyCanonicalization: dkim.CanonicalizationSimple})
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	return b.String(), func(string) ([]string, error) { return []string{record}, nil }
}

// TestBrowserRelease: somebody logs in, finds a message, releases it, and it
// arrives with its signature whole.
func TestBrowserRelease(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	raw, lookup := signed(t, fake)
	id := l.put(raw, "hanako@kaisha.test")[0]
	l.put(strings.ReplaceAll(fake, "rakuten.account-check", "rakuten.other"), "hanako@kaisha.test")
	b.open("/")
	b.picture("login-desktop", 1280, 860, false, false)
	b.login("hanako")
	b.picture("list-desktop", 1280, 860, false, false)
	b.picture("list-phone", 390, 844, false, false)
	b.picture("list-dark", 1280, 860, true, false)
	b.open("/items/" + id)
	b.picture("entry-desktop", 1280, 860, false, true)
	b.picture("entry-phone", 390, 844, false, true)
	b.picture("entry-dark", 1280, 860, true, true)
	b.run(chromedp.KeyEvent("r"), chromedp.WaitVisible("#release .ask button"))
	b.picture("release-desktop", 1280, 860, false, false)
	b.run(chromedp.Click("#release .ask button"), chromedp.WaitVisible(".heading .chip.released"))
	sent := l.sink.Wait(t, 1, 10*time.Second)
	if len(sent) != 1 || string(sent[0].Data) != raw {
		t.Fatalf("%d messages, or another one", len(sent))
	}
	verified, err := dkim.VerifyWithOptions(bytes.NewReader(sent[0].Data), &dkim.VerifyOptions{LookupTXT: lookup})
	if err != nil || len(verified) != 1 || verified[0].Err != nil {
		t.Errorf("signature: %+v %v", verified, err)
	}
	b.run(chromedp.Click(`button[lang=ja]`), chromedp.WaitVisible(`html[lang=ja]`))
	b.picture("released-ja-desktop", 1280, 860, false, true)
	b.picture("released-ja-phone", 390, 844, true, true)
	b.run(chromedp.Click(".me form:last-child button"), chromedp.WaitVisible("input[name=password]"))
	b.clean(l.server)
}

// TestBrowserLink: somebody without an account opens the link of a digest, and gets
// the message; the link is good for no more.
func TestBrowserLink(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	raw, _ := signed(t, fake)
	at := l.to(l.put(raw, "hanako@kaisha.test")[0], "hanako@kaisha.test", time.Hour)
	b.open(at)
	b.picture("link-desktop", 1280, 860, false, true)
	b.picture("link-phone", 390, 844, false, true)
	b.run(chromedp.Click("#release summary"), chromedp.WaitVisible("#release .ask button"), chromedp.Click("#release .ask button"), chromedp.WaitVisible("p[role=status]"))
	b.picture("link-done", 390, 844, false, false)
	if sent := l.sink.Wait(t, 1, 10*time.Second); len(sent) != 1 || string(sent[0].Data) != raw {
		t.Fatalf("%d messages, or another one", len(sent))
	}
	b.open("/advice/rakuten")
	b.picture("advice-desktop", 1280, 860, true, true)
	b.run(chromedp.Click(`button[lang=ja]`), chromedp.WaitVisible(`html[lang=ja]`))
	b.picture("advice-ja-phone", 390, 844, false, true)
	b.clean(l.server)
	b.open(at)
	b.run(chromedp.WaitVisible("p[role=alert]"))
	b.picture("link-used-ja", 390, 844, false, false)
}

// TestBrowserStaff looks at the pages of those who run the gate.
func TestBrowserStaff(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	id := ""
	for range 3 {
		id = l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")[0]
	}
	items, err := l.store.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	l.server.opt.Campaigns = incidents{[]campaign.Incident{{
		ID: "a1", Kind: campaign.Account, First: time.Now(), Raised: time.Now(), Last: time.Now(), Brands: []string{"rakuten"}, Orgs: []string{"mgu.ac.jp"},
		Links: "host/plain", Messages: 22, Recipients: 800, Before: 1, Traces: []string{items[0].Trace, "TRACE000NOTHING0"},
	}}}
	b.login("admin")
	for _, p := range []string{"verdicts", "policy?address=hanako@kaisha.test", "audit", "explain?id=" + items[0].Trace, "campaigns", "campaigns/a1?"} {
		b.open("/" + p)
		name, _, _ := strings.Cut(strings.ReplaceAll(p, "/", "-"), "?")
		b.picture(name+"-desktop", 1280, 860, false, false)
		b.picture(name+"-phone", 390, 844, true, false)
	}
	b.open("/items/" + id)
	b.run(chromedp.Click("#exception summary"), chromedp.SendKeys("input[name=reason]", "Newsletter of our school"), chromedp.Click("#exception button"), chromedp.WaitVisible("#yaml"))
	b.picture("exception-desktop", 1280, 860, false, false)

	// A report: asked for, looked at, let go.
	b.open("/items/" + id)
	b.run(chromedp.Click("#report summary"), chromedp.WaitVisible("#report .ask button"))
	b.picture("report-ask-desktop", 1280, 860, false, false)
	b.run(chromedp.Click("#report .ask button"), chromedp.WaitVisible(`a[href^="/reports/"]`))
	b.picture("asked-desktop", 1280, 860, false, true)
	b.picture("asked-phone", 390, 844, true, true)
	b.run(chromedp.Click(`main a[href^="/reports/"]`), chromedp.WaitVisible("form[action$=approve] button"))
	b.picture("report-desktop", 1280, 860, false, true)
	b.picture("report-phone", 390, 844, true, true)
	b.run(chromedp.Click("form[action$=approve] button"), chromedp.WaitNotPresent("form[action$=approve]"))
	b.open("/reports")
	b.picture("reports-desktop", 1280, 860, false, false)
	b.picture("reports-phone", 390, 844, true, false)
	if all, err := l.store.Reports(t.Context(), quarantine.ReportFilter{}); err != nil || len(all) != 1 || all[0].State != quarantine.Approved || all[0].Approved != "admin" {
		t.Errorf("%+v %v", all, err)
	}
	b.open("/?to=kaisha.test&brand=rakuten&state=held&days=7&q=rakuten")
	b.picture("search-desktop", 1280, 860, false, false)
	b.picture("search-phone", 390, 844, true, false)
	b.run(chromedp.Click(`button[lang=ja]`), chromedp.WaitVisible(`html[lang=ja]`))
	b.picture("search-ja-desktop", 1280, 860, true, false)
	b.open("/?q=nothing")
	b.picture("empty-ja-desktop", 1280, 860, false, false)
	b.clean(l.server)
	b.open("/reports/nosuch") // an error on the console
	b.picture("error-ja-phone", 390, 844, false, false)
}
