package web

import (
	"slices"

	"sekisho/policy/brand"
)

// advice is what somebody should do who was sent a fake: about the brand, and about
// the message whoever it poses as. The texts that hold for all are in text/*.json.
type advice struct {
	Brand  string   // what the catalogue says about it; "" without a brand
	Own    []string // names under which the brand is really found
	Report []string // addresses of the brand that take reports
	Pages  []string // and pages
	Known  bool     // there is a brand
}

const maxOwnNames = 4 // enough to recognise, few enough to read

func newAdvice(b *brand.Brand, lang string) advice {
	if b == nil {
		return advice{}
	}
	a := advice{Known: true, Brand: b.Advice.EN, Report: b.ReportMail, Pages: b.ReportPages}
	if lang == japanese {
		a.Brand = b.Advice.JA
	}
	a.Own = slices.Clone(b.Domains[:min(len(b.Domains), maxOwnNames)])
	return a
}
