package letters

import (
	"math/rand/v2"
	"strings"

	"sekisho/policy/brand"
)

// newGenuine drafts a letter of the brand's own: proved by one of its domains,
// with links to it. It uses the words of phishing where true notices do.
func newGenuine(r *rand.Rand, p posed, charset Charset) *draft {
	d := &draft{kind: Genuine, brand: p, charset: charset, name: pick(r, p.names...), html: r.IntN(2) == 0}
	domain := p.domain
	if r.IntN(4) == 0 && !strings.HasPrefix(domain, "www.") {
		domain = pick(r, "mail.", "news.", "info.") + domain
	}
	d.address = pick(r, "info", "no-reply", "mag", "notice", "order", "support") + "@" + domain
	d.results = passes(domain)
	if r.IntN(4) == 0 { // sent through somebody's machines, signed by the brand
		d.results = "spf=pass smtp.mailfrom=bounce.haishin.example; dkim=pass header.d=" + domain + "; dmarc=pass header.from=" + domain
	}
	d.from = pick(r, append(fromNames(), "お客様サポート", "")...)
	if r.IntN(2) == 0 {
		d.bracket("【", "】")
	}
	texts := notices()
	t := texts[r.IntN(len(texts))]
	d.subject = pick(r, t.subjects...)
	d.lines = append([]string{pick(r, greetings()...), "", pick(r, openings()...)}, t.lines...)
	d.link = "https://" + strings.TrimPrefix(p.domain, "www.") + "/" + pick(r, "mypage", "news/1124", "")
	d.shown = pick(r, "くわしくはこちら", "マイページへ", "{b}")
	d.sign = []string{pick(r, "{b}", "{b}カスタマーセンター", "発行元：{b}", "Copyright (C) {b}")}
	return d
}

// notices are what brands truly write, partners and warnings included.
func notices() []lure {
	return []lure{
		{[]string{"ご注文ありがとうございます", "ご注文内容の確認", "商品発送のお知らせ"},
			[]string{"ご注文を承りました。お支払いは楽天カードです。", "商品は佐川急便でお届けします。お荷物の番号は発送時にお知らせします。"}},
		{[]string{"ログインのお知らせ", "新しい端末からのログインがありました"},
			[]string{"新しい端末からログインがありました。", "お心当たりがない場合は、パスワードを変更してください。"}},
		{[]string{"フィッシング詐欺にご注意ください", "当社をかたる不審なメールについて"},
			[]string{"当社をかたり、「アカウントは停止されています」などと偽のサイトへ誘うメールが届いています。", "Amazon や三井住友カードなど、他社をかたるものもあります。リンクを開かず、削除してください。"}},
		{[]string{"キャンペーンのご案内", "今週のおすすめ", "冬の感謝祭 開催中"},
			[]string{"PayPayでのお支払いで最大五パーセントが戻ります。", "LINE の友だち登録で、すぐに使えるクーポンを差し上げます。", "Visa、Mastercard、JCB、American Express がお使いいただけます。"}},
		{[]string{"ご利用明細のお知らせ", "今月のお支払い金額のお知らせ"},
			[]string{"今月のご利用明細ができました。会員ページでご確認ください。", "Apple Pay、Google Pay でのご利用分も含まれます。"}},
		{[]string{"お支払い方法のご確認", "ご登録のカードの有効期限について"},
			[]string{"ご登録のカードの有効期限が切れています。", "会員ページにログインし、お支払い情報を更新してください。"}},
		{[]string{"システムメンテナンスのお知らせ", "営業時間変更のご案内"},
			[]string{"下記の時間、サービスを休止いたします。", "お客様にはご不便をおかけしますが、ご了承ください。"}},
	}
}

// newHonest drafts mail of people and small firms who mention brands.
func newHonest(r *rand.Rand, brands []posed, charset Charset) *draft {
	a, b := brands[r.IntN(len(brands))].names[0], brands[r.IntN(len(brands))].names[0]
	domain := label(r) + pick(r, ".example", ".test")
	d := &draft{kind: Honest, brand: posed{Brand: &brand.Brand{}}, charset: charset, html: r.IntN(3) == 0, address: pick(r, "taro", "info", "tencho", "koho") + "@" + domain, results: passes(domain)}
	kinds := []struct{ from, subject, text, sign string }{
		{"山田太郎", a + "の荷物の件", a + "で頼んだお茶が、こちらの住所に届いていました。明日取りに来てください。", "太郎"},
		{"和菓子処みやび", a + "でのお支払いに対応しました", "このたび店頭で" + a + "と" + b + "がお使いいただけるようになりました。", "和菓子処みやび 店主敬白"},
		{"大学広報室", "不審なメールへの注意", a + "をかたり「アカウントは停止されています」と知らせるメールが学内に届いています。開かずに削除してください。", "大学広報室"},
		{"佐藤花子", "経費の精算について", a + "の領収書を添えて、" + b + "の分とあわせて総務まで出してください。", "総務部 佐藤"},
		{"週刊業界ニュース", "今週の見出し：" + a + "と" + b + "が提携", a + "は" + b + "との業務提携を発表した。来春からサービスを始める。", "週刊業界ニュース編集部"},
		{"鈴木商店", "ご注文ありがとうございます", "商品は本日発送しました。お支払いは" + a + "で承りました。到着まで二日ほどかかります。", "鈴木商店"},
		{"町内会", "回覧板", a + "の店舗前の清掃は日曜日の朝八時からです。雨天の場合は中止します。", "町内会長"},
	}
	k := kinds[r.IntN(len(kinds))]
	d.from, d.subject = k.from, k.subject
	d.lines, d.sign = []string{"お世話になっております。", "", k.text, "よろしくお願いいたします。"}, []string{k.sign}
	d.link, d.shown = "https://www."+domain+"/", "ホームページ"
	return d
}
