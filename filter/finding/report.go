package finding

import (
	"slices"
	"strings"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
)

// reporters are the local parts under which mail systems report on deliveries.
var reporters = [...]string{"postmaster", "mailer-daemon", "mailerdaemon"}

// exchangeReporter begins the local parts of Exchange's own mailboxes.
const exchangeReporter = "microsoftexchange"

// mailPrograms are display names that mail systems put on their reports: the name
// of the software, which the organisation that runs it did not choose.
var mailPrograms = [...]string{"Microsoft Outlook", "Outlook", "Microsoft Exchange", "Mail Delivery System"}

// notice reports whether all that claims s is the name of the software on a
// delivery report (RFC 3464). Reports come with the null reverse-path (section 2
// there); anything else only looks like one.
func (r *relation) notice(s *standing) bool {
	if !r.deliveryReport() {
		return false
	}
	return !slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return c.Strength.AtLeast(claim.Medium) && !(c.Place == claim.FromName && slices.Contains(mailPrograms[:], strings.TrimSpace(c.Seen)))
	})
}

// deliveryReport reports whether the message has the form, or the sender, of a
// report on a delivery.
func (r *relation) deliveryReport() bool {
	if r.Envelope != nil && r.Envelope.Sender != "" {
		return false
	}
	for _, p := range r.Message.Parts {
		if p.MediaType == "message/delivery-status" || p.MediaType == "multipart/report" {
			return true
		}
	}
	return slices.ContainsFunc(r.Message.From, func(box mail.Mailbox) bool {
		local := strings.ToLower(box.Local)
		return slices.Contains(reporters[:], local) || strings.HasPrefix(local, exchangeReporter)
	})
}
