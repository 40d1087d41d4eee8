package web

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sekisho/filter/campaign"
	"sekisho/filter/quarantine"
)

// odd is a message that is hard to lay out: long words, right to left, and wide.
const odd = "From: =?utf-8?B?2YXYsdit2KjYpyDYqNmDINmB2Yog2KfZhNmF2KrYrNixINin2YTYpdmE2YPYqtix2YjZhtmK?= <a-very-long-local-part-that-somebody-made-up-to-fill-the-line@a-very-long-host-name.in-a-very-long-domain-name.example>\r\n" +
	"To: hanako@kaisha.test\r\n" +
	"Subject: =?utf-8?B?2KrZhSDYqti52YTZitmCINit2LPYp9io2YMg4oCUIOOBiuWuouanmOOBruOCouOCq+OCpuODs+ODiOOBr+WItumZkOOBleOCjOOBpuOBhOOBvuOBmeOAguiHs+aApeOBlOeiuuiqjeOBj+OBoOOBleOBhOOAgg==?= " + unbroken + "\r\n" +
	"Date: Fri, 27 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"\u202eevil\u202c " + unbroken + "\r\nhttp://rakuten.account-check.example/" + unbroken + "\r\n"

const unbroken = "RE4B7A0C2D9F4E6A8B1C3D5E7F90A2B4C6D8E0F1A3B5C7D9E1F2A4B6C8D0E2F4A6B8"

// faults are what a page has that no page should have: it scrolls sideways, has
// something to press that is too small for a finger (WCAG 2.2, 2.5.8), a field without
// a label, or a heading that is not one.
const faults = `(() => {
	const found = [], wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	if (wide > 0) found.push("wider than the window by " + wide);
	for (const e of document.querySelectorAll("button, .button, summary, nav a, input:not([type=hidden]), select, .items a, .chosen a")) {
		const r = e.getBoundingClientRect();
		if (r.width && (r.width < 24 || r.height < 24) && !(e.type === "checkbox" && e.closest("label"))) found.push(e.tagName + " " + e.textContent.trim().slice(0, 20) + " is " + Math.round(r.width) + "x" + Math.round(r.height));
		if (/INPUT|SELECT/.test(e.tagName) && e.labels.length === 0) found.push(e.name + " has no label");
	}
	if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
	for (const e of document.querySelectorAll("main *")) {
		const r = e.getBoundingClientRect();
		if (r.right > innerWidth + 1 && !e.closest("nav, .who, pre, svg, .hidden")) { found.push(e.tagName + "." + e.className + " is cut off"); break; }
	}
	return found.join("; ");
})()`

// contrast is what does not stand out from what is behind it.
//
//go:embed testdata/contrast.js
var contrast string

