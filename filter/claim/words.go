package claim

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/claim/canon"
	"sekisho/policy/brand"
)

// vocabulary is the words with which a brand's own sender adorns its name, folded
// as the texts are.
type vocabulary struct {
	service map[string]struct{} // words beside a name that leave it the sender's name
	shops   map[string]struct{} // words that make of a market's name a shop on it
	alarm   []string            // what follows a name in a bracket that presses
	speaks  []string            // what follows a name that opens a line and speaks
	uses    []string            // what follows a name whose customer is greeted
	selves  []string            // what stands before a name that speaks of itself
	marks   []string            // copyright and operator marks
}

// serviceWords are words of departments, notices, greetings and company forms in
// the languages that phishing is written in, small words included. They say
// nothing by themselves.
const serviceWords = `
株式会社 有限会社 合同会社 グループ ホールディングス カード 銀行 証券 市場 会員 会員様 会員各位 会員専用 事務局 運営事務局 運営会社 運営 運営元
サポート サポートセンター カスタマー カスタマーサポート カスタマーサービス カスタマーセンター カスタマセンター センター サービス 窓口 お問い合わせ お問い合わせ窓口 問合せ
お知らせ 知らせ 重要 重要なお知らせ 緊急 至急 通知 配信 自動配信 配信専用 送信専用 ご案内 案内 ご連絡 連絡 ご確認 確認 メール メールマガジン メルマガ ニュース
お客様 お客さま 客様 各位 様 さま 御中 本人 御本人 様へ へ から より の は です でございます と 及び および
公式 オンライン アカウント アカウントサービス セキュリティ 認証 管理 管理部 本社 本店 本部 総合 東京 日本 ジャパン ショッピング 会社 システム 専用 ポイント 担当 チーム 部 課 株 係
ご利用 利用 ありがとう ありがとうございます ありがとうございました いただき ご愛顧 平素 平素より いつも 誠に を して
팀 고객 센터 고객센터 公司 有限公司 客服 客户 服务 中心 通知 账户 安全 官方 团队 服務 帳戶
support supports team teams security secure billing notification notifications notice notices noreply noreplies no reply donotreply automated do not
service services servicio serviço servizio customer customers client clients member members membership user users care center centre desk helpdesk help
account accounts konto konten cuenta conta compte conto rekening info information informations news newsletter mail email mailer online web app official verified verification
alert alerts update updates admin administrator department dept division office operations relations contact
order orders ordering invoice invoices receipt receipts payment payments pay billing statement statements tracking status delivery shipping shipment parcel package packages paket pakket colis paquete pacote sendung zustellung kundenservice
card cards bank banking banque banco banca credit debit wallet rewards reward prime plus premium club store shop survey surveys gift gifts giftcard card offer offers deal deals sale sales promotion promotions promo winner bonus loyalty voucher coupon program programme prize
inc ltd llc co corp corporation company gmbh ag sa spa srl bv nv plc limited kk group global international worldwide
com net org jp de fr uk us ca au br es it nl io me eu tv www http https html mailto
the your our my mr mrs dear hello hi hey from by via at of for to and on in with on behalf message messages
thank thanks you using choosing regards best kind sincerely yours cheers welcome
kunde kunden kundendienst kundenbetreuung ihr ihre ihren dein deine sehr geehrte geehrter geehrtes liebe lieber hallo von vom für und der die das im bei mit grüßen grüsse grüße freundlichen team dankt ihnen gutschein gutscheine geschenk geschenke gewinn gewinnspiel belohnung treueprogramm nachricht benachrichtigung angebot angebote deutschland bestellung
cher chère chers client cliente clients bonjour votre vos notre nos le la les l du des de d équipe service assistance cadeau cadeaux offre offres message avis informations sécurité espace france livraison colis commande boutique
estimado estimada cliente clientes hola su tu el los las del y atención atencion equipo seguridad soporte regalo regalos oferta aviso envío pedido españa méxico
prezado prezada caro cara olá ola seu sua o a os as do da dos das e equipe atendimento suporte segurança seguranca promoções promocoes presente loja entrega encomenda brasil
gentile ciao tuo tua il lo gli di del della assistenza clienti sicurezza offerta premio spedizione italia
beste geachte klant klanten uw jouw het een van en klantenservice actie acties cadeau bericht nederland bezorging bestelling
renewal renew subscription subscriptions abonnement abonnements abo assinatura suscripción membresía exclusive free gratis mystery box lucky draw
christmas xmas weihnachten weihnachts noël noel navidad natal easter ostern pâques pascua black friday cyber monday anniversary jubiläum
office municipal municipality ministry tax court police customs council authority revenue pension
prefeitura receita tribunal justiça justica processo ministério ministerio secretaria ayuntamiento agencia tributaria hacienda juzgado policía
finanzamt rathaus amtsgericht polizei zoll krankenkasse mairie impôts trésor tribunal préfecture gemeente belastingdienst comune agenzia entrate polizia
税務署 市役所 区役所 町役場 県庁 裁判所 警察署 年金事務所 水道局 法務局 税関
copyright reserved rights all`

