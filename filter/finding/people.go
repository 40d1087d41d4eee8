package finding

import (
	"slices"
	"strings"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// relatePeople names a sender who calls himself like somebody of the operator's
// own people and writes from an address that is none of that person's: the letter
// of the boss who needs a payment made, at once and in secret.
func (r *relation) relatePeople() {
	for i, box := range r.Message.From {
		if i == maxMailboxes {
			return
		}
		person, ok := r.stranger(box)
		if !ok {
			continue
		}
		from := box.Address
		if from == "" {
			from = "no address"
		}
		why := "the display name " + quote(box.Name.Shown) + " is that of " + person.Name + " (" + person.Brand.Name + "), " + from + " is no address of that person"
		r.add(PersonImpersonation, person.Brand.ID, why)
		if phrase := r.asksBoss(); phrase != "" {
			r.add(Lure, person.Brand.ID, "says "+quote(phrase)+", in the name of "+person.Name)
		}
		for _, reply := range r.Message.ReplyTo {
			if r.Catalogue.Mailbox(reply.Domain) && !slices.Contains(person.Addresses, strings.ToLower(reply.Address)) {
				r.add(ReplyElsewhere, person.Brand.ID, "answers go to a mailbox at "+reply.Domain+", in the name of "+person.Name)
				break
			}
		}
		return
	}
}

// stranger returns the person whose name box bears although it is not his.
func (r *relation) stranger(box mail.Mailbox) (brand.Person, bool) {
	texts := append([]string{box.Name.Shown}, box.Name.Also...)
	for _, text := range texts[:min(len(texts), maxNameReadings)] {
		for _, person := range r.Catalogue.People(canon.Fold(cut(text, maxNameBytes))) {
			if !r.isPerson(box, person) {
				return person, true
			}
		}
	}
	return brand.Person{}, false
}

// isPerson reports whether nothing speaks against box being the person's own: it is
// one of his addresses, or one in his organisation's domains. An address alone
// proves nothing, so one that the checks refute is his only while the message asks
// for nothing. A list or a service that writes on behalf of people puts their names
// before its own address; it has to be proved to be that service.
func (r *relation) isPerson(box mail.Mailbox, person brand.Person) bool {
	own := r.Catalogue.Owns(person.Brand.ID, box.Domain)
	if own || slices.Contains(person.Addresses, strings.ToLower(box.Address)) {
		return r.proves(person.Brand.ID) || !r.refuted() || r.asksBoss() == ""
	}
	if !r.aligned() {
		return false
	}
	if _, list := r.Message.Header.First("List-Id"); list && proof.OrgDomain(listOf(r.Message.Header)) == proof.OrgDomain(box.Domain) {
		return true
	}
	return len(r.Catalogue.Owners(box.Domain)) > 0
}

// bossPhrases are what those ask for who write in the name of a boss, folded as
// texts are when they are used.
var bossPhrases = [...]string{
	"振込", "お振り込み", "送金", "ギフトカード", "ギフト券", "電子マネー", "至急", "内密", "極秘", "LINEグループ", "グループを作成", "QRコードを", "口座情報", "請求書の支払", "支払いをお願い", "携帯番号を", "今、会社に", "今会社に", "手が空いて",
	"wire transfer", "bank transfer", "gift card", "gift cards", "are you available", "are you free", "are you at your desk", "quick task", "quick favor", "urgent task", "urgent request", "confidential", "your cell", "your mobile number", "whatsapp", "make a payment", "process a payment", "direct deposit", "payroll", "new bank account", "bank details",
	"überweisung", "überweisen", "geschenkkarte", "vertraulich", "bankverbindung", "virement", "carte cadeau", "cartes cadeaux", "confidentiel", "transferencia", "tarjeta de regalo", "confidencial", "transferência", "cartão-presente", "bonifico", "riservato",
}

// asksBoss returns the first such phrase, or pressing words, that the reader sees.
func (r *relation) asksBoss() string {
	if r.asking == nil {
		phrase := r.lure()
		if phrase == "" {
			phrase = r.firstPhrase(bossLures())
		}
		r.asking = &phrase
	}
	return *r.asking
}
