package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/record"
	"sekisho/policy"
)

// Row is one line of an account. Rows that tell more of the same have one label.
type Row struct{ Label, Text string }

// Tell tells the account to a person, section by section: the message, what came of
// it by each outcome, and what was done. Controls and characters that turn writing
// around are taken out of the texts.
func (a *Account) Tell(l Language) [][]Row {
	t := &teller{sections: [][]Row{nil}, words: words[l], a: a}
	t.head()
	t.facts(a.Facts)
	t.claims(a.Facts)
	t.proofs(&a.Facts.Proof)
	t.findings(a.Facts)
	for i := range a.Outcomes {
		t.outcome(&a.Outcomes[i])
	}
	if a.More > 0 {
		t.row("", t.words.moreOutcomes, a.More)
	}
	t.action()
	t.times()
	return t.sections
}

// Write tells the account as plain text; a label that the row before has is left
// out.
func (a *Account) Write(w io.Writer, l Language) error {
	b := bufio.NewWriter(w)
	for i, section := range a.Tell(l) {
		if i > 0 {
			fmt.Fprintln(b)
		}
		last := ""
		for _, r := range section {
			shown := r.Label
			if shown == last {
				shown = ""
			}
			last = r.Label
			fmt.Fprintf(b, "%s%s %s\n", shown, strings.Repeat(" ", max(0, words[l].column-width(shown))), r.Text)
		}
	}
	return b.Flush()
}

// teller tells an account in one language.
type teller struct {
	sections [][]Row
	words    *vocabulary
	a        *Account
}

// row adds a line to the section.
func (t *teller) row(label, format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	last := &t.sections[len(t.sections)-1]
	*last = append(*last, Row{label, printable(text)})
}

// section begins another one.
func (t *teller) section() { t.sections = append(t.sections, nil) }

// width is how many columns a terminal takes for a label: two for each character
// of Japanese.
func width(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xff {
			n++
		}
	}
	return n
}

func (t *teller) head() {
	v := t.words
	t.row(v.verdict, "%s", v.verdicts[t.a.Verdict])
	t.row(v.trace, "%s", t.a.Trace)
	if t.a.QueueID != "" {
		t.row(v.queue, "%s", t.a.QueueID)
	}
	if t.a.MessageID != "" {
		t.row(v.messageID, "<%s>", t.a.MessageID)
	}
	t.row(v.time, "%s", t.a.Time.Format("2006-01-02 15:04:05 UTC"))
	if !t.a.Persons {
		t.row(v.note, "%s", v.noPersons)
	}
}

func (t *teller) facts(f *fact.Facts) {
	v := t.words
	for _, m := range f.Message.From {
		if m.Address == "" {
			m.Address = "@" + m.Domain
		}
		if m.Name == "" {
			t.row(v.from, "<%s>", m.Address)
			continue
		}
		t.row(v.from, "%q <%s>", m.Name, m.Address)
	}
	if f.Message.Author != "one" {
		t.row(v.from, "(%s)", f.Message.Author)
	}
	if f.Message.Subject != "" {
		t.row(v.subject, "%s", f.Message.Subject)
	}
	e := &f.Envelope
	client := e.Client
	if client == "" {
		client = v.local
	}
	if e.ClientName != "" {
		client += " (" + e.ClientName + ")"
	}
	t.row(v.client, v.clientIs, client, e.Sender, e.Recipients)
	for i, l := range f.Links {
		if i == maxLinks {
			t.row(v.links, v.more, len(f.Links)-i)
			break
		}
		if l.Host != "" {
			t.row(v.links, "%s (%s)", l.Host, l.Kind)
		}
	}
}

func (t *teller) claims(f *fact.Facts) {
	v := t.words
	if len(f.Claim.All) == 0 {
		t.row(v.claims, "%s", v.none)
	}
	for i, c := range f.Claim.All {
		if i == maxClaims {
			t.row(v.claims, v.more, len(f.Claim.All)-i)
			break
		}
		seen := ""
		if c.Seen != "" {
			seen = fmt.Sprintf(": %q", c.Seen)
		}
		t.row(v.claims, "%s %s (%s)%s", c.Brand, v.place(c.Place), v.strengths[c.Strength], seen)
	}
}

func (t *teller) proofs(p *fact.Proof) {
	v := t.words
	if len(p.Identities) == 0 {
		t.row(v.proofs, "%s", v.nothing)
	}
	for _, id := range p.Identities {
		note := v.unaligned
		if id.Aligned {
			note = v.aligned
		}
		t.row(v.proofs, v.provedBy, id.Domain, strings.ToUpper(id.Method), note)
	}
	var parts []string
	add := func(name, result string) {
		if result != "" {
			parts = append(parts, name+"="+result)
		}
	}
	add("spf", p.SPF.Result)
	for _, s := range p.DKIM {
		add("dkim("+s.Domain+")", s.Result)
	}
	add("dmarc", p.DMARC.Result)
	add("p", p.DMARC.Policy)
	add("arc", p.ARC)
	add("iprev", p.IPRev)
	if len(parts) > 0 {
		t.row(v.results, "%s", strings.Join(parts, " "))
	}
}

