package redact

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"sekisho/filter/mail"
	"sekisho/filter/mail/charset"
)

const who = "yamada.taro@kaisha.test"

var key = []byte("a key of thirty-two bytes or more")

func message(tb testing.TB, text string) (mail.Header, []byte) {
	tb.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return h, body
}

func redacted(tb testing.TB, text string) string {
	tb.Helper()
	h, body := message(tb, text)
	out := New(key, []string{who}, nil, h).Message(h, body, 1<<20)
	if !out.Whole {
		tb.Errorf("only the header is left of %q", text)
	}
	return string(out.Bytes)
}

// trace looks for an address in everything that a message is: its bytes, its parts
// decoded, its text as shown, its fields and links. It knows nothing of how the
// addresses were taken out.
func trace(tb testing.TB, out string, what ...string) {
	tb.Helper()
	h, body := message(tb, out)
	m := mail.Parse(h, body)
	all := []string{out, m.Subject.Shown}
	for _, f := range h {
		all = append(all, string(f.Value()), mail.DecodeText(f.Value()).Shown)
	}
	for _, p := range m.Parts {
		shown, _ := charset.Decode(p.Data, p.Charset)
		all = append(all, string(p.Data), shown, p.Filename)
	}
	for _, p := range m.Passages {
		all = append(all, p.Text)
	}
	for _, l := range m.Links {
		u, _ := url.PathUnescape(l.URL)
		all = append(all, l.URL, u, l.Text)
	}
	for _, s := range all {
		for _, w := range what {
			if strings.Contains(strings.ToLower(s), w) {
				tb.Errorf("the recipient is left: %q", s)
			}
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\r\n"), "\r\n") {
		if len(line) > maxLine || strings.ContainsFunc(line, func(c rune) bool { return c == 0 || c >= 0x80 || c == '\n' || c == '\r' }) {
			tb.Errorf("no line for message/rfc822: %.200q", line)
		}
	}
}

func encoded(e encoding.Encoding, s string) string {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func qp(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

const ja = "楽天会員 様、" + who + " のアカウントは停止されています。"

// bodies are a part's header, its body, and what has to be left of it.
func bodies() map[string][3]string {
	sum := md5.Sum([]byte(who))
	return map[string][3]string{
		"plain":              {"Content-Type: text/plain; charset=utf-8\n", "Dear " + who + ", click http://evil.example/x\n", "evil.example/x"},
		"capitals":           {"", "Dear YAMADA.TARO@Kaisha.Test, hello\n", "hello"},
		"utf-8":              {"Content-Type: text/plain; charset=utf-8\n", ja + "\n", "停止されています"},
		"iso-2022-jp":        {"Content-Type: text/plain; charset=iso-2022-jp\n", encoded(japanese.ISO2022JP, ja) + "\n", "停止されています"},
		"iso-2022-jp wide":   {"Content-Type: text/plain; charset=iso-2022-jp\n", encoded(japanese.ISO2022JP, "宛先：ｙａｍａｄａ．ｔａｒｏ＠ｋａｉｓｈａ．ｔｅｓｔ様 停止") + "\n", "停止"},
		"shift_jis base64":   {"Content-Type: text/plain; charset=shift_jis\nContent-Transfer-Encoding: base64\n", b64(encoded(japanese.ShiftJIS, ja)) + "\n", "停止されています"},
		"euc-jp qp":          {"Content-Type: text/plain; charset=euc-jp\nContent-Transfer-Encoding: quoted-printable\n", qp(encoded(japanese.EUCJP, ja)) + "\n", "停止されています"},
		"utf-16":             {"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n", b64(encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), ja)) + "\n", "停止されています"},
		"wrong label":        {"Content-Type: text/plain; charset=utf-16le\n", "Dear " + who + "\n", ""},
		"qp soft break":      {"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n", "Dear yama=\nda.taro=40kaisha=2Etest, hello\n", "hello"},
		"link":               {"", "http://evil.example/?e=" + who + "&n=1\n", "http://evil.example/?e="},
		"link percent":       {"", "http://evil.example/?e=yamada.taro%40kaisha.test&n=1\n", "&n=1"},
		"link all percent":   {"", "http://evil.example/?e=%79%61%6D%61%64%61%2E%74%61%72%6F%40%6B%61%69%73%68%61%2Etest&n=1\n", "&n=1"},
		"link twice":         {"", "http://evil.example/?e=yamada%252Etaro%2540kaisha.test\n", "evil.example"},
		"link base64":        {"", "http://evil.example/r/" + b64(who) + "/go\n", "/go"},
		"link base64 url":    {"", "http://evil.example/?x=" + base64.RawURLEncoding.EncodeToString([]byte("id=1;"+who+";?>")) + "\n", "evil.example"},
		"link base64 in one": {"", "http://evil.example/u-" + b64(who) + "\n", "evil.example"},
		"link hex":           {"", "http://evil.example/?h=" + hex.EncodeToString([]byte(who)) + "\n", "evil.example"},
		"link md5":           {"", "http://evil.example/?h=" + hex.EncodeToString(sum[:]) + "\n", "evil.example"},
		"link fragment":      {"", "http://evil.example/#" + who + "\n", "evil.example/#"},
		"local alone":        {"", "Dear yamada.taro, http://evil.example/?u=yamada.taro\n", "evil.example/?u="},
		"verp":               {"", "bounce-yamada.taro=kaisha.test@bulk.example\n", "@bulk.example"},
		"spelled out":        {"", "yamada.taro (at) kaisha.test and yamada.taro @ kaisha.test\n", "and"},
		"colleague":          {"", "Cc yamada.taro.2@kaisha.test\n", "Cc"},
		"html":               {"Content-Type: text/html; charset=utf-8\n", `<a href="http://evil.example/?e=` + who + `">楽天 ` + who + "</a>\n", "楽天"},
		"html entity":        {"Content-Type: text/html; charset=utf-8\n", "<p>yamada.taro&#64;kaisha.test 楽天 &#121;amada.taro@kaisha.test</p>\n", "楽天"},
		"html tags between":  {"Content-Type: text/html; charset=utf-8\n", "<p>yamada<b>.</b>taro<i>@</i>kaisha<wbr>.test</p>\n", ""},
		"html zero width":    {"Content-Type: text/html; charset=utf-8\n", "<p>yamada\u200b.taro@kai\u00adsha.test 楽天</p>\n", "楽天"},
		"script":             {"Content-Type: text/html\n", `<script>x="yamada.taro\u0040kaisha.test"</script><p>hello</p>` + "\n", "hello"},
	}
}

// TestBodies: wherever the address stands in a body, it goes, and the rest stays.
func TestBodies(t *testing.T) {
	for name, c := range bodies() {
		t.Run(name, func(t *testing.T) {
			out := redacted(t, "From: <a@evil.example>\nTo: "+who+"\nSubject: x\n"+c[0]+"\n"+c[1])
			trace(t, out, "yamada.taro", "yamada=2eta")
			shown := ""
			h, body := message(t, out)
			for _, p := range mail.Parse(h, body).Parts {
				s, _ := charset.Decode(p.Data, p.Charset)
				shown += s
			}
			if !strings.Contains(shown, c[2]) {
				t.Errorf("%q is gone from %q", c[2], shown)
			}
		})
	}
}

// TestFields: the same for the header.
func TestFields(t *testing.T) {
	word := func(s string) string { return mime.BEncoding.Encode("utf-8", s) }
	jis := "=?ISO-2022-JP?B?" + b64(encoded(japanese.ISO2022JP, "【楽天】"+who+"様")) + "?="
	for name, c := range map[string][2]string{
		"to":               {"To: " + word("山田太郎 yamada.taro") + " <" + who + ">, \"Other\" <other@gmail.test>", "@gmail.test"},
		"delivered-to":     {"Delivered-To: " + who, "@kaisha.test"},
		"folded":           {"X-Note: for\n yamada.taro\n @kaisha.test now", "now"},
		"received":         {"Received: from evil.example (evil.example [192.0.2.1])\n by mx.kaisha.test (Postfix) with ESMTP id 4ABC\n for <" + who + ">; Mon, 23 Nov 2026 10:00:00 +0900", "192.0.2.1"},
		"received other":   {"Received: by relay.example for yamada.taro@alumni.example; Mon, 23 Nov 2026 10:00:00 +0900", "relay.example"},
		"subject":          {"Subject: " + who + " 様", "Subject:"},
		"encoded word":     {"Subject: " + word("【楽天】"+who+"様"), "Subject:"},
		"iso-2022-jp word": {"Subject: " + jis, "Subject:"},
		"q word":           {"Subject: =?utf-8?q?yamada=2Etaro=40kaisha=2Etest?= hello", "Subject:"},
		"split words":      {"Subject: =?utf-8?q?hello_yamada=2Eta?= =?utf-8?q?ro=40kaisha.test?=", "Subject:"},
		"return-path":      {"Return-Path: <bounce-1-yamada.taro=kaisha.test@bulk.example>", "bulk.example"},
		"unsubscribe":      {"List-Unsubscribe: <https://bulk.example/u?e=" + base64.RawURLEncoding.EncodeToString([]byte(who)) + ">", "bulk.example"},
		"raw 8-bit":        {"X-Name: 様 " + who, "X-Name:"},
		"copied":           {"DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=1; z=To:yamada.taro=40kaisha.test|Subject:x; b=AAAA", "d=evil.example"},
		"long":             {"X-Long: " + strings.Repeat("a", 5000) + " " + who, "X-Long:"},
	} {
		t.Run(name, func(t *testing.T) {
			out := redacted(t, "From: <a@evil.example>\n"+c[0]+"\n\nhello\n")
			trace(t, out, "yamada.taro", "yamada=2eta")
			if !strings.Contains(out, c[1]) {
				t.Errorf("%q is gone from %q", c[1], out)
			}
			if strings.Contains(out, "other@") || strings.Contains(mail.DecodeText([]byte(out)).Shown, "山田") {
				t.Errorf("somebody else is left: %q", out)
			}
		})
	}
}

// TestSameHash: an address is the same word wherever it stands, and another with
// another key (RFC 6590, section 3).
func TestSameHash(t *testing.T) {
	out := redacted(t, "From: <a@evil.example>\nTo: YAMADA.taro@kaisha.test\nDelivered-To: "+who+"\n\nDear "+who+", http://evil.example/?e=yamada.taro%40kaisha.test\n")
	r := New(key, []string{who}, nil, nil)
	if n := strings.Count(out, r.hash(who)); n != 4 {
		t.Errorf("%d times in %q", n, out)
	}
	if New([]byte("another"), nil, nil, nil).hash(who) == r.hash(who) {
		t.Error("the key does not matter")
	}
	if again := r.Text(out); again != out {
		t.Errorf("hidden twice: %q", again)
	}
}

// TestUntouched: what holds no recipient stays byte by byte.
func TestUntouched(t *testing.T) {
	const text = "Received: from a.example by mx.kaisha.test with ESMTP; Mon, 23 Nov 2026 10:00:00 +0900\r\nFrom: =?utf-8?B?5qW95aSp?=\r\n <a@evil.example>\r\nSubject: x\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhttp://evil.example/ mail info@evil.example\r\n"
	if out := redacted(t, text); out != text {
		t.Errorf("%q", out)
	}
}

// TestParts: attachments are told of, boundaries are our own, what is inside a message
// inside is looked at.
func TestParts(t *testing.T) {
	out := redacted(t, "From: <a@evil.example>\nTo: "+who+"\nContent-Type: multipart/mixed; boundary=\""+who+"\"\n\npreamble "+who+"\n--"+who+"\n"+
		"Content-Type: text/plain; name=\"yamada.taro@kaisha.test.txt\"\nContent-Disposition: attachment; filename*=utf-8''yamada.taro%40kaisha.test.txt\n\nhello\n--"+who+"\n"+
		"Content-Type: application/pdf; name=\"bill for "+who+".pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--"+who+"\n"+
		"Content-Type: message/rfc822\n\nTo: "+who+"\nSubject: inner\n\nDear "+who+"\n--"+who+"--\nepilogue "+who+"\n")
	trace(t, out, "yamada.taro", "yamada=2eta")
	h, body := message(t, out)
	m := mail.Parse(h, body)
	var left string
	for _, p := range m.Parts {
		left += string(p.Data)
	}
	if len(m.Parts) != 3 || !strings.Contains(left, "application/pdf") || !strings.Contains(left, "5 bytes, SHA-256") || !strings.Contains(out, "Subject: inner") {
		t.Errorf("%d parts: %q", len(m.Parts), left)
	}
}

// TestLimits: past each limit something is left out, and said to be; at it nothing.
func TestLimits(t *testing.T) {
	count := func(text string, limit int) Redacted {
		h, body := message(t, text)
		return New(key, []string{who}, nil, h).Message(h, body, limit)
	}
	parts := func(n int) string {
		return "From: <a@b.example>\nContent-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\nhello\n", n) + "--x--\n"
	}
	nested := func(n int) string {
		return "From: <a@b.example>\n" + strings.Repeat("Content-Type: message/rfc822\n\nX: y\n", n) + "\nhello\n"
	}
	text := func(n int) string {
		return "X: y\nContent-Type: text/plain\n\n" + strings.Repeat("a ", n/2) + strings.Repeat("a", n%2)
	}
	texts := func(n int) string { // in four parts
		one := "--x\nContent-Type: text/plain\n\n" + strings.Repeat("a ", n/8) + "\n"
		return "From: <a@b.example>\nContent-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat(one, 3) +
			strings.Replace(one, "\n\n", "\n\n"+strings.Repeat("a", n-n/8*8), 1) + "--x--\n"
	}
	field := func(n int) string { return "X: " + strings.Repeat("a ", n/2-3) + "b\n\nhello\n" } // of n bytes
	for name, c := range map[string][2]string{
		"parts":       {parts(maxParts - 1), parts(maxParts)},
		"depth":       {nested(maxDepth), nested(maxDepth + 1)},
		"fields":      {strings.Repeat("X: y\n", maxFields) + "\nhello\n", strings.Repeat("X: y\n", maxFields+1) + "\nhello\n"},
		"field bytes": {field(maxFieldBytes), field(maxFieldBytes + 2)},
		"text":        {text(maxText), text(maxText + 1)},
		"texts":       {texts(maxTexts), texts(maxTexts + 2)},
	} {
		if out := count(c[0], 4<<20); out.Left != 0 || !out.Whole {
			t.Errorf("%s: at the limit %d are left out, whole %v", name, out.Left, out.Whole)
		}
		if out := count(c[1], 4<<20); out.Left == 0 || !out.Whole {
			t.Errorf("%s: past the limit nothing is left out, whole %v", name, out.Whole)
		}
	}
	long := "From: <a@b.example>\nTo: " + who + "\n\n" + strings.Repeat("hello\n", 1000)
	all := count(long, 1<<20)
	if out := count(long, len(all.Bytes)); !out.Whole {
		t.Error("not whole at the limit")
	}
	out := count(long, len(all.Bytes)-1)
	if trace(t, string(out.Bytes), "yamada"); out.Whole || !strings.HasPrefix(string(out.Bytes), "From:") {
		t.Errorf("%v %q", out.Whole, out.Bytes)
	}
}

