package rule

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/fact"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// TestWorldIsFacts: each fact can be reached by a rule. What was found is there as
// the policy sees it, which is also what comes of the detour.
func TestWorldIsFacts(t *testing.T) {
	e := environment(t)
	var names []string
	for _, v := range e.Variables() {
		names = append(names, v.Name)
	}
	facts := reflect.TypeFor[fact.Facts]()
	for i := range facts.NumField() {
		name, _, _ := strings.Cut(facts.Field(i).Tag.Get("json"), ",")
		switch name {
		case "found":
			name = "finding"
		case "detour":
			continue
		}
		if !slices.Contains(names, name) {
			t.Errorf("no rule can see %s", name)
		}
	}
}

// TestEveryField: a rule can read each field, its meaning is told, and no meaning
// is left over.
func TestEveryField(t *testing.T) {
	e := environment(t)
	a := e.Activate(letter(), findings())
	kinds := make(map[string]Kind)
	for _, k := range e.Kinds() {
		kinds[k.Name] = k
	}
	left := meanings()
	read := 0
	var visit func(path, in string, terms []Term)
	visit = func(path, in string, terms []Term) {
		for _, term := range terms {
			delete(left, in+"."+term.Name)
			if term.Meaning == "" {
				t.Errorf("%s has no meaning", path+term.Name)
			}
			name, kind := path+term.Name, term.Type
			expr := name + " == " + name
			for strings.HasPrefix(kind, "list(") {
				kind = strings.TrimSuffix(strings.TrimPrefix(kind, "list("), ")")
				expr = "size(" + name + ") >= 0"
				name += "[0]"
			}
			if _, object := kinds[kind]; !object || strings.HasPrefix(term.Type, "list(") {
				if is, err := compile(t, e, expr).Eval(t.Context(), a); !is && !strings.Contains(path, "[0]") || err != nil && !strings.Contains(err.Error(), "index out of bounds") {
					t.Errorf("%s: %t, %v", expr, is, err)
				}
				read++
			}
			if k, object := kinds[kind]; object {
				visit(name+".", kind, k.Fields)
			}
		}
	}
	visit("", "World", e.Variables())
	for name := range left {
		t.Errorf("%s has a meaning and is no field", name)
	}
	if read < 60 {
		t.Errorf("only %d fields read", read)
	}
}

// TestWords: the closed lists are those of the packages that write them.
func TestWords(t *testing.T) {
	m := meanings()
	for name, want := range map[string][]string{
		"Message.author":    {string(mail.AuthorOne), string(mail.AuthorNone), string(mail.AuthorSeveral), string(mail.AuthorMalformed)},
		"Proof.source":      {string(proof.FromDNS), string(proof.FromHeader), string(proof.FromNobody)},
		"Proof.arc":         {string(arc.None), string(arc.Pass), string(arc.Fail), string(arc.TempError)},
		"Proof.iprev":       {string(iprev.Pass), string(iprev.Fail), string(iprev.TempError), string(iprev.PermError)},
		"SPF.result":        {string(spf.None), string(spf.Neutral), string(spf.Pass), string(spf.Fail), string(spf.SoftFail), string(spf.TempError), string(spf.PermError)},
		"Signature.result":  {string(dkim.None), string(dkim.Pass), string(dkim.Fail), string(dkim.Policy), string(dkim.Neutral), string(dkim.TempError), string(dkim.PermError)},
		"DMARC.result":      {string(dmarc.None), string(dmarc.Pass), string(dmarc.Fail), string(dmarc.TempError), string(dmarc.PermError)},
		"DMARC.policy":      {string(dmarc.PolicyNone), string(dmarc.PolicyQuarantine), string(dmarc.PolicyReject)},
		"Identity.method":   {string(proof.ByDKIM), string(proof.BySPF), string(proof.ByDMARC), string(proof.ByARC)},
		"Identity.strength": {string(proof.StrongKey), string(proof.Stated), string(proof.WeakKey), string(proof.SPFOnly), string(proof.Forwarded), string(proof.Unaligned)},
		"Claim.strength":    {string(claim.Strong), string(claim.Medium), string(claim.Weak), string(claim.Mention)},
		"Claim.place": {string(claim.FromName), string(claim.SubjectBracket), string(claim.Subject), string(claim.Heading), string(claim.Signature), string(claim.LinkText),
			string(claim.LinkHost), string(claim.FromAddress), string(claim.LogoAlt), string(claim.Body)},
		"Link.kind": {string(mail.LinkAnchor), string(mail.LinkForm), string(mail.LinkPlain), string(mail.LinkQR), string(mail.LinkPDF), string(mail.LinkScript)},
	} {
		if !slices.Equal(m[name].words, want) {
			t.Errorf("%s: %q, want %q", name, m[name].words, want)
		}
	}
}
