package finding

import (
	"slices"
	"strings"
	"sync"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
)

// lurePhrases are what phishing cannot do without: a threat, and the
// demand to act on it. Single words are left out; honest mail is full of them.
var lurePhrases = [...]string{
	// Japanese
	"アカウントは停止", "アカウントが停止", "アカウントを停止", "アカウントの停止", "アカウントを一時", "アカウントがロック", "アカウントをロック", "アカウントは一時",
	"利用を制限", "利用が制限", "ご利用を一時", "ご利用停止", "取引を制限", "取引制限", "強制解約", "口座凍結", "口座が凍結", "自動退会", "出品活動",
	"不正利用", "不正アクセス", "不正ログイン", "異常なログイン", "異常ログイン", "異常な活動", "通常と異なる", "いつもと異なる", "見慣れない端末", "第三者による", "不審なログイン", "不審なアクセス",
	"本人確認", "ご本人様確認", "情報を更新", "情報の更新", "情報更新", "情報の確認", "情報をご確認", "アカウントを確認", "アカウントの確認", "アカウント情報を", "アカウント情報の", "更新手続き", "お手続きをお願い", "手続きを完了", "カスタマセンタ-からのご案内",
	"支払い方法を", "お支払い方法に問題", "お支払い情報", "支払いが承認", "決済に失敗", "未払い", "未納", "滞納", "差し押さえ", "支払いが確認できません", "カード情報を", "有効期限が切れ",
	"パスワードの有効期限", "パスワードを変更", "暗証番号", "認証コードを", "メールボックスの容量",
	"24時間以内", "48時間以内", "72時間以内", "至急ご確認", "再配達", "配達できません", "お届けできません", "不在のため", "関税", "還付金", "給付金", "ポイントが失効", "ポイントの失効",
	// English
	"verify your account", "verify your identity", "verify your information", "verify your email", "verify your wallet", "verify now", "confirm your account", "confirm your identity", "confirm your information", "confirm your payment", "confirm your address",
	"update your account", "update your payment", "update your billing", "update your information", "validate your", "reactivate", "restore access", "restore your account", "unlock your account", "secure your account", "secure your wallet", "activate your wallet", "wallet verification", "seed phrase", "recovery phrase", "migrate your",
	"account has been suspended", "account will be suspended", "account suspended", "account is suspended", "account has been limited", "account has been locked", "account will be closed", "account is on hold", "wallet has been suspended", "will be deactivated", "will be terminated", "will be deleted", "has been blocked", "has been restricted", "asset freeze",
	"unusual sign", "unusual activity", "unusual login", "suspicious activity", "suspicious sign", "suspicious login", "unauthorized access", "unauthorized transaction", "unrecognized device", "new login attempt", "new sign-in", "sign-in activity", "tried to log in", "security alert", "security breach",
	"payment declined", "payment was declined", "payment failed", "unable to process your payment", "problem with your payment", "billing problem", "card was declined", "overdue", "final notice", "last warning", "final reminder", "your subscription has expired", "subscription will", "has been renewed", "auto-renew", "automatic renewal", "will be charged", "has been charged", "cancel this order", "did not authorize", "didn't authorize", "if you did not make",
	"delivery attempt", "unable to deliver", "could not be delivered", "pending delivery", "pending for delivery", "package is pending", "item being held", "redelivery", "customs fee", "shipping fee", "tracking number to",
	"immediate action", "action required", "within 24 hours", "within 48 hours", "password expire", "password will expire", "mailbox is full", "mailbox is almost full", "storage is full", "storage full",
	// German
	"konto wurde gesperrt", "konto wird gesperrt", "konto eingeschränkt", "konto gesperrt", "konto bestätigen", "bestätigen sie ihr", "bestätigen sie jetzt", "aktualisieren sie", "verifizieren sie", "zahlung fehlgeschlagen", "zahlung abgelehnt", "ungewöhnliche aktivität", "ungewöhnliche anmeldung", "handeln erforderlich", "letzte mahnung", "speicher ist voll", "abonnement ist abgelaufen", "läuft ab", "ist abgelaufen", "erneuern sie", "zustellung fehlgeschlagen", "fehlgeschlagene zustellung", "zu erreichen", "zollgebühr",
	// French
	"compte a été suspendu", "compte est suspendu", "compte sera suspendu", "compte bloqué", "activez votre compte", "confirmez votre", "confirmer votre", "vérifiez votre", "mettre à jour vos", "mettez à jour", "mise à jour disponible", "activité inhabituelle", "activité suspecte", "paiement refusé", "échec du paiement", "dernier rappel", "nous vous avons manqué", "colis en attente", "frais de livraison", "frais de douane", "espace de stockage",
	// Spanish, Portuguese, Italian, Dutch
	"cuenta ha sido suspendida", "cuenta suspendida", "cuenta bloqueada", "verifique su", "verifica tu", "confirme su", "confirma tu", "actualice su", "actividad sospechosa", "actividad inusual", "pago rechazado", "último aviso", "confirmar la recepción", "sin espacio",
	"conta foi suspensa", "conta suspensa", "conta bloqueada", "bloqueio", "valor bloqueado", "confirme seus dados", "atualize seus dados", "atualize seu", "regularize", "regularização", "pagamento recusado", "pagamento pendente", "pagamento necessário", "taxa de importação", "encomenda retida", "foi taxada", "último aviso", "novo dispositivo", "pontos estão prestes", "prestes a expirar",
	"conto è stato sospeso", "conto sospeso", "account sospeso", "verifica il tuo", "conferma il tuo", "aggiorna i tuoi", "attività sospetta", "pagamento rifiutato", "ultimo avviso",
	"rekening is geblokkeerd", "account is geblokkeerd", "bevestig uw", "bevestig je", "bevestiging nodig", "verifieer uw", "verdachte activiteit", "betaling mislukt", "laatste herinnering", "pakket kan niet", "verzendkosten",
}

