package banner

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"sekisho/filter/mail"
)

// charsets are those that messages come in, each with a text that it can write.
var charsets = []struct {
	label string
	enc   encoding.Encoding // nil for UTF-8 and ASCII
	text  string
}{
	{"", nil, "Dear customer,\r\n\r\nplease look at <b>this</b>.\r\n"},
	{"us-ascii", nil, "Dear customer,\r\n\r\nplease look at <b>this</b>.\r\n"},
	{"utf-8", nil, "お客様\r\n\r\nアカウントを確認してください。<b>至急</b> 𠮷\r\n"},
	{"iso-2022-jp", japanese.ISO2022JP, "お客様\r\n\r\nアカウントを<b>確認</b>してください。終\r\n"},
	{"Shift_JIS", japanese.ShiftJIS, "表示能力ソ\r\n\r\nアカウントを<b>確認</b>してください。\r\n"},
	{"EUC-JP", japanese.EUCJP, "お客様\r\n\r\nアカウントを<b>確認</b>してください。\r\n"},
	{"windows-1252", charmap.Windows1252, "Sehr geehrter Käufer – schön\r\n<b>ß</b>\r\n"},
	{"iso-8859-1", charmap.Windows1252, "Sehr geehrter K\xc3\xa4ufer\r\n<b>\xc3\x9f</b>\r\n"},
	{"GB18030", simplifiedchinese.GB18030, "尊敬的客户\r\n\r\n请<b>确认</b>您的帐户。\r\n"},
	{"gb2312", simplifiedchinese.GBK, "尊敬的客户\r\n\r\n请<b>确认</b>您的帐户。\r\n"},
	{"big5", traditionalchinese.Big5, "親愛的客戶\r\n\r\n請<b>確認</b>您的帳戶。\r\n"},
	{"euc-kr", korean.EUCKR, "고객님\r\n\r\n<b>확인</b>해 주세요.\r\n"},
	{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "Wide お客様\r\n"},
}

// encoded is text in a charset and a transfer encoding.
func encoded(tb testing.TB, text string, enc encoding.Encoding, transfer string) string {
	tb.Helper()
	data := []byte(text)
	if enc != nil {
		var err error
		if data, err = enc.NewEncoder().Bytes(data); err != nil {
			tb.Fatal(err)
		}
	}
	switch transfer {
	case "base64":
		all := base64.StdEncoding.EncodeToString(data)
		var lines []string
		for piece := range slices.Chunk([]byte(all), 64) { // not our own line length
			lines = append(lines, string(piece))
		}
		return strings.Join(lines, "\r\n") + "\r\n"
	case "quoted-printable":
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			tb.Fatal(err)
		}
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
		return b.String()
	}
	return string(data)
}

// part is an entity: the fields that describe it, an empty line, its content.
func part(tb testing.TB, kind, label string, enc encoding.Encoding, transfer, text string) string {
	tb.Helper()
	head := "Content-Type: text/" + kind
	if label != "" {
		head += "; charset=" + label
	}
	return head + "\r\nContent-Transfer-Encoding: " + transfer + "\r\n\r\n" + encoded(tb, text, enc, transfer)
}

// multipart puts parts together.
func multipart(sub string, parts ...string) string {
	boundary := fmt.Sprintf("=_%s_%d", sub, len(parts))
	out := "Content-Type: multipart/" + sub + ";\r\n\tboundary=\"" + boundary + "\"\r\n\r\nThis is MIME.\r\n"
	for _, p := range parts {
		out += "--" + boundary + "\r\n" + p + "\r\n"
	}
	return out + "--" + boundary + "--\r\nEpilogue\r\n"
}

// message is an entity as a message.
func message(tb testing.TB, entity string) (mail.Header, []byte) {
	tb.Helper()
	h, body, err := mail.ReadFile(strings.NewReader("From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + entity))
	if err != nil {
		tb.Fatal(err)
	}
	return h, body
}

// changed is a header with edits made, as an MTA would make them.
func changed(h mail.Header, edits []Edit) mail.Header {
	h = slices.Clone(h)
	for _, e := range edits {
		f := mail.Field{Name: e.Name, Raw: []byte(e.Name + ": " + e.Value + "\r\n")}
		if e.Add {
			h = append(h, f)
			continue
		}
		i := slices.IndexFunc(h, func(f mail.Field) bool { return strings.EqualFold(f.Name, e.Name) })
		h[i] = f
	}
	return h
}

func raw(h mail.Header, body []byte) []byte {
	var b bytes.Buffer
	for _, f := range h {
		b.Write(f.Raw)
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}
