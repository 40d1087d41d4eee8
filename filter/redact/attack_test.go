package redact

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"sekisho/filter/mail"
)

// TestFoldedText: an address that a calendar or a flowed text parts over two lines.
func TestFoldedText(t *testing.T) {
	for name, c := range map[string][2]string{
		"calendar, in the local part": {"text/calendar", "BEGIN:VCALENDAR\nATTENDEE;RSVP=TRUE:mailto:yamada.\n taro@kaisha.test\nEND:VCALENDAR\n"},
		"calendar, in the domain":     {"text/calendar", "BEGIN:VCALENDAR\nATTENDEE;RSVP=TRUE:mailto:yamada.taro@kai\n\tsha.test\nEND:VCALENDAR\n"},
		"card":                        {"text/vcard", "EMAIL:yama\n da.taro@kaisha.test\n"},
		"flowed":                      {"text/plain; format=flowed; delsp=yes", "hello yama \nda.taro@kai \nsha.test bye\n"},
	} {
		out := redacted(t, "From: <a@b.example>\nContent-Type: "+c[0]+"\n\n"+c[1])
		trace(t, out, "yama", "taro@")
		if !strings.Contains(out, prefix) {
			t.Errorf("%s: the part is not shown: %s", name, out)
		}
	}
}

// TestScripts: the domain of a recipient in either form of its name is the same.
func TestScripts(t *testing.T) {
	for _, recipient := range []string{"kt@会社.test", "kt@xn--6oq404h.test"} {
		h, body := message(t, "From: <a@b.example>\nTo: <kt@会社.test>\nX-A: kt@xn--6oq404h.test\nContent-Type: text/plain; charset=utf-8\n\nkt@会社.test, kt@xn--6oq404h.test, kt=会社.test\n")
		r := New(key, []string{recipient}, nil, h)
		out := string(r.Message(h, body, 1<<20).Bytes)
		trace(t, out, "kt@", "kt=")
		if hidden := r.Address("kt@xn--6oq404h.test"); r.Address(recipient) != hidden || strings.Count(out, hidden) != 2 {
			t.Errorf("%s is %s: %s", recipient, hidden, out)
		}
	}
}

// TestDetail: a recipient with a detail is known without it.
func TestDetail(t *testing.T) {
	h, body := message(t, "From: <a@b.example>\n\nyamada, http://a.example/?u=yamada yamada@kaisha.test yamada+shop yamadaya\n")
	out := New(key, []string{"yamada+shop@kaisha.test"}, nil, h).Message(h, body, 1<<20)
	left := strings.ReplaceAll(string(out.Bytes), "yamadaya", "")
	if trace(t, left, "yamada"); left == string(out.Bytes) {
		t.Error("another word is hidden, too")
	}
}

// TestSenders: who writes to themselves is not hidden, unless they are where the
// recipients are.
func TestSenders(t *testing.T) {
	for from, hidden := range map[string]bool{"en-13201@st.mgu.example": false, "other@kaisha.test": true} {
		h, body := message(t, "From: "+from+"\nTo: "+from+", "+who+"\n\nhello\n")
		out := string(New(key, []string{who}, []string{strings.ToUpper(from)}, h).Message(h, body, 1<<20).Bytes)
		trace(t, out, who)
		if strings.Contains(out, "From: "+from) == hidden {
			t.Error(out)
		}
	}
}

// TestRawName: the address of a sender whose name is in bytes of 8 bits stays one.
func TestRawName(t *testing.T) {
	for _, from := range []string{"楽天 市場 <a@b.example>", "\"楽天 市場\"<a@b.example>", "a@b.example (楽天 市場)"} {
		out := redacted(t, "From: "+from+"\n\nhello\n")
		h, body := message(t, out)
		if m := mail.Parse(h, body); len(m.From) != 1 || m.From[0].Address != "a@b.example" || !strings.Contains(out, "a@b.example") {
			t.Errorf("%s: %+v %s", from, m.From, out)
		}
	}
}

// TestVersion: a body in base64 is said to be MIME, and says so once.
func TestVersion(t *testing.T) {
	for _, version := range []string{"", "MIME-Version: 1.0\n"} {
		inner := "From: <a@b.example>\n" + version
		out := redacted(t, inner+"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n"+inner+"\n楽天\n--x--\n")
		if n := strings.Count(out, "MIME-Version: 1.0\r\n"); n != 2 {
			t.Errorf("%d times in %s", n, out)
		}
	}
}

// TestUntoldUTF16: bytes whose charset is not told are read by clients without their NULs.
func TestUntoldUTF16(t *testing.T) {
	for name, order := range map[string]unicode.Endianness{"little": unicode.LittleEndian, "big": unicode.BigEndian} {
		body := base64.StdEncoding.EncodeToString([]byte(encoded(unicode.UTF16(order, unicode.IgnoreBOM), "山田様 "+who+" アカウントは停止されています")))
		for _, label := range []string{"", "; charset=us-ascii", "; charset=iso-8859-1", "; charset=utf-8"} {
			trace(t, redacted(t, "From: <a@b.example>\nContent-Type: text/plain"+label+"\nContent-Transfer-Encoding: base64\n\n"+body+"\n"), who)
			if t.Failed() {
				t.Fatal(name, label)
			}
		}
	}
}
