package claim

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"sekisho/filter/mail"
)

// newsletter is a message whose visible text and markup come to size bytes, in
// the proportion that HTML newsletters have: one byte of text in four.
func newsletter(size int) *mail.Message {
	m := &mail.Message{
		From:    from("やまだ便り", "news", "yamada.example"),
		Subject: text("【やまだ便り】秋の味覚と新しい店のお知らせ"),
	}
	texts := []string{
		"いつもご愛読ありがとうございます。今週は秋の味覚をご紹介します。",
		"You can pay by card or with PayPal, and parcels leave our house the same day.",
		"りんごは長野の農家から届きました。楽天市場店でもお買い求めいただけます。",
		"The orchard is open to visitors on Saturdays until the end of November.",
	}
	for n, i := 0, 0; n < size/4; i++ {
		t := texts[i%len(texts)]
		m.Passages = append(m.Passages, mail.Passage{Kind: mail.PassageText, Text: t})
		if n += len(t); i%4 == 0 {
			m.Passages = append(m.Passages, mail.Passage{Kind: mail.PassageLink, Text: "くわしくはこちら"})
			m.Links = append(m.Links, mail.Link{Kind: mail.LinkAnchor, Host: fmt.Sprintf("www%d.yamada.example", i%8), URL: "https://www.yamada.example/"})
		}
	}
	return m
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

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	for _, kb := range []int{4, 20, 80, 320, 10240} {
		m := newsletter(kb << 10)
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				r.Read(m)
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// FuzzRead holds that claims are bounded, valid and point at a brand.
func FuzzRead(f *testing.F) {
	r := reader(f)
	f.Add("楽天", "Re: ★【楽天】[PayPal] Amazon: x", "amazon-login.example", "Dear PayPal customer")
	f.Add("Chase Miller", "「楽天市場店", "xn--.", "© \xff楽\u200b天")
	f.Fuzz(func(t *testing.T, name, subject, host, body string) {
		m := &mail.Message{
			From:     []mail.Mailbox{{Name: text(name), Address: "a@" + host, Local: "a", Domain: host}},
			Subject:  text(subject),
			Passages: lines(mail.PassageText, strings.Split(body, "\n")...),
			Links:    []mail.Link{{Kind: mail.LinkAnchor, Host: host, URL: "https://" + host}},
		}
		valid := utf8.ValidString(name) && utf8.ValidString(subject) && utf8.ValidString(host) && utf8.ValidString(body)
		claims := r.Read(m)
		if len(claims) > maxClaims {
			t.Errorf("%d claims", len(claims))
		}
		for _, c := range claims {
			if _, ok := r.catalogue.Brand(c.Brand); !ok || c.Place == "" || c.Strength.rank() == 0 || c.Folded == "" {
				t.Errorf("odd claim %+v", c)
			}
			if len(c.Seen) > maxSeenBytes || valid && !utf8.ValidString(c.Seen) {
				t.Errorf("odd evidence %q", c.Seen)
			}
		}
	})
}
