package trial

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/policy"
	"sekisho/policy/strictyaml"
)

// file is the content of a file of tests.
type file struct {
	Tests []entry `yaml:"tests,required" doc:"The tests, each of one message or of facts about one."`
}

// entry is a test as a file writes it.
type entry struct {
	Name     strictyaml.Located[name]   `yaml:"name,required" doc:"What is held, in a few words; no two tests of a file have one name."`
	Message  strictyaml.Located[string] `yaml:"message" doc:"A file with the message (RFC 5322), beside this one or below."`
	Inline   strictyaml.Located[inline] `yaml:"inline" doc:"The message itself, or its header fields and its text as keys."`
	Facts    *facts                     `yaml:"facts" doc:"Facts in place of a message, to test exceptions and rules alone (sekisho policy facts)."`
	Envelope *envelope                  `yaml:"envelope" doc:"What the SMTP session says."`
	Proof    strictyaml.Located[papers] `yaml:"proof" doc:"Who the message is proved to be: none, header, or results."`
	At       strictyaml.Located[day]    `yaml:"at" doc:"The day on which it is judged; now, when left out."`
	Expect   expectations               `yaml:"expect,required" doc:"By address of the recipient: what is to become of the message."`
}

// name names a test.
type name string

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *name) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "" || len(s) > maxName || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("wants one line of at most %d bytes", maxName)
	}
	*n = name(s)
	return nil
}

// day is a day in UTC.
type day struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *day) UnmarshalText(text []byte) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("wants a day such as 2026-11-27, has %q", text)
	}
	return nil
}

// facts are the facts of package fact, under their JSON names.
type facts struct{ fact.Facts }

// UnmarshalValue implements strictyaml.Unmarshaler.
func (f *facts) UnmarshalValue(v strictyaml.Value) {
	if !v.DecodeByTag("json", &f.Facts) {
		return
	}
	for _, found := range f.Found {
		if !found.Name.Known() {
			v.Errorf("found: there is no finding %q%s", found.Name, strictyaml.Suggest(string(found.Name), findings()))
		}
	}
}

// envelope is what a session says.
type envelope struct {
	Client     address                      `yaml:"client" doc:"IP address of the SMTP client."`
	ClientName string                       `yaml:"client_name" doc:"The name of its address."`
	Helo       string                       `yaml:"helo" doc:"HELO or EHLO name."`
	Sender     string                       `yaml:"sender" doc:"Address in MAIL FROM; left out, the null path."`
	Recipients []strictyaml.Located[string] `yaml:"recipients" doc:"Addresses in RCPT TO; left out, those of expect."`
	User       string                       `yaml:"user" doc:"SASL login."`
	TLS        string                       `yaml:"tls" doc:"TLS version, such as TLSv1.3."`
}

// address is an IP address.
type address struct{ netip.Addr }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *address) UnmarshalText(text []byte) (err error) {
	if a.Addr, err = netip.ParseAddr(string(text)); err != nil || a.Zone() != "" {
		return fmt.Errorf("wants an IP address, has %q", text)
	}
	a.Addr = a.Unmap()
	return nil
}

// expectations are what is expected for each recipient, in the order written.
type expectations = strictyaml.Map[expectation]

// expectation is what is to become of a message for one recipient.
type expectation struct {
	Verdict  verdict                           `yaml:"verdict,required" doc:"accept, tag, quarantine, reject or tempfail."`
	By       *strictyaml.Located[cause]        `yaml:"by" doc:"The finding that decides, or exception; \"\" for none."`
	Points   *int                              `yaml:"points" doc:"The sum of points."`
	Observed *verdict                          `yaml:"observed" doc:"The verdict that would be carried out if the policy did not only observe."`
	Policy   *string                           `yaml:"policy" doc:"The name of the policy that decides."`
	Findings []strictyaml.Located[findingName] `yaml:"findings" doc:"Findings that are among those that the policy decides on."`
	Not      []strictyaml.Located[findingName] `yaml:"not" doc:"Findings that are not."`
}

// verdict is a policy.Verdict.
type verdict policy.Verdict

// UnmarshalValue implements strictyaml.Unmarshaler.
func (d *verdict) UnmarshalValue(v strictyaml.Value) {
	word(v, d, verdicts()...)
}

func verdicts() []verdict {
	var all []verdict
	for _, v := range policy.Verdicts() {
		all = append(all, verdict(v))
	}
	return all
}

// findingName is a finding of the program, or of a rule.
type findingName finding.Name

// rulePrefix begins the findings of operators' own rules, whose names only the
// policies know: a test of one that is not there fails.
const rulePrefix = "rule:"

// UnmarshalValue implements strictyaml.Unmarshaler.
func (f *findingName) UnmarshalValue(v strictyaml.Value) {
	var s string
	if !v.Decode(&s) {
		return
	}
	if !known(s) {
		v.Errorf("there is no finding %q%s", s, strictyaml.Suggest(s, findings()))
	}
	*f = findingName(s)
}

func known(s string) bool {
	rule, own := strings.CutPrefix(s, rulePrefix)
	return own && rule != "" || finding.Name(s).Known()
}

func findings() []string {
	var all []string
	for _, n := range finding.Names() {
		all = append(all, string(n))
	}
	return all
}

// cause is what can decide: a finding, an exception, or nothing.
type cause finding.Name

// UnmarshalValue implements strictyaml.Unmarshaler.
func (c *cause) UnmarshalValue(v strictyaml.Value) {
	var s string
	if !v.Decode(&s) {
		return
	}
	if s != "" && s != string(policy.ByException) && !known(s) {
		v.Errorf("there is no finding %q%s", s, strictyaml.Suggest(s, append(findings(), string(policy.ByException))))
	}
	*c = cause(s)
}

// word reads one of a closed list of words.
func word[T ~string](v strictyaml.Value, into *T, words ...T) {
	text, ok := v.Text()
	for _, w := range words {
		if ok && text == string(w) {
			*into = w
			return
		}
	}
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	v.Wants("one of " + strings.Join(names, ", "))
}