func (t *teller) findings(f *fact.Facts) {
	v := t.words
	if len(f.Found) == 0 {
		t.row(v.findings, "%s", v.none)
	}
	for _, found := range f.Found {
		t.row(v.findings, "%s: %s", found.Name, v.meaning(found.Name))
		if found.Why != "" {
			t.row(v.findings, "    %s", found.Why)
		}
	}
}

func (t *teller) outcome(o *Outcome) {
	v := t.words
	t.section()
	for _, r := range o.Recipients {
		if r == "" {
			r = v.anybody
		}
		t.row(v.recipient, "%s", r)
	}
	if o.More > 0 {
		t.row(v.recipient, v.more, o.More)
	}
	t.row(v.policy, "%s", o.Was.Policy)
	for _, s := range o.Scores {
		action := ""
		if s.Action != policy.Points {
			action = ", " + v.actions[s.Action]
		}
		t.row(v.lines, "%+d %s (%s%s)", s.Points, s.Name, s.Line, action)
	}
	for _, u := range o.Exceptions {
		t.row(v.lines, v.exceptionUsed, u.ID, u.Where, joined(u.Lifted))
	}
	if f := o.Forwarder; f != nil {
		t.row(v.lines, v.forwarded, f.Kind, f.Domain, f.Where, f.Reason)
	}
	if len(o.Softened) > 0 {
		t.row(v.lines, v.softened, joined(o.Softened))
	}
	t.row(v.sum, v.points, o.Was.Points, t.steps(o.Steps))
	t.row(v.verdict, "%s", t.judgement(&o.Was))
	t.again(o)
	for _, i := range o.Ifs {
		t.row(v.change, "%s", v.ifs[i.Kind](&i)+v.then+v.verdicts[i.Verdict])
	}
}

func (t *teller) steps(steps []policy.Step) string {
	var parts []string
	for _, s := range steps {
		parts = append(parts, fmt.Sprintf(t.words.step, t.words.verdicts[s.Verdict], s.Points, s.Where))
	}
	return strings.Join(parts, t.words.comma)
}

func (t *teller) judgement(j *Judgement) string {
	text := t.words.verdicts[j.Verdict]
	if j.Where != "" {
		text += " (" + j.Where
		if j.By != "" {
			text += ", " + string(j.By)
		}
		text += ")"
	}
	if j.Observed != "" {
		text += fmt.Sprintf(t.words.observed, t.words.verdicts[j.Observed])
	}
	return text
}

// again tells what comes of the same facts now.
func (t *teller) again(o *Outcome) {
	v := t.words
	switch {
	case o.Reproduced && t.a.Same:
		t.row(v.again, "%s", v.sameSame)
	case o.Reproduced:
		t.row(v.again, "%s", v.sameOther)
	case t.a.Same:
		t.row(v.again, v.otherSame, t.judgement(&o.Is), o.Is.Points)
	default:
		t.row(v.again, v.otherOther, t.judgement(&o.Is), o.Is.Points)
	}
}

func (t *teller) action() {
	v := t.words
	t.section()
	switch {
	case t.a.Partial:
		t.row(v.action, "%s", v.partial)
	case t.a.Reply == "":
		t.row(v.action, "%s", v.unknown)
	default:
		t.row(v.action, "%s", v.replies[t.a.Reply])
	}
	if t.a.Hold {
		t.row(v.action, "%s", v.hold)
	}
	if t.a.Stored != "" {
		t.row(v.action, v.stored, t.a.Stored)
	}
	if t.a.Failure != "" {
		t.row(v.action, v.failed, t.a.Failure)
	}
}

func (t *teller) times() {
	v := t.words
	if t.a.Microseconds == 0 && len(t.a.Stages) == 0 {
		return
	}
	var parts []string
	for _, s := range record.Stages() {
		if us, ok := t.a.Stages[s]; ok {
			parts = append(parts, v.stages[s]+" "+milliseconds(us))
		}
	}
	t.row(v.took, "%s (%s)", milliseconds(t.a.Microseconds), strings.Join(parts, v.comma))
}

func milliseconds(us int64) string {
	return fmt.Sprintf("%.1f ms", float64(us)/float64(time.Millisecond/time.Microsecond))
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}

// printable keeps hostile text from moving a terminal's cursor or adding lines.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}
