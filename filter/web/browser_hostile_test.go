package web

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sekisho/filter/quarantine"
)

// TestBrowserHostile: nothing that a message holds runs, or has the browser ask
// anybody for anything: on its page, on that of a report of it, and in the frame of its
// HTML, which is also loaded without the sandbox that the page puts around it.
func TestBrowserHostile(t *testing.T) {
	l := newLab(t)
	b := newBrowser(l)
	b.login("admin")
	whole := hostileMessages()
	var ids []string
	for _, raw := range append(whole, hostileLetters()...) {
		ids = append(ids, l.put(raw, "hanako@kaisha.test")[0])
	}
	b.open("/?q=kaisha")
	b.ours("/")
	for i, id := range ids {
		if i < len(whole) { // the others differ in nothing that a report shows
			at := "/reports/" + l.reportOf(id)
			b.open(at)
			b.ours(at)
		}
		b.open("/items/" + id)
		b.ours("/items/" + id)
		if i%8 == 0 { // made of the same parts
			at := l.to(id, "hanako@kaisha.test", time.Hour)
			b.open(at)
			b.ours(at)
		}
	}
	b.frames(ids)
	b.picture("hostile-frames", 1280, 860, false, true)
	b.clean(l.server)
	// The frame by itself, as who opens it in a window of its own has it. That the browser
	// keeps the test's own script out of it is an error on its console.
	id := ids[len(whole)-1]
	b.run(chromedp.Navigate(b.base+"/items/"+id+"/html"), chromedp.WaitReady("body"))
	if title, at := ask(b, chromedp.Title()), ask(b, chromedp.Location()); title != "-" || at != b.base+"/items/"+id+"/html" {
		t.Errorf("the frame is at %s with title %q", at, title)
	}
	if l.state(ids[0]) != quarantine.Held {
		t.Error("an item has changed")
	}
	// What is not ours is found; and the traps are some: a host of .example that is asked for is noticed, by both.
	b.open("/advice")
	ask(b, chromedp.Evaluate[bool](`document.querySelector("main").innerHTML += "<a href='http://evil.example/'>x</a><a href='//evil.example/'>x</a><form action='javascript:x()'></form><object></object><p dir=ltr srcdoc=x>"; window.pwned = 1; true`))
	if found := ask(b, chromedp.Evaluate[[]string](foreign)); len(found) != 6 {
		t.Errorf("of six things that are not ours these were found: %q", found)
	}
	_ = chromedp.Do(b.ctx, chromedp.Navigate("http://evil.example/"))
	for range 100 {
		if b.hasNoted("a request to http://evil.example/") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if b.trapped.Load() == 0 || !b.hasNoted("a request to http://evil.example/") {
		t.Error("the traps do not catch anything")
	}
	t.Logf("%d messages", len(ids))
}

// foreign is what the open page has of a message that is more than text: what would run,
// load, go or send elsewhere.
//
//go:embed testdata/foreign.js
var foreign string

// ours holds that the open page is the one at a path, and that all elements, attributes
// and addresses in it are ours.
func (b *browser) ours(path string) {
	b.Helper()
	for _, found := range ask(b, chromedp.Evaluate[[]string](foreign)) {
		b.Errorf("%s: %s", path, found)
	}
	if at := ask(b, chromedp.Evaluate[string]("location.pathname")); at != path {
		b.Errorf("%s led to %s", path, at)
	}
}

// reportOf makes a report of an item and returns its id.
func (l *lab) reportOf(id string) string {
	l.Helper()
	items, err := l.store.Show(l.Context(), id)
	if err != nil {
		l.Fatal(err)
	}
	r, _, err := l.store.Report(l.Context(), quarantine.ReportDraft{Item: items[0], Kind: quarantine.ToAbuse, Target: "abuse@mgu.ac.jp", About: id})
	if err != nil {
		l.Fatal(err)
	}
	return r.ID
}

// frames loads the HTML of items, each in a frame with no sandbox but what its answer
// says, all on one page. A script that the browser has to stop is an error on its console.
func (b *browser) frames(ids []string) {
	b.Helper()
	list, err := json.Marshal(ids)
	if err != nil {
		b.Fatal(err)
	}
	b.open("/advice")
	ask(b, chromedp.Evaluate[int](`window.loaded = 0; `+string(list)+`.forEach((id) => {
		const f = document.createElement("iframe");
		f.src = "/items/" + id + "/html";
		f.onload = () => loaded++;
		document.querySelector("main").append(f);
	}); 0`))
	for range 600 {
		if ask(b, chromedp.Evaluate[int]("loaded")) == len(ids) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n, left := ask(b, chromedp.Evaluate[int]("loaded")), ask(b, chromedp.Evaluate[int]("window.length")); n != len(ids) || left != len(ids) {
		b.Errorf("%d frames loaded, %d are there, of %d: one loaded something more, or went", n, left, len(ids))
	}
	if at := ask(b, chromedp.Location()); at != b.base+"/advice" {
		b.Errorf("a frame led the page to %s", at)
	}
}

// hostileMessages have script and names of other places wherever a message has text.
func hostileMessages() []string {
	const x = `"><script>pwned=1;alert(1)</script><img src=http://evil.example/i onerror=alert(1)>`
	multi := func(parts ...string) string {
		return bare("multipart/mixed; boundary=b", "--b\r\n"+strings.Join(parts, "\r\n--b\r\n")+"\r\n--b--")
	}
	b64 := base64.StdEncoding.EncodeToString
	all := []string{
		"From: " + x + " <a@evil.example>\r\nSubject: " + x + "\r\nReply-To: " + x + "\r\nX-Odd" + x + ": y\r\nTo: " + x + "\r\nDate: " + x + "\r\n\r\n" + x + "\r\n",
		"From: =?utf-8?B?" + b64([]byte(x)) + "?= <\"<script>alert(1)</script>\"@evil.example>\r\nSubject: =?utf-8?B?" + b64([]byte(x+"\u202e\x00\x1b")) + "?=\r\n\r\nx\r\n",
		bare("text/html; charset=utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
		bare("text/html; charset=iso-2022-jp", "\x1b$B<img src=x onerror=alert(1)>\x1b(B<script>alert(1)</script>"),
		bare("text/html; charset=utf-16", "\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00a\x00l\x00e\x00r\x00t\x00(\x001\x00)\x00<\x00/\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00"),
		bare("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><image href="http://evil.example/s"/></svg>`),
		multi("Content-Type: text/plain\r\n\r\nhi http://evil.example/"+x, "Content-Type: text/html; name=\""+x+"\"\r\nContent-Disposition: attachment; filename=\"<script>alert(1)</script>.html\"\r\n\r\n"+x,
			"Content-Type: image/svg+xml\r\nContent-Disposition: inline; filename=x.svg\r\n\r\n<svg onload=alert(1)></svg>", "Content-Type: text/html\r\n\r\n<p>"+x),
		multi("Content-Type: message/rfc822\r\n\r\nSubject: "+x+"\r\nContent-Type: text/html\r\n\r\n"+x, "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"+b64([]byte(x))),
		"Content-Type: text/html\r\nContent-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=\"" + x + "\"\r\n\r\n" + x + "\r\n",
		"not a header " + x + "\r\n\r\n" + x,
		// What says that it is something else, or in another charset than it is.
		bare("image/png", x), bare("text/plain; charset=utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"), bare("text/html; charset=\"utf-8\\\"><script>alert(1)</script>\"", x),
		bare("text/html; charset=utf-16be", "\x00<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00a\x00l\x00e\x00r\x00t\x00(\x001\x00)\x00<\x00/\x00s\x00c\x00r\x00i\x00p\x00t\x00>"),
		bare("text/html; charset=shift_jis", "<p title=\"\x81\"><script>alert(1)</script>\">"), bare("application/xhtml+xml", `<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>`),
		bare("text/html", "<script>alert(1)</script>\r\n--b\r\nContent-Type: text/html\r\n\r\n"+x),
		// Names of files with what ends a field, a string or a path.
		multi("Content-Type: text/plain\r\n\r\nhi", "Content-Type: text/html; name*=utf-8''%22%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a%3Cscript%3Ealert(1)%3C/script%3E\r\nContent-Disposition: attachment; filename*0*=utf-8''..%2F..%2F%3Cimg; filename*1=\" src=x onerror=alert(1)>\"\r\n\r\n"+x,
			"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"a\\\"\\\r\n b.html\"\r\n\r\n"+x, "Content-Type: image/svg+xml; name=\"=?utf-8?B?"+b64([]byte(x))+"?=\"\r\nContent-Disposition: attachment\r\n\r\n<svg onload=alert(1)/>"),
		// Parts in parts, a picture that is a document, and a message within a message.
		multi("Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: multipart/related; boundary=d\r\n\r\n--d\r\nContent-Type: text/html\r\n\r\n<img src=cid:p><object data=cid:p></object>"+x+
			"\r\n--d\r\nContent-Type: image/svg+xml\r\nContent-ID: <p>\r\n\r\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>\r\n--d--\r\n--c--", "Content-Type: message/external-body; access-type=URL; URL=\"http://evil.example/x\"\r\n\r\nContent-Type: text/html\r\n\r\n"),
		"From: \"=?utf-8?Q?=3Cscript=3Ealert=281=29=3C=2Fscript=3E?=\" <a@evil.example>, " + x + "\r\nSubject: =?utf-7?Q?+ADw-script+AD4-alert(1)?= javascript:alert(1) http://evil.example/\r\nList-Unsubscribe: <http://evil.example/u>\r\nReturn-Path: <javascript:alert(1)>\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + x + "\r\nURL:javascript:alert(1)\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
	}
	return append(all, bare("text/html; charset=utf-8", fmt.Sprintf("<h1>Honest</h1>%s<p style=\"color:red\">text</p>", strings.Join(hostileHTML()[:20], "\n"))))
}

// hostileLetters have hostile HTML, and nothing else, each.
func hostileLetters() (all []string) {
	for _, source := range hostileHTML() {
		all = append(all, bare("text/html; charset=utf-8", source))
	}
	return all
}

// bare is a message of one part.
func bare(kind, body string) string {
	return "From: a@evil.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: " + kind + "\r\n\r\n" + body + "\r\n"
}
