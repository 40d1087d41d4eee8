package claim

import (
	"slices"
	"strings"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// line is one passage with its place among the lines of its part.
type line struct {
	passage *mail.Passage
	index   int  // of the passage
	top     bool // where a letter head and greeting stand
	bottom  bool // where signature and imprint stand
	quoted  bool // somebody else's words
	logo    bool // the first picture with a text: where senders put their logo
}

// readBody reads the visible text. Each passage is folded once.
func (r *Reader) readBody(m *mail.Message, found *collection) Folds {
	lines := visible(m.Passages)
	if onlyQuotes(m, lines) {
		for i := range lines {
			lines[i].quoted = false
		}
	}
	folds := make(Folds, min(len(m.Passages), maxPassages))
	for _, l := range lines {
		t := r.readLine(l.passage.Text)
		if l.index < len(folds) {
			folds[l.index] = t.text
		}
		for _, m := range t.footers {
			if !l.quoted {
				found.add(Claim{Brand: m.Brand.ID, Alias: m.Alias.Name, Place: Signature, Strength: Medium, Seen: around(t.seen, t.text.Seen(m.Start, m.End)), Folded: t.text.Folded[m.Start:m.End]})
			}
		}
		if len(t.matches) == 0 {
			continue
		}
		if slices.ContainsFunc(t.matches, t.inAddress) {
			l.quoted = true
		}
		place, grade := r.judge(l, t)
		r.claimed(t, place, found, grade)
	}
	return folds
}

// readLine reads one passage; one that turns the direction of its letters as it
// is shown.
func (r *Reader) readLine(text string) reading {
	text = canon.Cut(text, maxLineBytes)
	text, _ = canon.Turned(text)
	return r.read(text)
}

// onlyQuotes reports whether m quotes from its first line on without being an
// answer or a forwarded message: then the quotation is what it has to say.
func onlyQuotes(m *mail.Message, lines []line) bool {
	if len(lines) == 0 || !lines[0].quoted || inThread(m) {
		return false
	}
	_, mark := withoutReplyMarks(cut(m.Subject.Shown, maxHeaderBytes))
	return mark == unmarked
}

// passesOn reports whether m holds a message of somebody else below words of its
// own.
func passesOn(m *mail.Message) bool {
	own := false
	for i := range m.Passages {
		p := &m.Passages[i]
		switch {
		case i == maxPassages:
			return false
		case p.Kind == mail.PassageHidden:
		case startsQuote(p.Text):
			return own
		default:
			own = true
		}
	}
	return false
}

// visible returns the passages that readers see, within the limits: the head of
// the body and its end.
func visible(passages []mail.Passage) []line {
	count := 0
	lines := make([]line, 0, min(len(passages), maxPassages))
	size, inPart, part, quoted, logo := 0, 0, -1, false, true
	for i := range passages {
		p := &passages[i]
		if p.Kind == mail.PassageHidden {
			continue
		}
		if p.Part != part {
			markBottom(lines[count:])
			count, inPart, part, quoted = len(lines), 0, p.Part, false
		}
		quoted = quoted || startsQuote(p.Text)
		l := line{passage: p, index: i, top: inPart < headingLines, quoted: quoted || strings.HasPrefix(p.Text, ">")}
		if isLine(p.Kind) {
			inPart++
		}
		if p.Kind == mail.PassageAlt {
			l.logo, logo = logo, false
		}
		if size += min(len(p.Text), maxLineBytes); size > maxHeadBytes || len(lines) == maxPassages {
			lines = append(lines, tail(passages, i)...)
			break
		}
		lines = append(lines, l)
	}
	markBottom(lines[count:])
	return lines
}

// tail returns the last passages from that one on, within maxTailBytes.
func tail(passages []mail.Passage, after int) []line {
	size, first := 0, len(passages)
	for first > after && len(passages)-first < 2*signatureLines {
		size += min(len(passages[first-1].Text), maxLineBytes)
		if size > maxTailBytes {
			break
		}
		first--
	}
	var lines []line
	for i := range passages[first:] {
		if p := &passages[first+i]; p.Kind != mail.PassageHidden {
			lines = append(lines, line{passage: p, index: first + i, quoted: strings.HasPrefix(p.Text, ">")})
		}
	}
	return lines
}

// markBottom marks the last lines of a part. In a short part the opening and the
// last lines meet: there the first half opens.
func markBottom(lines []line) {
	count := 0
	for i := range lines {
		if isLine(lines[i].passage.Kind) {
			count++
		}
	}
	below := 0
	for i := len(lines) - 1; i >= 0 && below < signatureLines; i-- {
		l := &lines[i]
		if isLine(l.passage.Kind) {
			below++
		}
		opens := l.top && 2*below > count
		l.top, l.bottom = opens, !opens
	}
}

func isLine(k mail.PassageKind) bool { return k == mail.PassageText || k == mail.PassageHeading }

// quoteMarks begin the line above a message that is passed on or answered.
var quoteMarks = [...]string{"-----Original Message", "----- Original Message", "----- Forwarded", "-----Forwarded", "---------- Forwarded", "Begin forwarded message", "-----元のメッセージ", "----- 転送", "-------- 転送", "-------- Forwarded Message", "-------- Original Message"}

func startsQuote(text string) bool {
	for _, mark := range quoteMarks {
		if strings.HasPrefix(text, mark) {
			return true
		}
	}
	return false
}

// judge returns the place of a line with names in it and how its names are
// graded.
func (r *Reader) judge(l line, t reading) (Place, func(brand.Match) Strength) {
	switch {
	case l.quoted || severalBrands(t.matches):
		return Body, always(Mention)
	case l.passage.Kind == mail.PassageLink:
		return LinkText, always(Weak)
	case l.passage.Kind == mail.PassageAlt:
		return r.judgePicture(l, t)
	case l.passage.Kind == mail.PassageHeading || l.top || l.bottom:
		return r.judgeEdge(l, t)
	case r.speaksOfSelf(t) && !r.words.anyShop(t):
		return Heading, always(Medium)
	}
	return Body, always(Mention)
}

func always(s Strength) func(brand.Match) Strength {
	return func(brand.Match) Strength { return s }
}

// judgePicture grades the text of a picture: a logo when it is a name and nothing
// else.
func (r *Reader) judgePicture(l line, t reading) (Place, func(brand.Match) Strength) {
	switch rest := r.words.residue(t); {
	case rest.foreign > 0 || rest.shop:
		return Body, always(Mention)
	case l.logo:
		return LogoAlt, always(Medium)
	}
	return LogoAlt, always(Weak)
}

// judgeEdge grades headings and the first and last lines.
func (r *Reader) judgeEdge(l line, t reading) (Place, func(brand.Match) Strength) {
	rest := r.words.residue(t)
	self := r.speaksOfSelf(t)
	switch {
	case rest.shop:
		return Body, always(Mention)
	case l.bottom && (self || r.signs(t, rest)):
		return Signature, always(Medium)
	case self:
		return Heading, always(Medium)
	case l.passage.Kind == mail.PassageHeading || l.top:
		return r.judgeHeading(l, t, rest)
	}
	return Body, always(Mention)
}

// judgeHeading grades the opening lines and headings: a name alone, with the
// words of a greeting, or greeting its customers.
func (r *Reader) judgeHeading(l line, t reading, rest residue) (Place, func(brand.Match) Strength) {
	heads := rest.foreign == 0
	for _, m := range t.matches {
		after := t.text.Folded[m.End:]
		heads = heads || r.words.usesAfter(after) || r.words.opens(t, m) && r.words.speaksAfter(after)
	}
	switch {
	case heads:
		return Heading, always(Medium)
	case l.passage.Kind == mail.PassageHeading:
		return Heading, always(Weak)
	}
	return Body, always(Mention)
}

// speaksOfSelf reports whether a line says "we at brand".
func (r *Reader) speaksOfSelf(t reading) bool {
	return slices.ContainsFunc(t.matches, func(m brand.Match) bool {
		return r.words.selfBefore(t.text.Folded[:m.Start])
	})
}

// signs reports whether a line says who the message is from: a copyright or
// operator line, or a name with words of a service.
func (r *Reader) signs(t reading, rest residue) bool {
	if len(t.text.Folded) > maxPhraseBytes {
		return false
	}
	return r.words.owned(t.text.Folded) || rest.foreign == 0 && rest.service > 0
}

// severalBrands reports whether a line lists brands, as "follow us" lines and
// payment methods do; nobody is three firms at once.
func severalBrands(matches []brand.Match) bool {
	brands := 0
	for i, m := range matches {
		if i == 0 || m.Brand != matches[i-1].Brand {
			brands++
		}
	}
	return brands >= 3
}