// TestBrowserPages: no page is wider than a phone, in either language, all that can be
// pressed there can be pressed with a finger, and all that is to be read can be read,
// light and dark.
func TestBrowserPages(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	strange := l.put(odd, "a-very-long-mailbox-name-of-somebody-in-sales@a-very-long-department-name.kaisha.test")[0]
	id := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")[0]
	for range 3 {
		l.put(fake, "hanako@kaisha.test")
	}
	items, err := l.store.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	l.server.opt.Campaigns = incidents{[]campaign.Incident{{
		ID: "a1", Kind: campaign.Account, First: time.Now(), Raised: time.Now(), Last: time.Now(), Brands: []string{"rakuten", "amazon"}, Orgs: []string{"mgu.ac.jp"},
		Links: "host/plain", Messages: 22, Recipients: 800, Before: 1, Traces: []string{items[0].Trace, "TRACE000NOTHING0"},
	}}}
	good := l.to(id, "hanako@kaisha.test", time.Hour)
	used := l.to(items[0].ID, "hanako@kaisha.test", 2*time.Hour)
	outside := []string{"/login", good, l.to(id, "hanako@kaisha.test", -time.Hour), good[:len(good)-3], "/advice", "/advice/rakuten"}
	names := map[string]string{good: "link", outside[2]: "link-expired", outside[3]: "link-forged"}
	inside := []string{
		"/", "/?q=nowhere", "/?q=rakuten&state=held&to=kaisha.test&brand=rakuten&days=7", "/items/" + id, "/items/" + strange, "/verdicts", "/policy", "/policy?address=hanako@kaisha.test",
		"/reports/" + l.reportOf(id), "/audit", "/explain", "/explain?id=" + items[0].Trace, "/explain?id=nothing", "/campaigns", "/campaigns/a1", "/reports", "/nowhere", "/items/nothing-1",
	}
	for path, name := range map[string]string{
		"/": "list", inside[1]: "list-none", inside[2]: "list-chosen", "/items/" + id: "entry", "/items/" + strange: "entry-odd", inside[7]: "policy-of",
		inside[8]: "report", inside[11]: "explain-of", inside[12]: "explain-none", "/campaigns/a1": "incident", "/nowhere": "error", "/items/nothing-1": "error-item",
	} {
		names[path] = name
	}
	for _, paths := range [][]string{outside, inside} {
		for _, lang := range []string{"en", "ja"} {
			for _, path := range paths {
				b.look(path, names[path], lang)
			}
			b.lookAfter(used, id, lang, len(paths) == len(inside))
			if lang == "en" {
				b.run(chromedp.Click("button[lang=ja]"), chromedp.WaitVisible("html[lang=ja]"))
			}
		}
		b.run(chromedp.Click("button[lang=en]"), chromedp.WaitVisible("html[lang=en]"))
		if len(paths) == len(outside) {
			b.login("admin")
		}
	}
	// What is faint is found.
	b.run(chromedp.EmulateViewport(390, 844))
	ask(b, chromedp.Evaluate[bool](`document.querySelector("h1").style.color = "#888a"; const e = document.querySelector("main a"); e.focus({ focusVisible: true }); e.style.outlineColor = "#333"; true`))
	if found := strings.Join(ask(b, chromedp.Evaluate[[]string](contrast)), "; "); !strings.Contains(found, "text") || !strings.Contains(found, "h1") || !strings.Contains(found, "ring") {
		t.Errorf("faint text and a faint ring: found %q", found)
	}
}

// lookAfter looks at the pages that something has to be done for: those of a link, once in
// each language, or those of who is logged in.
func (b *browser) lookAfter(link, id, lang string, inside bool) {
	b.Helper()
	if !inside {
		if lang == "en" {
			b.open(link)
			b.run(chromedp.Click("#erase ~ form button"), chromedp.WaitVisible("p[role=status]"))
			b.check("link-done", lang)
		}
		b.look(link, "link-used", lang)
		return
	}
	b.open("/items/" + id)
	b.run(chromedp.Click("#release summary"))
	b.check("entry-release", lang)
	b.run(chromedp.Click("#report summary"), chromedp.WaitVisible("#report .ask button"), chromedp.Click("#report .ask button"), chromedp.WaitVisible(".links b"))
	b.check("asked", lang)
	b.open("/items/" + id)
	b.run(chromedp.Click("#exception summary"), chromedp.WaitVisible("input[name=reason]"))
	b.check("entry-exception", lang)
	b.run(chromedp.SendKeys("input[name=reason]", "Newsletter of our school"), chromedp.Click("#exception button"), chromedp.WaitVisible("#yaml"))
	b.check("exception", lang)
}

// look opens a page on a phone and checks it.
func (b *browser) look(path, name, lang string) {
	b.Helper()
	b.run(chromedp.EmulateViewport(390, 844))
	b.open(path)
	if name == "" {
		name = strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")
	}
	b.check(name, lang)
}