// shopWords turn the name of a market into the name of a shop on it: 楽天市場店.
const shopWords = `店 店舗 支店 出店 出店者 ショップ 店長 加盟店 号店`

// alarmWords follow the name of a firm in a bracket that cries wolf: 【楽天異常検知】.
const alarmWords = `異常 不正 不審 警告 警報 停止 制限 凍結 失効 緊急 至急 重要 検知 検出 alert warning security suspended locked`

// speakingMarks follow a name that opens a line and speaks for itself.
const speakingMarks = `: ： | からの よりお よりご です でございます`

// usageMarks follow the name of the firm that greets its own customers.
const usageMarks = `をご利用 のご利用 をいつもご利用 を御利用 をご愛顧 にご登録 会員の皆様 ご利用のお客様 をお使い`

// selfMarks stand before the name of the firm that speaks of itself; one a line.
const selfMarks = `we at
us at
here at
wir bei
wir von
nous chez
noi di
弊社
当社
私ども`

// ownerMarks stand in lines that say who publishes a message; one a line.
const ownerMarks = `©
(c)
copyright
all rights reserved
alle rechte vorbehalten
tous droits réservés
todos los derechos reservados
todos os direitos reservados
tutti i diritti riservati
alle rechten voorbehouden
発行元
発行者
発行:
配信元
発信元
運営会社
運営:
運営元
無断転載
無断複製`

// newVocabulary folds the lists as texts are folded, so that both compare equal.
func newVocabulary() vocabulary {
	return vocabulary{
		service: foldedSet(serviceWords),
		shops:   foldedSet(shopWords),
		alarm:   foldedList(strings.Fields(alarmWords)),
		speaks:  foldedList(strings.Fields(speakingMarks)),
		uses:    foldedList(strings.Fields(usageMarks)),
		selves:  foldedList(strings.Split(selfMarks, "\n")),
		marks:   foldedList(strings.Split(ownerMarks, "\n")),
	}
}

func foldedList(words []string) []string {
	var list []string
	for _, w := range words {
		if folded := strings.TrimSpace(canon.Fold(w).Folded); folded != "" {
			list = append(list, folded)
		}
	}
	return list
}

func foldedSet(words string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, w := range foldedList(strings.Fields(words)) {
		set[w] = struct{}{}
	}
	return set
}

// residue is what a text holds beside the names of brands.
type residue struct {
	service int  // words of a service
	foreign int  // all other words
	latin   int  // of the foreign words, those in scripts with spaces
	shops   int  // of the foreign words, those for a shop
	shop    bool // the name of a market is used as the name of a shop on it
}

// own counts the words that can be another name.
func (r residue) own() int { return r.foreign - r.shops }

// person reports whether the words beside an everyday word make it part of the
// name of a person: "Chase Miller".
func (r residue) person() bool {
	return r.service == 0 && r.foreign > 0 && r.foreign <= 2 && r.latin == r.foreign
}

// residue reads what is left of t without its matches. It stops where enough is
// known: a few foreign words make t a sentence.
func (v vocabulary) residue(t reading) residue {
	rest := residue{shop: v.anyShop(t)}
	folded := t.text.Folded
	if len(folded) > maxPhraseBytes {
		rest.foreign = maxForeignWords
		return rest
	}
	at := 0
	for _, m := range t.matches {
		v.scan(folded[at:m.Start], &rest)
		at = m.End
	}
	v.scan(folded[at:], &rest)
	return rest
}

// anyShop reports whether a match in t is followed by the word for a shop.
func (v vocabulary) anyShop(t reading) bool {
	for _, m := range t.matches {
		if v.shopAfter(t.text.Folded[m.End:]) {
			return true
		}
	}
	return false
}

// opens reports whether nothing but words of a service stands before m.
func (v vocabulary) opens(t reading, m brand.Match) bool {
	if m.Start > maxPhraseBytes {
		return false
	}
	var before residue
	v.scan(t.text.Folded[:m.Start], &before)
	return before.foreign == 0
}

func (v vocabulary) shopAfter(tail string) bool {
	n, _ := longest(v.shops, tail)
	own, _ := longest(v.service, tail)
	return n > own
}

