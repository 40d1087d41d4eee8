package finding

import (
	"sekisho/filter/mail"
	"sekisho/policy/listed"
)

// relateListed looks for the sender, the addresses of answers and the links in the
// lists that the operator subscribes to. An entry counts only together with the
// proof: a spoofed address says nothing about mail that its owner is proved to
// have sent, and an attacker's is wrong where the brand that it is said to pose as
// is proved itself. Such a conflict is told, so that somebody looks at the list.
func (r *relation) relateListed() {
	if r.Lists.Len() == 0 {
		return
	}
	for i, box := range r.Message.From {
		if i == maxMailboxes {
			break
		}
		r.listedSender("From", box.Address, box.Domain)
	}
	if r.Envelope != nil && r.Envelope.Sender != "" {
		if domain, ok := mail.ASCIIDomain(afterAt(r.Envelope.Sender)); ok {
			r.listedSender("the envelope sender", r.Envelope.Sender, domain)
		}
	}
	for i, box := range r.Message.ReplyTo {
		if i == maxMailboxes {
			break
		}
		r.listedSender("Reply-To", box.Address, box.Domain)
	}
	for i, l := range r.Message.Links {
		if i == maxLinks {
			break
		}
		if l.Kind == mail.LinkImage || l.Host == "" {
			continue
		}
		if e, ok := r.Lists.Link(l.URL, l.Host); ok && e.Kind == listed.Attacker {
			r.addListed(ListedLink, "a link goes to "+quote(l.Host), e)
		}
	}
}

// listedSender looks up one address; where says in what field it stands.
func (r *relation) listedSender(where, address, domain string) {
	e, ok := r.Lists.Sender(address, domain)
	switch {
	case !ok:
	case e.Kind == listed.Attacker:
		r.addListed(ListedSender, where+" is "+quote(address), e)
	case where == "From" && r.unvouched():
		r.addListed(ListedSender, where+" is "+quote(address)+", which impostors are known to write there, and nothing proves it", e)
	}
}

func (r *relation) addListed(name Name, what string, e listed.Entry) {
	why := what + ", listed at " + e.Where
	if e.Claimed != "" {
		why += " as posing as " + e.Claimed
	}
	if e.Brand != "" && r.proves(e.Brand) {
		r.add(ListConflict, e.Brand, why+"; but that brand is proved to have sent the message, so the entry does not count")
		return
	}
	r.add(name, e.Brand, why)
}

// afterAt returns the domain of an address.
func afterAt(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return ""
}