// TestManyRecipients: those past MaxKnown are hidden where they stand as addresses.
func TestManyRecipients(t *testing.T) {
	var all []string
	for i := range MaxKnown + 10 {
		all = append(all, fmt.Sprintf("person%d@kaisha.test", i))
	}
	h, body := message(t, "From: <a@b.example>\n\n"+strings.Join(all, "\n")+"\n")
	out := New(key, all, nil, h).Message(h, body, 1<<20)
	if !out.Whole || strings.Contains(string(out.Bytes), "person") {
		t.Errorf("%v %q", out.Whole, out.Bytes)
	}
}

// FuzzMessage: whatever a message is, the recipient is not in what comes out, in any
// reading of ours, and it is 7-bit.
func FuzzMessage(f *testing.F) {
	for _, c := range bodies() {
		f.Add("To: x\n" + c[0] + "\n" + c[1])
	}
	f.Add("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain; charset=iso-2022-jp\n\n" + encoded(japanese.ISO2022JP, ja) + "\n--a--")
	f.Add("Subject: =?iso-2022-jp?B?GyRC?= " + who + "\n\n=?=%%40" + who + "\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		h, body, err := mail.ReadFile(strings.NewReader(text))
		if err != nil || len(text) > 1<<16 {
			return
		}
		out := New(key, []string{who}, nil, h).Message(h, body, 1<<18)
		trace(t, string(out.Bytes), who, strings.Replace(who, "@", "%40", 1))
	})
}
