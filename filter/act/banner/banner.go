package banner

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style says which banner a message gets. The zero value is none.
type Style string

const (
	None     Style = ""
	Japanese Style = "ja"
	English  Style = "en"
	Both     Style = "both" // Japanese first
)

// Banner is what the reader is told, once for each language.
type Banner []Notice

// Notice is a banner's text in one language. Its texts are plain, without line
// ends.
type Notice struct {
	Language string   // "ja", as HTML writes it
	Title    string   // what is wrong
	Advice   []string // what to do now
	Already  string   // leads to Cases
	Cases    []string // what to do if it has happened
	Origin   string   // who says so
}

// Compose returns the banner of a style about a message that claims to be from a
// brand; with "" it names none. A style that is not known is none.
func Compose(brand string, style Style) Banner {
	brand = clean(brand)
	switch style {
	case Japanese:
		return Banner{inJapanese(brand)}
	case English:
		return Banner{inEnglish(brand)}
	case Both:
		return Banner{inJapanese(brand), inEnglish(brand)}
	}
	return nil
}

// ReportTo returns the banner with the address at which the brand takes reports; with
// "", or one that does not fit, it is as it was.
func (b Banner) ReportTo(address string) Banner {
	if address == "" || clean(address) != address {
		return b
	}
	told := make(Banner, len(b))
	for i, n := range b {
		text := "Where it takes reports: " + address
		if n.Language == "ja" {
			text = "その窓口の届け先：" + address
		}
		n.Advice = append(slices.Clone(n.Advice), text)
		told[i] = n
	}
	return told
}

// clean makes a name fit for one line.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > MaxBrand {
		name = string([]rune(name)[:MaxBrand-1]) + "…"
	}
	return name
}

func inJapanese(brand string) Notice {
	n := Notice{
		Language: "ja",
		Title:    "【注意】このメールの差出人は確認できません。詐欺のおそれがあります。",
		Advice: []string{
			"メールの中のリンクや添付ファイルを開かないでください。",
			"用件は、ご自分のブックマークか検索で公式サイトを開いて確かめてください。",
			"迷惑メールとして報告してから削除してください。",
		},
		Already: "すでに操作してしまったときは：",
		Cases: []string{
			"リンクを開いた：ネットワークを切り、セキュリティソフトで検査してください。必要なら都道府県警察のサイバー犯罪相談窓口に相談してください。",
			"パスワードを入力した：公式サイトですぐに変更し、同じものを使うほかのサービスでも変更してください。",
			"カード番号を入力した：盗まれたものとして、カード会社に電話し、利用停止と再発行を頼んでください。",
		},
		Origin: "この注意書きは受信側のメールサーバーが加えたもので、差出人の文章ではありません。",
	}
	if brand != "" {
		n.Title = "【注意】このメールは「" + brand + "」を名乗りますが、本物と確認できません。"
		n.Advice[1] = "用件は、ご自分のブックマークか検索で「" + brand + "」の公式サイトを開いて確かめてください。"
		n.Advice[2] = "迷惑メールとして報告し、「" + brand + "」の窓口にも知らせてから削除してください。"
	}
	return n
}

func inEnglish(brand string) Notice {
	n := Notice{
		Language: "en",
		Title:    "CAUTION: Nobody could verify who sent this message. It may be a fraud.",
		Advice: []string{
			"Do not open its links or attachments.",
			"Check at the official site, from your own bookmark or a search engine.",
			"Report the message as junk, then delete it.",
		},
		Already: "If it has happened already:",
		Cases: []string{
			"You opened a link: disconnect from the network and scan with security software. If need be, ask the police's cybercrime desk.",
			"You typed a password: change it at once at the official site, and wherever else you use it.",
			"You gave a card number: take it as stolen. Call the card company, and have the card stopped and re-issued.",
		},
		Origin: "This note was added by the receiving mail server. It is not the sender's text.",
	}
	if brand != "" {
		n.Title = `CAUTION: This message claims to be from "` + brand + `", but that could not be verified.`
		n.Advice[1] = `Open "` + brand + `" from your own bookmark or a search engine, and check there.`
		n.Advice[2] = `Report the message as junk, tell "` + brand + `", then delete it.`
	}
	return n
}

