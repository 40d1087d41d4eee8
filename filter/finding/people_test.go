package finding

import (
	"os"
	"path/filepath"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
	"sekisho/policy/brand"
)

// withOwn returns the catalogue with an organisation of the operator's own.
func withOwn(t *testing.T) *brand.Catalogue {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own.yaml")
	const own = `version: 1
protected:
- id: kaisha
  name: 架空商事
  aliases: [架空商事, Kaisha Trading]
  domains: [kaisha-trading.jp]
  people:
  - name: 山田 太郎
    also: [Taro Yamada]
    addresses: [yamada@kaisha-trading.jp, t.yamada@gmail.com]
`
	if err := os.WriteFile(path, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := brand.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOwn holds what is said in the name of the operator's own organisation and
// people, and what honest mail says to them and about them.
func TestOwn(t *testing.T) {
	c := withOwn(t)
	r := claim.NewReader(c)
	const plain, asks = "お元気ですか。", "至急、ギフトカードを買ってください。"
	stopped := proof.Proof{
		Source: proof.FromDNS, FromDomain: "kaisha-trading.jp", FromOrg: "kaisha-trading.jp", Author: mail.AuthorOne,
		SPF: spf.Check{Result: spf.Fail}, DMARC: dmarc.Check{Result: dmarc.Fail},
	}
	const tag, quarantine = tagPoints, quarantinePoints
	for _, k := range []struct {
		why, fields, body string
		proof             proof.Proof
		least, most       int
	}{
		{"the boss asks from a free mailbox", "From: 山田太郎 <ceo.office1@gmail.com>\r\nSubject: お願い", asks, passes("gmail.com"), quarantine, 99},
		{"the same with nothing to ask", "From: Taro Yamada <ceo.office1@gmail.com>\r\nSubject: hello", plain, passes("gmail.com"), tag, quarantine - 1},
		{"answers go to a free mailbox", "From: Taro Yamada <a@sender.example>\r\nReply-To: x@outlook.com\r\nSubject: hello", plain, passes("sender.example"), quarantine, 99},
		{"his own address", "From: 山田太郎 <yamada@kaisha-trading.jp>\r\nSubject: お願い", asks, passes("kaisha-trading.jp"), 0, 0},
		{"another of his addresses", "From: 山田太郎 <t.yamada@gmail.com>\r\nSubject: お願い", asks, passes("gmail.com"), 0, 0},
		{"a colleague of the same name", "From: 山田太郎 <yamada2@kaisha-trading.jp>\r\nSubject: お願い", asks, passes("kaisha-trading.jp"), 0, 0},
		{"his own address, refuted", "From: 山田太郎 <yamada@kaisha-trading.jp>\r\nSubject: お願い", asks, stopped, quarantine, 99},
		{"posted to a list that writes in its own name", "From: Taro Yamada via dev <dev@lists.sender.example>\r\nList-Id: <dev.lists.sender.example>\r\nSubject: hello", plain, passes("lists.sender.example"), 0, 0},
		{"a service on his behalf", "From: Taro Yamada (Google Docs) <comments-noreply@docs.google.com>\r\nSubject: hello", plain, passes("docs.google.com"), 0, 1},
		{"somebody else", "From: 小山田太郎 <a@gmail.com>\r\nSubject: お願い", asks, passes("gmail.com"), 0, 0},
		{"the organisation's name from elsewhere", "From: 架空商事 総務部 <a@sender.example>\r\nSubject: アカウントは停止されています", "<a href='https://strange.example.net/'>確認</a>", passes("sender.example"), quarantine, 99},
		{"a look-alike of its domain", "From: 総務 <a@kaisha-trading-login.com>\r\nSubject: パスワードを変更してください", "<a href='https://kaisha-trading-login.com/x'>確認</a>", passes("kaisha-trading-login.com"), 2, 99},
		{"its own domain, not proved", "From: 総務 <a@kaisha-trading.jp>\r\nSubject: アカウントは停止されています", asks, stopped, quarantine, 99},
		{"a customer writes to it", "From: 梅林堂 <a@sender.example>\r\nSubject: 【架空商事】見積の件", "<h1>架空商事 御中</h1><p>至急ご確認ください。24時間以内に。</p><p>架空商事 様</p><a href='https://strange.example.net/'>資料</a>", passes("sender.example"), 0, 0},
		{"a partner with its name in his", "From: 梅林堂 架空商事担当 <a@sender.example>\r\nSubject: 打ち合わせ", plain, passes("sender.example"), 0, tag - 1},
	} {
		m := page(t, k.fields+"\r\n", k.body)
		found := Relate(Input{Message: m, Proof: k.proof, Claims: r.Read(m), Catalogue: c})
		if sum := points(found); sum < k.least || sum > k.most {
			t.Errorf("%s: %d points, want %d to %d: %v", k.why, sum, k.least, k.most, found)
		}
	}
}
