package brand

import "strings"

// Advice is what a recipient of a fake in the brand's name is told to do.
type Advice struct {
	JA string
	EN string
}

// orUsual fills in the usual words for what is left out.
func (a Advice) orUsual(b *Brand) Advice {
	ja := b.Name + "を名乗るメールです。メール内のリンクや添付ファイルは開かず、公式アプリか、ご自身で登録したブックマークから確認してください。"
	en := "This message says it is from " + b.Name + ". Do not open its links or attachments; use the official app or your own bookmark instead."
	if len(b.ReportMail) > 0 {
		ja += "不審なメールの届け出先: " + strings.Join(b.ReportMail, "、")
		en += " Report it to " + strings.Join(b.ReportMail, ", ") + "."
	}
	if a.JA == "" {
		a.JA = ja
	}
	if a.EN == "" {
		a.EN = en
	}
	return a
}