// separates reports whether what follows a name sets it off as the name of the
// speaker: "Brand - a notice".
func separates(tail string) bool {
	tail = strings.TrimLeft(tail, " ®™©")
	for _, mark := range [...]string{"- ", "| ", ": ", "/ "} {
		if strings.HasPrefix(tail, mark) {
			return true
		}
	}
	return false
}

// senderMarks stand between the name of a person and the firm that he writes for.
var senderMarks = [...]string{" from ", " with ", " at ", " von ", " vom ", " bei ", " chez ", " van ", " di ", " da ", " @ ", "@"}

// sentBy reports whether t ends in m and says that somebody writes for it: "Anna
// from Brand", "Anna von Brand Service". Two words may go before.
func (v vocabulary) sentBy(t reading, m brand.Match) bool {
	if len(t.text.Folded) > maxPhraseBytes {
		return false
	}
	head := t.text.Folded[:m.Start]
	for _, mark := range senderMarks {
		before, ok := strings.CutSuffix(head, mark)
		if !ok || len(strings.Fields(before)) > maxSenderWords || strings.TrimSpace(before) == "" {
			continue
		}
		var after residue
		v.scan(t.text.Folded[m.End:], &after)
		return after.foreign == 0
	}
	return false
}

// alarms reports whether m opens t and words of alarm follow.
func (v vocabulary) alarms(t reading, m brand.Match) bool {
	return v.opens(t, m) && startsWithAny(t.text.Folded[m.End:], v.alarm)
}

func (v vocabulary) speaksAfter(tail string) bool { return startsWithAny(tail, v.speaks) }

// selfBefore reports whether the text before a name makes it the speaker's own.
func (v vocabulary) selfBefore(head string) bool {
	head = strings.TrimRight(head, " ")
	for _, mark := range v.selves {
		if before, ok := strings.CutSuffix(head, mark); ok && (before == "" || mark[0] >= utf8.RuneSelf || strings.HasSuffix(before, " ")) {
			return true
		}
	}
	return false
}

func (v vocabulary) usesAfter(tail string) bool { return startsWithAny(tail, v.uses) }

func startsWithAny(tail string, list []string) bool {
	tail = strings.TrimLeft(tail, " ")
	for _, w := range list {
		if strings.HasPrefix(tail, w) {
			return true
		}
	}
	return false
}

// owned reports whether a folded line says who publishes the message.
func (v vocabulary) owned(folded string) bool {
	for _, mark := range v.marks {
		if strings.Contains(folded, mark) {
			return true
		}
	}
	return false
}

// scan sorts the words of s into rest, up to its limits.
func (v vocabulary) scan(s string, rest *residue) {
	for len(s) > 0 && rest.foreign < maxForeignWords && rest.service < maxServiceWords {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			s = s[size:]
		case spaceless(r):
			s = s[v.scanSpaceless(s, rest):]
		default:
			end := strings.IndexFunc(s, func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || spaceless(r)
			})
			if end < 0 {
				end = len(s)
			}
			v.scanWord(s[:end], rest)
			s = s[end:]
		}
	}
}

// scanWord sorts one word of a script with spaces. Single letters ("S/A", "'s")
// and words with digits (dates, parcel numbers) say nothing.
func (v vocabulary) scanWord(word string, rest *residue) {
	if len(word) == 1 || strings.ContainsAny(word, "0123456789") {
		return
	}
	if _, ok := v.service[word]; ok {
		rest.service++
		return
	}
	rest.foreign++
	rest.latin++
}

// scanSpaceless sorts the longest word that a text without spaces begins with and
// returns its length; text that is no known word is one foreign word, up to its
// end.
func (v vocabulary) scanSpaceless(s string, rest *residue) int {
	shop, _ := longest(v.shops, s)
	service, first := longest(v.service, s)
	switch {
	case shop > service:
		rest.shop = true
		rest.foreign++
		rest.shops++
		return shop
	case service > 0:
		rest.service++
		return service
	}
	rest.foreign++
	end := first
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !spaceless(r) {
			break
		}
		if n, _ := longest(v.shops, s[end:]); n > 0 {
			break // still tell a shop from its market
		}
		end += size
	}
	return end
}

// longest returns the length of the longest word of set that s begins with, and
// that of the first rune of s.
func longest(set map[string]struct{}, s string) (best, first int) {
	end := 0
	for range maxWordRunes {
		if end == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
		if first == 0 {
			first = end
		}
		if _, ok := set[s[:end]]; ok {
			best = end
		}
	}
	return best, first
}

// spaceless reports whether r belongs to a script written without spaces.
func spaceless(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) || r == 'ー' || r == '々'
}