// check tells the faults of a page on a phone; where pictures are wanted, it takes them on
// a phone and a desktop: light and dark in English, dark and light in Japanese.
func (b *browser) check(name, lang string) {
	b.Helper()
	if found := ask(b, chromedp.Evaluate[string](faults)); found != "" {
		b.Errorf("%s (%s) on a phone: %s", name, lang, found)
	}
	for _, dark := range []bool{false, true} {
		b.scheme(dark)
		for _, found := range ask(b, chromedp.Evaluate[[]string](contrast)) {
			b.Errorf("%s (%s), dark %v: %s", name, lang, dark, found)
		}
	}
	if os.Getenv("SEKISHO_SCREENSHOTS") == "" {
		return
	}
	b.picture(name+"-"+lang+"-phone", 390, 844, lang == "ja", true)
	b.picture(name+"-"+lang+"-desktop", 1440, 900, lang == "en", true)
	b.run(chromedp.EmulateViewport(390, 844))
}

// step goes on from one thing that can be pressed to the next, and tells what is wrong
// with it: that nobody sees where they are.
const step = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	if (e.dataset.walked) return "end";
	e.dataset.walked = "yes";
	const style = getComputedStyle(e), r = e.getBoundingClientRect();
	if (style.outlineStyle === "none" && e.tagName !== "IFRAME") return "no ring around " + e.outerHTML.slice(0, 80);
	if (r.bottom <= 0 || r.top >= innerHeight) return "out of sight: " + e.outerHTML.slice(0, 80);
	return "";
})()`

const left = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter((e) => e.checkVisibility() && !e.dataset.walked).map((e) => e.outerHTML.slice(0, 80)).join("; ")`

// walk goes through a page by the tab key alone: it comes by all that can be pressed.
// On a busy host the browser may never answer a key; the walk begins anew then.
func (b *browser) walk(path string) {
	b.Helper()
	for range 3 {
		if b.walked(path) {
			return
		}
	}
	b.Fatalf("%s: the browser does not answer the tab key", path)
}

// walked is one walk; false where it did not come to its end.
func (b *browser) walked(path string) bool {
	b.Helper()
	b.open(path)
	for n := 0; ; n++ {
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab))
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && b.ctx.Err() == nil {
			return false
		}
		if err != nil {
			b.Fatal(err)
		}
		for _, faint := range ask(b, chromedp.Evaluate[[]string](contrast)) {
			b.Errorf("%s, tab %d: %s", path, n, faint)
		}
		found := ask(b, chromedp.Evaluate[string](step))
		if found == "end" {
			break
		}
		if found != "" || n > 100 {
			b.Errorf("%s, tab %d: %s", path, n, found)
			break
		}
	}
	if missed := ask(b, chromedp.Evaluate[string](left)); missed != "" {
		b.Errorf("%s: the tab key does not come by %s", path, missed)
	}
	return true
}

// TestBrowserKeyboard: who has no mouse logs in, comes by all that can be pressed, and
// releases a message.
func TestBrowserKeyboard(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	id := l.put(fake, "hanako@kaisha.test")[0]
	l.put(fake, "taro@kaisha.test")
	b.walk("/login")
	b.walk(l.to(id, "hanako@kaisha.test", time.Hour))
	b.open("/login") // the field for the name has the focus
	b.run(chromedp.KeyEvent("admin"+kb.Tab+password+kb.Enter), chromedp.WaitVisible("#items"))
	for _, path := range []string{"/?q=rakuten&state=held", "/items/" + id, "/policy", "/reports", "/verdicts", "/audit"} {
		b.walk(path)
	}
	b.open("/?to=hanako@kaisha.test")
	b.run(chromedp.KeyEvent("j"+kb.Enter), chromedp.WaitVisible("#release"))
	b.run(chromedp.KeyEvent("r"), chromedp.WaitVisible("#release .ask button"), chromedp.KeyEvent(kb.Tab+kb.Enter), chromedp.WaitVisible(".heading .chip.released"))
	if l.state(id) != quarantine.Released {
		t.Errorf("%s", l.state(id))
	}
	b.clean(l.server)
}