// prizePhrases are the prizes. Advertisements are full of them too, so they count
// beside a brand that the catalogue knows, and not elsewhere.
var prizePhrases = [...]string{
	"you have won", "you've won", "you have been selected", "you've been selected", "been chosen", "chance to win", "chance to receive", "claim your",
	"claim now", "free gift", "exclusive reward", "your reward", "gift card", "congratulations", "act now", "short survey",
	"limited time", "letzte chance", "glückwunsch", "sie haben gewonnen", "gewinnen sie", "ausgewählt", "ihre chance", "chance zu gewinnen",
	"belohnung", "jetzt teilnehmen", "geschenk", "dernière chance", "félicitations", "vous avez été choisi", "vous avez été sélectionné", "vous avez gagné",
	"offre surprise", "une surprise", "questionnaire", "felicidades", "enhorabuena", "ha sido seleccionado", "ganado", "parabéns",
	"pré-aprovação", "você ganhou", "prêmio", "congratulazioni", "hai vinto", "sei stato selezionato", "gefeliciteerd", "je hebt gewonnen",
	"u heeft gewonnen", "win nu", "enquête", "resgate seus",
}

// phrases finds the first of many phrases in one pass: those that share their
// first bytes lie in one bucket.
type phrases [1 << 12][]string

// phraseHead is the number of bytes that choose the bucket; no phrase is shorter.
const phraseHead = 4

// These hold their phrases as texts are folded.
var (
	lures     = sync.OnceValue(func() *phrases { return newPhrases(lurePhrases[:], prizePhrases[:]) })
	threats   = sync.OnceValue(func() *phrases { return newPhrases(lurePhrases[:]) })
	bossLures = sync.OnceValue(func() *phrases { return newPhrases(bossPhrases[:]) })
)

func newPhrases(lists ...[]string) *phrases {
	p := &phrases{}
	for _, phrase := range slices.Concat(lists...) {
		folded := strings.TrimSpace(canon.Fold(phrase).Folded)
		b := bucketOf(folded, 0)
		p[b] = append(p[b], folded)
	}
	return p
}

// bucketOf is the bucket of what stands at s[i:].
func bucketOf(s string, i int) uint32 {
	head := uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
	return head * 2654435761 >> 20 // Knuth's multiplicative hash, 12 bits of it
}

// in returns where the first phrase in s begins and ends.
func (p *phrases) in(s string) (start, end int, ok bool) {
	for i := 0; i+phraseHead <= len(s); i++ {
		for _, phrase := range p[bucketOf(s, i)] {
			if strings.HasPrefix(s[i:], phrase) {
				return i, i + len(phrase), true
			}
		}
	}
	return 0, 0, false
}

// relateWords looks for pressing words, where a claim is not met. In mail that
// claims nothing they are left alone.
func (r *relation) relateWords() {
	for i := range r.standings {
		s := &r.standings[i]
		if !s.unmet(faint) {
			continue
		}
		if phrase := r.lure(); phrase != "" {
			r.add(Lure, s.brand.ID, "says "+quote(phrase)+", and "+r.claimsWhat(s))
		}
		return
	}
}

// lure returns the first pressing phrase that the reader sees, as seen. It looks
// once.
func (r *relation) lure() string {
	if r.pressing == nil {
		phrase := r.firstPhrase(lures())
		r.pressing = &phrase
	}
	return *r.pressing
}

// firstPhrase returns the first of the phrases that the reader of the message sees.
func (r *relation) firstPhrase(of *phrases) string {
	if phrase := of.seenIn(canon.Fold(r.Message.Subject.Shown)); phrase != "" {
		return phrase
	}
	left := maxLureBytes
	for i, p := range r.Message.Passages {
		if p.Kind == mail.PassageHidden {
			continue
		}
		text := cut(p.Text, min(left, maxLureLine))
		if phrase := of.seenIn(r.Folds.Fold(i, text)); phrase != "" {
			return phrase
		}
		if left -= len(text); left <= 0 {
			break
		}
	}
	return ""
}

func lureIn(text string) string { return lures().seenIn(canon.Fold(text)) }

// seenIn returns the first of the phrases in t, as seen; "" for none.
func (p *phrases) seenIn(t canon.Text) string {
	start, end, ok := p.in(t.Folded)
	if !ok {
		return ""
	}
	return t.Seen(start, end)
}
