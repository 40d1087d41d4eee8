package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sekisho/filter/web/account"
	"sekisho/policy"
)

// exceptionForm is what an exception for an item could be about.
type exceptionForm struct {
	Sender    string // the author's domain, which is proved; "" when it is not: an entry for it would be of no effect
	Brand     string
	Recipient string // local part, where a pattern can say it
	Days      int    // to begin with
}

const usualDays = 90

func (s *Server) exceptionForm(d *entryData) exceptionForm {
	f := exceptionForm{Brand: d.Brand, Days: usualDays}
	if _, ok := s.opt.Set().Brands.Brand(d.Brand); !ok {
		f.Brand = ""
	}
	if d.Facts != nil && d.Facts.Proof.Aligned {
		f.Sender = d.Facts.Proof.FromDomain
	}
	local := strings.ToLower(d.Recipient[:max(0, strings.LastIndexByte(d.Recipient, '@'))])
	if strings.Trim(local, "abcdefghijklmnopqrstuvwxyz0123456789.+-_") == "" {
		f.Recipient = local
	}
	return f
}

// exceptionData is the entry that somebody asked for, to be copied into the policy.
type exceptionData struct {
	ID     string // of the item
	Policy string // whose file it belongs in
	YAML   string
}

var (
	errEmpty  = errors.New("an exception without conditions")
	errReason = errors.New("an exception without a reason, or past a limit")
)

// exception writes an entry for the policy of the recipient. Nothing takes effect:
// policies are files under review, and whoever may write them copies it there.
func (s *Server) exception(w http.ResponseWriter, r *http.Request, who *caller) {
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	d := entryData{Item: it}
	if d.Facts, err = s.journal.facts(r.Context(), it.Trace); err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	offered := s.exceptionForm(&d)
	chosen := exceptionForm{}
	if r.PostFormValue("sender") != "" {
		chosen.Sender = offered.Sender
	}
	if r.PostFormValue("brand") != "" {
		chosen.Brand = offered.Brand
	}
	if r.PostFormValue("recipient") != "" {
		chosen.Recipient = offered.Recipient
	}
	chosen.Days, _ = strconv.Atoi(r.PostFormValue("days"))
	text, err := chosen.yaml(r.PostFormValue("reason"), &who.User, s.opt.Now())
	switch {
	case errors.Is(err, errEmpty):
		s.fail(w, r, http.StatusBadRequest, "error.exception-empty", nil)
		return
	case err != nil:
		s.fail(w, r, http.StatusBadRequest, "error.exception", nil)
		return
	}
	data := exceptionData{ID: it.ID, Policy: it.Policy, YAML: text}
	if data.Policy == "" {
		data.Policy = policy.DefaultName
	}
	s.render(w, r, http.StatusOK, "exception", page{Title: "exception.title", Room: "list", User: &who.User, Data: data})
}

// yaml is the entry as a policy file has it.
func (f exceptionForm) yaml(reason string, by *account.User, now time.Time) (string, error) {
	var when []string
	for _, c := range [][2]string{{"sender", f.Sender}, {"brand", f.Brand}} {
		if c[1] != "" {
			when = append(when, c[0]+": "+strconv.Quote(c[1]))
		}
	}
	if f.Recipient != "" {
		when = append(when, "recipient: ["+strconv.Quote(f.Recipient)+"]")
	}
	if len(when) == 0 {
		return "", errEmpty
	}
	reason = strings.Join(strings.Fields(visible(reason)), " ")
	if reason == "" || len(reason) > maxReason || f.Days < 1 || f.Days > maxException {
		return "", errReason
	}
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(reason) + `"`
	day := now.UTC()
	return fmt.Sprintf("exceptions:\n  - allow: {%s}\n    owner: %q\n    reason: %s\n    created: %s\n    expires: %s\n",
		strings.Join(when, ", "), by.Name, quoted, day.Format(time.DateOnly), day.AddDate(0, 0, f.Days).Format(time.DateOnly)), nil
}
