package rule

// Example is a rule as operators write them.
type Example struct {
	When    string
	Meaning string
}

// Examples returns rules to begin with.
func Examples() []Example {
	return []Example{
		{`claim.brands.exists(b, b == "amazon") && message.subject.contains("ギフト券")`, "claims to be Amazon and speaks of gift cards"},
		{`links.exists(l, l.kind == "qr" && l.org != proof.from_org)`, "a QR code leads away from the author's organisation"},
		{`message.attachments.exists(a, a.name.matches(r"(?i)\.(exe|js|lnk|iso)$"))`, "an attachment that runs"},
		{`message.from.exists(f, fold(f.name).contains(fold("アマゾン"))) && !under(proof.from_domain, "amazon.co.jp")`, "a display name in any spelling, from somebody else's domain"},
		{`proof.aligned && proof.dkim.all(s, s.bits < 2048)`, "proved, but only by short keys"},
		{`envelope.recipients > 10 && !has(message.list) && "lure" in finding.names`, "pressing words to many at once, and no mailing list"},
		{`message.reply_to.exists(r, org(r.domain) != proof.from_org)`, "answers go to another organisation"},
		{`links.exists(l, l.host.matches("^[0-9.]+$"))`, "a link to a bare IP address"},
	}
}
