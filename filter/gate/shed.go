package gate

import (
	"slices"

	"sekisho/filter/mail"
	"sekisho/filter/record"
	"sekisho/policy"
)

// leave names what reading a message does without.
func leave(may []policy.Check) []mail.Check {
	var list []mail.Check
	for _, c := range may {
		switch c {
		case policy.Pictures:
			list = append(list, mail.CheckPictures)
		case policy.Documents:
			list = append(list, mail.CheckDocuments)
		}
	}
	return list
}

// left states in the decision what was left out: only that which there was something
// to look at for.
func (g *Gate) left(d *record.Decision, may []policy.Check) {
	for _, c := range may {
		switch c {
		case policy.Pictures:
			if !slices.Contains(d.Message.Left, mail.CheckPictures) {
				continue
			}
		case policy.Documents:
			if !slices.Contains(d.Message.Left, mail.CheckDocuments) {
				continue
			}
		case policy.Shadow:
			if g.opt.Shadow == nil {
				continue
			}
		}
		d.Shed = append(d.Shed, c)
	}
}
