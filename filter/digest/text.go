package digest

// Language is what a domain's digests are in.
type Language string

// All languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
	Both     Language = "both" // Japanese first
)

// tongues are the languages that a reader gets.
func (l Language) tongues() []string {
	switch l {
	case Japanese:
		return []string{"ja"}
	case English:
		return []string{"en"}
	}
	return []string{"ja", "en"}
}

// texts are ours, by key and language. %d and %s stand for what is told.
var texts = map[string]map[string]string{
	"subject": {"ja": "保留中のメール %d 通のお知らせ", "en": "Mail held for you: %d"},
	"intro": {
		"ja": "%s 宛てのメール %d 通を、差出人が本物と確認できないなどの理由で保留しています。心当たりのないものは、そのままにしてかまいません。期限が来れば消去されます。",
		"en": "Mail to %s that is held: %d. It could not prove who it is from, or there is another reason, told below. Leave alone what you did not expect: it is deleted in time.",
	},
	"claims":   {"ja": "名乗り", "en": "Says it is from"},
	"proved":   {"ja": "確認できた送信元", "en": "Proved to be from"},
	"nobody":   {"ja": "なし", "en": "nobody"},
	"unknown":  {"ja": "記録なし", "en": "not on record"},
	"no-brand": {"ja": "登録のない名前", "en": "nobody that is known"},
	"date":     {"ja": "日時", "en": "Date"},
	"from":     {"ja": "差出人", "en": "Sender"},
	"title":    {"ja": "件名", "en": "Subject"},
	"none":     {"ja": "（なし）", "en": "(none)"},
	"why":      {"ja": "保留の理由", "en": "Why it is held"},
	"expires":  {"ja": "消去の予定", "en": "Deleted on"},
	"open":     {"ja": "内容を見て、受け取る・削除する・報告する", "en": "Look at it, and release, delete or report it"},
	"ask":      {"ja": "受け取りたいときは、管理者に次の番号を伝えてください", "en": "To get it, tell your administrator this id"},
	"more":     {"ja": "ほかに %d 通あります。", "en": "And %d more."},
	"links": {
		"ja": "リンクは %s まで、1 回だけ使えます。開いただけでは何も起こりません。他人に転送しないでください。",
		"en": "Each link works once, until %s. Opening it changes nothing by itself. Do not forward them.",
	},
	"defanged": {
		"ja": "件名や差出人の [.] などの括弧は、誤って開かないように加えたものです。",
		"en": "Brackets such as [.] in subjects and senders were added so that nobody opens them by accident.",
	},
	"advice":    {"ja": "してほしいこと", "en": "What you should do"},
	"no-links":  {"ja": "心当たりのないメールのリンクや添付ファイルは開かず、返信もしないでください。", "en": "Do not open the links or attachments of mail that you did not expect, and do not answer it."},
	"bookmark":  {"ja": "用件は、ご自分のブックマークかアプリから公式サイトを開いて確かめてください。", "en": "Look at the official site from your own bookmark or app."},
	"own":       {"ja": "本物の名前", "en": "real names"},
	"report":    {"ja": "届け先", "en": "report to"},
	"council":   {"ja": "どのブランドの偽メールも、フィッシング対策協議会（info@antiphishing.jp）に報告できます。", "en": "In Japan, the Council of Anti-Phishing takes reports about any brand: info@antiphishing.jp."},
	"happened":  {"ja": "すでに操作してしまったとき", "en": "If it has happened already"},
	"opened":    {"ja": "リンクを開いた：ネットワークを切り、セキュリティソフトで検査してください。何か見つかったときや不安なときは、その製造元か管理者に、被害があれば都道府県警察のサイバー犯罪相談窓口に相談してください。", "en": "You opened a link: disconnect from the network and scan with security software. If you are not sure, ask its maker or your administrator; if there is damage, the cyber crime desk of the police."},
	"password":  {"ja": "パスワードを入力した：悪用される前に、公式サイトですぐに変更してください。同じものを使うほかのサービスでも変更してください。", "en": "You typed a password: change it at once at the official site, before it is used, and wherever else you use it."},
	"card":      {"ja": "カード番号を入力した：盗まれたものとして、すぐにカード会社に電話し、利用停止と再発行を頼んでください（再発行は有料のことがあります）。", "en": "You gave a card number: take the card as stolen. Call the card company now, and have it stopped and re-issued (there may be a fee)."},
	"more-here": {"ja": "くわしくは", "en": "More about it"},
	"origin":    {"ja": "このメールは、受信側のメールサーバーが自動で送りました。返信は届きません。", "en": "The receiving mail server sent this by itself. Answers to it reach nobody."},
}
