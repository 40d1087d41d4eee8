package record

import (
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"sekisho/filter/claim"
	"sekisho/policy"
)

// Logger writes one line for each message.
type Logger struct {
	log      *zap.Logger
	personal bool
}

// NewLogger returns a Logger. With personal set, lines carry recipients, sender
// addresses and subjects; otherwise these stay at debug level.
func NewLogger(log *zap.Logger, personal bool) *Logger {
	return &Logger{log: log, personal: personal}
}

// Message writes the line. A message that we failed on is a warning.
func (l *Logger) Message(d *Decision) {
	level := zapcore.InfoLevel
	if d.Failure != "" {
		level = zapcore.WarnLevel
	}
	entry := l.log.Check(level, "message")
	if entry == nil {
		return
	}
	fields := d.fields()
	if l.personal || l.log.Core().Enabled(zapcore.DebugLevel) {
		fields = append(fields, d.personal()...)
	}
	entry.Write(fields...)
}

func (d *Decision) fields() []zap.Field {
	h := d.Heaviest()
	p := &d.Proof
	fields := []zap.Field{
		zap.String("queue_id", d.Envelope.QueueID),
		zap.String("trace", d.Trace),
		zap.String("client", d.client()),
		zap.String("from_domain", p.FromDomain),
		zap.String("verdict", string(d.Verdict)),
		zap.Int("points", d.Points),
		zap.String("policy", h.Policy),
		zap.String("where", h.Where),
		zap.String("by", string(h.By)),
		zap.String("reply", string(d.Plan.Reply)),
		zap.Int("recipients", len(d.Recipients)),
		zap.Strings("claims", d.claims()),
		zap.String("spf", string(p.SPF.Result)),
		zap.Strings("dkim", d.dkim()),
		zap.String("dmarc", string(p.DMARC.Result)),
		zap.String("iprev", string(p.IPRev.Result)),
		zap.Strings("proved", d.identities()),
		zap.Strings("findings", d.findings()),
		zap.Uint64("generation", d.Generation),
		zap.Float64("ms", milliseconds(d.Took)),
		zap.Object("stage_ms", stageTimes(d.StageTook)),
	}
	if p.DMARC.Disagree {
		fields = append(fields, zap.String("dmarc_tree_walk", p.DMARC.OrgDomain), zap.String("dmarc_suffix_list", p.DMARC.ListOrgDomain))
	}
	if d.Overridden() {
		fields = append(fields, zap.Strings("forwarders", d.forwarders()))
	}
	if used := d.exceptions(); len(used) > 0 {
		fields = append(fields, zap.Strings("exceptions", used))
	}
	if failures := d.ruleFailures(); len(failures) > 0 {
		fields = append(fields, zap.Strings("rule_failures", failures))
	}
	if softened := d.softened(); len(softened) > 0 {
		fields = append(fields, zap.Strings("softened", softened))
	}
	if observed := d.observed(); len(observed) > 0 {
		fields = append(fields, zap.Strings("observed", observed))
	}
	if len(d.Shed) > 0 {
		fields = append(fields, zap.Strings("shed", texts(d.Shed)))
	}
	if d.Plan.Banner != "" {
		fields = append(fields, zap.String("banner", d.Plan.Banner))
	}
	if d.Stored != "" {
		fields = append(fields, zap.String("stored", d.Stored))
	}
	if len(d.Copies) > 0 {
		fields = append(fields, zap.Strings("copies", d.Copies))
	}
	if differ := d.shadowDiffers(); len(differ) > 0 {
		fields = append(fields, zap.Objects("shadow", differ))
	}
	if d.ShadowFailure != "" {
		fields = append(fields, zap.String("shadow_failure", d.ShadowFailure))
	}
	if d.Failure != "" {
		fields = append(fields, zap.String("failure", d.Failure))
	}
	return fields
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func (d *Decision) personal() []zap.Field {
	var to []string
	for _, r := range d.Recipients {
		to = append(to, r.Address)
	}
	fields := []zap.Field{zap.String("sender", d.Envelope.Sender), zap.Strings("to", to)}
	if m := d.Message; m != nil {
		fields = append(fields, zap.String("from", author(m)), zap.String("subject", m.Subject.Shown), zap.String("message_id", m.MessageID))
	}
	return fields
}

func (d *Decision) client() string {
	if !d.Envelope.Client.IsValid() {
		return "local"
	}
	return d.Envelope.Client.String()
}

// claims lists what is more than a mention as brand@place.
func (d *Decision) claims() []string {
	var list []string
	for _, c := range d.Claims {
		if c.Strength != claim.Mention {
			list = append(list, c.Brand+"@"+string(c.Place))
		}
	}
	return list
}

func (d *Decision) dkim() []string {
	list := make([]string, len(d.Proof.DKIM))
	for i, s := range d.Proof.DKIM {
		list[i] = s.Domain + "=" + string(s.Result)
	}
	return list
}

func (d *Decision) identities() []string {
	list := make([]string, len(d.Proof.Identities))
	for i, id := range d.Proof.Identities {
		list[i] = string(id.Method) + ":" + id.Domain
	}
	return list
}

// forwarders lists the entries that explained failures of authentication, each once.
func (d *Decision) forwarders() []string {
	var list []string
	for _, r := range d.Recipients {
		if f := r.Forwarder; f != nil {
			if entry := string(f.Kind) + ":" + f.Domain + "@" + f.Where; !slices.Contains(list, entry) {
				list = append(list, entry)
			}
		}
	}
	return list
}

// exceptions tells which entries had an effect, and what they lifted.
func (d *Decision) exceptions() []string {
	var list []string
	for _, r := range d.Recipients {
		for _, u := range r.Exceptions {
			if entry := exception(u); !slices.Contains(list, entry) {
				list = append(list, entry)
			}
		}
	}
	return list
}

func exception(u policy.Used) string {
	entry := u.ID + "@" + u.Where
	for i, name := range u.Lifted {
		entry += map[bool]string{true: ": ", false: ", "}[i == 0] + string(name)
	}
	return entry
}

// ruleFailures tells the own rules that came to no result.
func (d *Decision) ruleFailures() []string {
	var list []string
	for _, r := range d.Recipients {
		for _, f := range r.RuleFailures {
			if entry := f.Rule + ": " + f.Err.Error(); !slices.Contains(list, entry) {
				list = append(list, entry)
			}
		}
	}
	return list
}

// softened tells the findings that have stepped down, by policy.
func (d *Decision) softened() []string {
	var list []string
	for _, r := range d.Recipients {
		for _, name := range r.Softened {
			if entry := r.Policy + ":" + string(name); !slices.Contains(list, entry) {
				list = append(list, entry)
			}
		}
	}
	return list
}

// observed tells the verdicts that were not carried out, by policy.
func (d *Decision) observed() []string {
	var list []string
	for _, r := range d.Recipients {
		if entry := r.Policy + "=" + string(r.Observed); r.Observed != "" && !slices.Contains(list, entry) {
			list = append(list, entry)
		}
	}
	return list
}

func (d *Decision) findings() []string {
	list := make([]string, 0, len(d.Findings))
	for _, s := range d.scores() {
		list = append(list, string(s.Finding.Name)+": "+s.Finding.Why)
	}
	return list
}

type stageTimes map[Stage]time.Duration

// MarshalLogObject writes the stages in their order.
func (s stageTimes) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	for _, stage := range Stages() {
		if took, ok := s[stage]; ok {
			enc.AddFloat64(string(stage), milliseconds(took))
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// Summary says in one line who is claimed, who is proved and what follows.
func (d *Decision) Summary() string {
	claimed, proved := "nobody", "nobody"
	if b := d.Brands(); len(b) > 0 {
		claimed = strings.Join(b, ", ")
	}
	if ids := d.identities(); len(ids) > 0 {
		proved = strings.Join(ids, ", ")
	}
	h := d.Heaviest()
	return "claims " + claimed + "; proved " + proved + " -> " + string(d.Verdict) + " (" + h.Where + ")"
}
