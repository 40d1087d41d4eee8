package main

const to = "hanako@kaisha.test"

// letters is the table of cases: the story's and their honest neighbours.
func letters() []letter {
	return []letter{
		{
			name: "story-a-university-rakuten",
			why: `The mail the project grew from: a university's broken-into account writes as Rakuten.
SPF, DKIM and DMARC pass, for the university. Only the claim is false.`,
			client: "192.0.2.10", host: "mail.st.mgu.ac.jp", sender: "en-13201@st.mgu.ac.jp", rcpts: []string{to},
			from: "楽天", address: "en-13201@st.mgu.ac.jp", subject: "【楽天】アカウントは停止されています", charset: "iso-2022-jp",
			text: suspended, sign: "st.mgu.ac.jp", zone: university,
		},
		{
			name:   "story-b-university-no-name",
			why:    `The same lure without a display name, in UTF-8: the brand stands in subject and body only.`,
			client: "192.0.2.10", host: "mail.st.mgu.ac.jp", sender: "en-13201@st.mgu.ac.jp", rcpts: []string{to},
			address: "en-13201@st.mgu.ac.jp", subject: "【楽天】アカウントは停止されています", charset: "utf-8",
			text: suspended, sign: "st.mgu.ac.jp", zone: university,
		},
		{
			name: "story-c-customer-centre",
			why: `The other wave that Rakuten warned of: the subject names nobody, the body poses as
楽天市場 in its heading and signature.`,
			client: "192.0.2.30", host: "out.hosting-c.test", sender: "info@hosting-c.test", rcpts: []string{to},
			from: "カスタマセンター", address: "info@hosting-c.test", subject: "【重要】カスタマセンタ-からのご案内", charset: "iso-2022-jp",
			text: customerCentre, sign: "hosting-c.test",
			zone: []string{`hosting-c.test. TXT "v=spf1 ip4:192.0.2.30 -all"`, `_dmarc.hosting-c.test. TXT "v=DMARC1; p=none"`},
		},
		{
			name:   "story-d-fresh-domain-amazon",
			why:    `A fake Amazon notice from a domain made for it, which authenticates perfectly.`,
			client: "192.0.2.40", host: "mx.prime-renewal-desk.test", sender: "bounce@prime-renewal-desk.test", rcpts: []string{to},
			from: "Amazon.co.jp", address: "no-reply@prime-renewal-desk.test", subject: "Amazonプライムの自動更新を処理できませんでした", charset: "utf-8",
			text: amazonText, html: amazonHTML, sign: "prime-renewal-desk.test",
			zone: []string{`prime-renewal-desk.test. TXT "v=spf1 ip4:192.0.2.40 -all"`, `_dmarc.prime-renewal-desk.test. TXT "v=DMARC1; p=reject"`},
		},
		{
			name:   "story-e-spoofed-domain",
			why:    `The brand's own domain in From, nothing authenticates, and the domain asks for rejection.`,
			client: "192.0.2.50", host: "", sender: "info@rakuten.co.jp", rcpts: []string{to},
			from: "楽天市場", address: "info@rakuten.co.jp", subject: "【楽天市場】お支払い方法をご確認ください", charset: "utf-8",
			text: suspended,
			zone: []string{`rakuten.co.jp. TXT "v=spf1 ip4:203.0.113.0/28 -all"`, `_dmarc.rakuten.co.jp. TXT "v=DMARC1; p=reject"`},
		},
		{
			name:   "story-f-genuine-rakuten",
			why:    `Genuine mail of the brand: signed by rakuten.co.jp.`,
			client: "203.0.113.5", host: "mail5.rakuten.co.jp", sender: "order@rakuten.co.jp", rcpts: []string{to},
			from: "楽天市場", address: "order@rakuten.co.jp", subject: "【楽天市場】注文内容ご確認（自動配信メール）", charset: "iso-2022-jp",
			text: order, sign: "rakuten.co.jp",
			zone: []string{`rakuten.co.jp. TXT "v=spf1 ip4:203.0.113.0/28 -all"`, `_dmarc.rakuten.co.jp. TXT "v=DMARC1; p=reject"`},
		},
		{
			name:   "story-f-genuine-account",
			why:    `Genuine mail of the brand from its other domain, account.rakuten.com.`,
			client: "203.0.113.6", host: "mail6.account.rakuten.com", sender: "no-reply@account.rakuten.com", rcpts: []string{to},
			from: "楽天", address: "no-reply@account.rakuten.com", subject: "【楽天】ログインのお知らせ", charset: "utf-8",
			text: login, sign: "account.rakuten.com",
			zone: []string{`account.rakuten.com. TXT "v=spf1 ip4:203.0.113.0/28 -all"`, `_dmarc.rakuten.com. TXT "v=DMARC1; p=quarantine"`},
		},
		{
			name:   "story-g-friend-parcel",
			why:    `A friend writes about a parcel from the brand: a mention, not a claim.`,
			client: "192.0.2.70", host: "smtp.tomodachi.test", sender: "taro@tomodachi.test", rcpts: []string{to},
			from: "山田太郎", address: "taro@tomodachi.test", subject: "楽天の荷物の件", charset: "iso-2022-jp",
			text: friend, sign: "tomodachi.test",
			zone: []string{`tomodachi.test. TXT "v=spf1 ip4:192.0.2.70 -all"`},
		},
		{
			name:   "story-h-university-newsletter",
			why:    `The university's own newsletter, from the same domain that was abused.`,
			client: "192.0.2.10", host: "mail.st.mgu.ac.jp", sender: "koho@st.mgu.ac.jp", rcpts: []string{to},
			from: "大学広報室", address: "koho@st.mgu.ac.jp", subject: "【広報】学園祭のご案内とアカウント停止の注意", charset: "utf-8",
			text: newsletter, sign: "st.mgu.ac.jp", zone: university,
		},
		{
			name:   "story-i-market-shop",
			why:    `A shop on the market tells of its opening, from its own authenticated domain: it does not say that it is the brand.`,
			client: "192.0.2.90", host: "mail.wagashi-ten.test", sender: "info@wagashi-ten.test", rcpts: []string{to},
			from: "和菓子処みやび", address: "info@wagashi-ten.test", subject: "「楽天市場店オープンのお知らせ」", charset: "utf-8",
			text: shop, sign: "wagashi-ten.test",
			zone: []string{`wagashi-ten.test. TXT "v=spf1 ip4:192.0.2.90 -all"`, `_dmarc.wagashi-ten.test. TXT "v=DMARC1; p=none"`},
		},
	}
}