// rule stands above and below. It begins with no hyphen, so that it is never the
// delimiter of a multipart, and with no blank or "From ", and ends with no blank:
// so it is the same in format=flowed (RFC 3676).
const rule = "* * * * * * * * * * * * * * * * * * * *"

// text is the banner as plain text, lines ending in CRLF.
func (b Banner) text() string {
	var t strings.Builder
	line := func(parts ...string) {
		for _, p := range parts {
			t.WriteString(p)
		}
		t.WriteString("\r\n")
	}
	line(rule)
	for i, n := range b {
		if i > 0 {
			line()
		}
		bullet := "* "
		if n.Language == "ja" {
			bullet = "・"
		}
		line(n.Title)
		for _, a := range n.Advice {
			line(bullet, a)
		}
		line(n.Already)
		for _, c := range n.Cases {
			line(bullet, c)
		}
		line(n.Origin)
	}
	line(rule)
	line()
	return t.String()
}

// Styles say everything themselves and insist: a sender's style sheet must not hide
// the banner. Text and background come together, and are legible as they are and
// inverted, in light and dark.
const (
	boxStyle  = "display:table!important;visibility:visible!important;opacity:1!important;position:static!important;width:100%!important;margin:0 0 16px 0!important;border:2px solid #b45309!important;background-color:#fff7e0!important;color:#3b2600!important"
	cellStyle = "display:table-cell!important;padding:12px!important;font:14px/1.5 sans-serif!important;text-align:left!important;background-color:#fff7e0!important;color:#3b2600!important"
	lineStyle = "display:block!important;margin:0 0 6px 0!important;font-size:14px!important;color:#3b2600!important"
)

// html is the banner as HTML in ASCII, in lines that SMTP can carry.
func (b Banner) html() string {
	var t strings.Builder
	t.WriteString("<table role=\"presentation\" cellspacing=\"0\" cellpadding=\"0\" bgcolor=\"#fff7e0\"\r\n style=\"" + boxStyle + "\">\r\n<tr>" +
		"<td bgcolor=\"#fff7e0\"\r\n style=\"" + cellStyle + "\">\r\n")
	line := func(lang, before, text string, bold bool) {
		weight := "normal"
		if bold {
			weight = "bold"
		}
		t.WriteString("<div lang=\"" + lang + "\" style=\"" + lineStyle + ";font-weight:" + weight + "!important\">\r\n" + before)
		writeASCII(&t, html.EscapeString(text))
		t.WriteString("</div>\r\n")
	}
	for _, n := range b {
		line(n.Language, "", n.Title, true)
		for _, a := range n.Advice {
			line(n.Language, "&#8226; ", a, false)
		}
		line(n.Language, "", n.Already, true)
		for _, c := range n.Cases {
			line(n.Language, "&#8226; ", c, false)
		}
		line(n.Language, "", n.Origin, false)
	}
	t.WriteString("</td></tr></table>\r\n")
	return t.String()
}

// writeASCII writes HTML text with references for what is not ASCII, and a line end
// among them now and then: some 100 of them would pass what SMTP takes for a line
// (RFC 5321, section 4.5.3.1.6). The line end stands inside a comment, where it is
// no space between characters.
func writeASCII(t *strings.Builder, s string) {
	col := 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			t.WriteByte(byte(r))
			col++
			continue
		}
		ref := "&#" + strconv.Itoa(int(r)) + ";"
		if col += len(ref); col > 600 {
			t.WriteString("<!--\r\n-->")
			col = 0
		}
		t.WriteString(ref)
	}
}
