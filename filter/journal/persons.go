package journal

import (
	"slices"
	"strings"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// withoutPersons returns facts without what people wrote or are called. What
// stays are domains, hosts, results, names of findings and of brands: all that the
// verdicts of thresholds, actions and forwarders rest on. Texts that may quote what
// is left out are left out too.
func withoutPersons(in *fact.Facts) *fact.Facts {
	f := *in
	f.Message.From = domains(f.Message.From)
	f.Message.Sender = domains(f.Message.Sender)
	f.Message.ReplyTo = domains(f.Message.ReplyTo)
	f.Message.Subject = ""
	f.Message.Attachments = slices.Clone(f.Message.Attachments)
	for i := range f.Message.Attachments {
		f.Message.Attachments[i].Name = ""
	}
	f.Envelope.Sender = domainOnly(f.Envelope.Sender)
	f.Envelope.User = ""
	f.Claim.All = slices.Clone(f.Claim.All)
	for i := range f.Claim.All {
		f.Claim.All[i].Seen, f.Claim.All[i].Folded = "", ""
	}
	f.Links = slices.Clone(f.Links)
	for i := range f.Links {
		f.Links[i].URL = "" // often tells for whom it was made
	}
	f.Found = nameless(f.Found)
	f.Detour.Vouched = nameless(f.Detour.Vouched)
	return &f
}

func domains(list []fact.Mailbox) []fact.Mailbox {
	out := make([]fact.Mailbox, len(list))
	for i, m := range list {
		out[i] = fact.Mailbox{Domain: m.Domain}
	}
	return out
}

func nameless(found []finding.Finding) []finding.Finding {
	out := slices.Clone(found)
	for i := range out {
		out[i].Why = ""
	}
	return out
}

// domainOnly takes the local part off an address: "@example.jp" has the same
// policy. An address without a domain becomes "".
func domainOnly(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return address[at:]
}
