package act

import (
	"sekisho/filter/act/banner"
	"sekisho/policy"
)

// warn puts the banner into the body if every recipient's policy asks for the same
// one, and tells what came of it. A header field that has to go with it is changed
// where it stands or added below all others, so that the places of the others stay.
func warn(in Input, rs []Recipient) (body []byte, edits []Edit, note string) {
	style := commonBanner(rs)
	if style == banner.None {
		return nil, nil, ""
	}
	change, why := banner.Insert(in.Header, in.Body, banner.Compose(in.Brand, style).ReportTo(in.Report))
	if why != "" {
		return nil, nil, string(why)
	}
	for _, e := range change.Edits {
		edit := Edit{Op: Change, Index: 1, Name: e.Name, Value: fold(len(e.Name)+len(": "), e.Value), WithBody: true}
		if e.Add {
			edit.Op, edit.Index = Insert, bottom
		}
		edits = append(edits, edit)
	}
	return change.Body, edits, BannerWritten
}

// commonBanner is the banner that every recipient's policy asks for, else none:
// all of them read the same body.
func commonBanner(rs []Recipient) banner.Style {
	style := rs[0].Banner
	if all(rs, func(r Recipient) bool { return r.Verdict == policy.Tag && r.Banner == style }) {
		return style
	}
	return banner.None
}

// BannerNotes lists what Plan.Banner may say when a banner was asked for.
func BannerNotes() []string {
	notes := []string{BannerWritten}
	for _, r := range banner.Refusals() {
		notes = append(notes, string(r))
	}
	return notes
}
