package mail_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"sekisho/filter/mail"
)

// newsletter makes a message of multipart/alternative whose HTML part has about
// size bytes before its transfer encoding, the way shops send them.
func newsletter(tb testing.TB, size int, encoding string) (mail.Header, []byte) {
	tb.Helper()
	var page bytes.Buffer
	page.WriteString("<html><head><title>会員情報</title><style>.a{color:red}</style></head><body>")
	for page.Len() < size {
		fmt.Fprintf(&page, `<tr><td align="center" style="padding:10px 0;font-family:Arial,sans-serif;font-size:14px;color:#333333;">`+
			`<a href="https://click.example.jp/?id=%d&amp;x=1" style="color:#bf0000;text-decoration:none;">会員情報を確認する</a><br>`+
			`お客様のアカウントは停止されています。 please confirm <img src="https://img.example.jp/%d.png" alt="ロゴ" width="10"></td></tr>`+"\r\n", page.Len(), page.Len())
	}
	page.WriteString("</body></html>\r\n")
	charset, html := "utf-8", page.Bytes()
	var coded bytes.Buffer
	switch encoding {
	case "base64":
		text := base64.StdEncoding.EncodeToString(html)
		for len(text) > 76 {
			coded.WriteString(text[:76] + "\r\n")
			text = text[76:]
		}
		coded.WriteString(text)
	case "quoted-printable":
		w := quotedprintable.NewWriter(&coded)
		w.Write(html)
		w.Close()
	case "7bit":
		charset = "iso-2022-jp"
		jis, err := japanese.ISO2022JP.NewEncoder().Bytes(html)
		if err != nil {
			tb.Fatal(err)
		}
		coded.Write(jis)
	default:
		coded.Write(html)
	}
	file := "Received: from a.example by b.example; Mon, 2 Nov 2026 10:00:00 +0900\r\n" +
		"From: =?UTF-8?B?5qW95aSp?= <info@shop.example.jp>\r\nTo: a@example.jp\r\n" +
		"Subject: =?UTF-8?B?44CQ5qW95aSp44CR44Ki44Kr44Km44Oz44OI44Gv5YGc5q2i44GV44KM44Gm44GE44G+44GZ?=\r\n" +
		"Date: Mon, 2 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@example.jp>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n" +
		"--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n会員情報を確認する\r\nhttps://click.example.jp/?id=1\r\n" +
		"--b1\r\nContent-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" +
		coded.String() + "\r\n--b1--\r\n"
	h, body, err := mail.ReadFile(bytes.NewReader([]byte(file)))
	if err != nil {
		tb.Fatal(err)
	}
	return h, body
}

// cpuTime is what this process has used: on a busy machine the wall clock says
// little.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{20 << 10, 84 << 10, 1 << 20, 10 << 20} {
		for _, encoding := range []string{"8bit", "base64", "quoted-printable", "7bit"} {
			b.Run(fmt.Sprintf("%dKB/%s", size>>10, encoding), func(b *testing.B) {
				h, body := newsletter(b, size, encoding)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				before := cpuTime(b)
				for b.Loop() {
					m := mail.Parse(h, body)
					if len(m.Passages) == 0 {
						b.Fatal("nothing read")
					}
				}
				b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
			})
		}
	}
}
