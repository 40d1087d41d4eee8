package brand

import "sekisho/policy/strictyaml"

// text is a word of a data file and where it stands.
type text = strictyaml.Located[string]

// file is the form of a data file.
type file struct {
	Version    strictyaml.Located[int] `yaml:"version,required"`
	Brands     []entry                 `yaml:"brands"`
	Protected  []protected             `yaml:"protected"`
	NeverProof neverProof              `yaml:"never_proof"`
}

// neverProof lists names that prove no brand.
type neverProof struct {
	MailServices []text `yaml:"mail_services"`
	TenantSpace  []text `yaml:"tenant_space"`
	Redirectors  []text `yaml:"redirectors"`
	Mailboxes    []text `yaml:"mailboxes"`
}

// entry is a brand in a data file.
type entry struct {
	ID                 text    `yaml:"id,required"`
	Name               text    `yaml:"name,required"`
	Category           text    `yaml:"category,required"`
	Countries          []text  `yaml:"countries"`
	Languages          []text  `yaml:"languages"`
	OwnerGroup         text    `yaml:"owner_group"`
	Confidence         text    `yaml:"confidence"`
	Tier               text    `yaml:"tier"`
	Aliases            []label `yaml:"aliases,required"`
	Domains            []text  `yaml:"domains"`
	Suffixes           []text  `yaml:"suffixes"`
	TLDs               []text  `yaml:"tlds"`
	MailDomains        []text  `yaml:"mail_domains"`
	ESPDomains         []text  `yaml:"esp_domains"`
	AssetHosts         []text  `yaml:"asset_hosts"`
	UserMail           []text  `yaml:"user_mail"`
	UserMailSubdomains bool    `yaml:"user_mail_subdomains"`
	ReportMail         []text  `yaml:"report_mail"`
	ReportPages        []text  `yaml:"report_pages"`
	FooterPrints       []text  `yaml:"footer_prints"`
	Advice             advice  `yaml:"advice"`

	own    bool // an organisation of the operator's own, see protected
	people []person
}

// advice is what recipients are told, by language.
type advice struct {
	JA text `yaml:"ja"`
	EN text `yaml:"en"`
}

// label is an alias: plain text, or a mapping where there is more to say.
type label struct {
	Name      text   `yaml:"name,required"`
	Ambiguous bool   `yaml:"ambiguous"`
	Case      text   `yaml:"case"`
	Not       []text `yaml:"not"`
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (l *label) UnmarshalValue(v strictyaml.Value) {
	if !v.IsMapping() {
		v.Decode(&l.Name)
		return
	}
	type plain label
	v.Decode((*plain)(l))
}

// brand returns the entry as the rest of the program knows it.
func (e *entry) brand() *Brand {
	b := &Brand{
		ID: e.ID.Value, Name: e.Name.Value, Category: e.Category.Value,
		Countries: values(e.Countries), Languages: values(e.Languages),
		OwnerGroup: e.OwnerGroup.Value, Confidence: Confidence(e.Confidence.Value), Tier: Tier(e.Tier.Value),
		Aliases: make([]Alias, len(e.Aliases)),
		Domains: values(e.Domains), Suffixes: values(e.Suffixes), TLDs: values(e.TLDs),
		MailDomains: values(e.MailDomains), ESPDomains: values(e.ESPDomains), AssetHosts: values(e.AssetHosts),
		UserMail: values(e.UserMail), UserMailSubdomains: e.UserMailSubdomains,
		ReportMail: values(e.ReportMail), ReportPages: values(e.ReportPages),
	}
	if b.Confidence == "" {
		b.Confidence = High
	}
	if b.Tier == "" {
		b.Tier = Full
	}
	b.FooterPrints = values(e.FooterPrints)
	b.Advice = Advice{JA: e.Advice.JA.Value, EN: e.Advice.EN.Value}.orUsual(b)
	b.Own, b.People = e.own, e.persons(b)
	for i, a := range e.Aliases {
		b.Aliases[i] = Alias{Name: a.Name.Value, Ambiguous: a.Ambiguous, Exact: a.Case.Value == "exact", Not: values(a.Not)}
	}
	return b
}

func values(list []text) []string {
	if len(list) == 0 {
		return nil
	}
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = w.Value
	}
	return words
}