var university = []string{
	`st.mgu.ac.jp. TXT "v=spf1 ip4:192.0.2.10 -all"`,
	`_dmarc.st.mgu.ac.jp. TXT "v=DMARC1; p=none"`,
}

const suspended = `
楽天会員 様

いつも楽天をご利用いただき、ありがとうございます。

お客様のアカウントに普段と異なる方法でのログインが見つかりました。
安全のため、アカウントと出品の機能を一時的に止めています。

下記のページから二十四時間以内に会員情報をご確認のうえ、更新してください。
確認がない場合、アカウントは停止されます。

https://member-kakunin.example/login?id=8841

------------------------------
楽天株式会社
`

const customerCentre = `
楽天市場 お客様各位

平素より楽天市場をご利用いただき、まことにありがとうございます。
お客様の会員登録に確認できない点が見つかりました。
お手数ですが、次のページからログインし、カード情報をご更新ください。

http://ichiba-update.example/rms/

更新されない場合、アカウントの利用が制限されます。

発行：楽天市場カスタマーセンター
`

const amazonText = `
Amazonプライムをご利用いただきありがとうございます。
お支払い方法に問題があり、会費をお引き落としできませんでした。
更新：https://prime-renewal-desk.test/signin
Amazon.co.jp カスタマーサービス
`

const amazonHTML = `
<html><head><title>Amazon.co.jp</title></head><body>
<h2>Amazonプライム</h2>
<p>お支払い方法に問題があり、会費をお引き落としできませんでした。
アカウントが停止される前に、お支払い情報を更新してください。</p>
<p><a href="https://prime-renewal-desk.test/signin">お支払い方法を更新する</a></p>
<p>© 2026 Amazon.com, Inc. or its affiliates</p>
</body></html>
`

const order = `
このたびは楽天市場内のショップをご利用いただきまして、誠にありがとうございます。

ご注文を承りました。注文の内容は購入履歴でご確認いただけます。
https://order.my.rakuten.co.jp/

楽天市場
`

const login = `
楽天会員様

新しい端末からログインがありました。お心当たりがない場合は、パスワードを変更してください。
https://my.account.rakuten.com/

楽天グループ株式会社
`

const friend = `
花子さん

楽天で頼んだお茶が、こちらの住所に届いていました。
明日の夕方なら家にいるので、取りに来てください。
追跡のページはここです。
https://tracking.takuhai.test/?no=4411

太郎
`

const newsletter = `
保護者、卒業生のみなさま

学園祭を十一月二十一日に開きます。案内は大学のページをご覧ください。
https://www.st.mgu.ac.jp/festival/

なお、通販会社をかたり「アカウントは停止されています」と知らせる不審なメールが
学内外に届いています。リンクは開かず、削除してください。

大学広報室
`

const shop = `
いつも和菓子処みやびをご利用いただき、ありがとうございます。

このたび楽天市場店を開きました。自社の通販とあわせてご利用ください。
https://www.wagashi-ten.test/

和菓子処みやび
店主敬白
`
