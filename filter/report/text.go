package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sekisho/filter/quarantine"
)

// text is what people read: in English, and in Japanese before it where they are in
// Japan.
func (k *Keeper) text(r quarantine.Report, e *evidence, s Settings) string {
	var b strings.Builder
	if forJapan(r, e) {
		b.WriteString(k.say(japanese, r, e, s) + "\n--\n\n")
	}
	b.WriteString(k.say(english, r, e, s))
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

// forJapan reports whether who gets a report reads Japanese.
func forJapan(r quarantine.Report, e *evidence) bool {
	return strings.HasSuffix(r.Target, ".jp") || r.Kind == quarantine.ToBrand && e.brand != nil && slices.Contains(e.brand.Countries, "jp")
}

// words are our texts in one language.
type words struct {
	begin, toBrand, toAbuse                                                                    string
	poses, nobody, proved, client, sender, subject, date, links, count, hidden, whole, answers string
}

var japanese = words{
	begin:   "フィッシングメールの通報です。RFC 5965 の形式で、メールの原本を添付しています。\n受信者のアドレスは伏せてあります (RFC 6590)。\n",
	toBrand: "貴社の名前をかたるメールです。リンク先の閉鎖など、ご対応をお願いします。\n",
	toAbuse: "%s の認証を通って送られたメールです。多くの場合、アカウントのパスワードが盗まれています。\n該当するアカウントまたはサーバーを特定し、送信を止めてくださるようお願いします。\n",
	poses:   "名乗り", nobody: "登録のない名前", proved: "確認できた送信元", client: "送信元の IP アドレス", sender: "送信者 (MAIL FROM)", subject: "件名", date: "受信日時", links: "リンク先", count: "同じ内容のメール",
	hidden: "受信者", whole: "原本の本文は、アドレスを伏せることができないか長すぎるため添付していません。\n", answers: "ご連絡先: %s\n",
}

var english = words{
	begin:   "This is a report of a phishing message, as in RFC 5965. The message is attached.\nThe addresses of its recipients are hidden (RFC 6590).\n",
	toBrand: "It misuses your name. Please have what its links lead to taken down.\n",
	toAbuse: "It was sent with proof of %s, most often from an account whose password was stolen.\nPlease find the account or the server, and stop it.\n",
	poses:   "Poses as", nobody: "nobody in our catalogue", proved: "Proved to be from", client: "Sent from address", sender: "Sender (MAIL FROM)", subject: "Subject", date: "Received", links: "Links lead to", count: "Messages like it",
	hidden: "Recipient", whole: "The body is not attached: the addresses in it could not be hidden, or it is too long.\n", answers: "A person reads what is sent to %s.\n",
}

// say writes the text in one language.
func (k *Keeper) say(w words, r quarantine.Report, e *evidence, s Settings) string {
	var b strings.Builder
	b.WriteString(w.begin)
	if r.Kind == quarantine.ToAbuse {
		fmt.Fprintf(&b, w.toAbuse, proved(r))
	} else {
		b.WriteString(w.toBrand)
	}
	b.WriteString("\n")
	line := func(label, value string) {
		if value != "" {
			b.WriteString(label + ": " + value + "\n")
		}
	}
	name := w.nobody
	if e.brand != nil {
		name = e.brand.Name
	}
	line(w.poses, name)
	if e.facts != nil {
		var domains []string
		for _, id := range blameable(e.facts) {
			if len(domains) < maxProved {
				domains = appendOnce(domains, defanged(id.Domain)+" ("+strings.ToUpper(id.Method)+")")
			}
		}
		line(w.proved, strings.Join(domains, ", "))
	}
	line(w.client, strings.TrimSpace(shown(e.item.Client)+" "+defanged(e.text(e.item.ClientName))))
	line(w.sender, defanged(e.sender))
	line(w.hidden, defanged(e.to))
	line(w.subject, e.subject)
	arrived := e.item.Received
	if arrived.IsZero() {
		arrived = e.item.Stored
	}
	line(w.date, arrived.UTC().Format(dateForm))
	if e.facts != nil {
		n := 0
		for _, l := range e.facts.Links {
			if url := e.text(l.URL); url != "" && n < maxLinks && !e.hidden.Has(url) {
				line(w.links, defanged(url))
				n++
			}
		}
	}
	if r.Items > 1 {
		line(w.count, fmt.Sprint(r.Items))
	}
	b.WriteString("\n")
	if !e.message.Whole {
		b.WriteString(w.whole)
	}
	fmt.Fprintf(&b, w.answers, s.From.Address)
	return b.String()
}

// shown is a text of the sender's on one line of bounded length, with a mark in place
// of what is not seen or turns the direction of writing around.
func shown(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(s[:min(len(s), 16*maxShown)], "\uFFFD") {
		if n++; n > maxShown {
			return b.String() + "…"
		}
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsGraphic(r):
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// defanged is a name or an address of which no mail program makes a link.
func defanged(s string) string {
	if rest, ok := strings.CutPrefix(s, "http"); ok {
		s = "hxxp" + rest
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, ".", "[.]"), "@", "[@]")
}

func appendOnce(all []string, s string) []string {
	if slices.Contains(all, s) || len(all) >= maxDomains {
		return all
	}
	return append(all, s)
}
