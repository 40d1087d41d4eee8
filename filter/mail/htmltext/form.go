package htmltext

import "sekisho/filter/mail/weburl"

// form is a Form that waits for <base>.
type form struct {
	action   string
	password bool
	fields   int
}

// openForm begins a form. A form inside another is no form (HTML, section 4.10.3),
// but one that lacks its end tag must not swallow the next.
func (r *reader) openForm(action []byte) {
	r.form = r.addForm(attribute(action[:min(len(action), 4*weburl.MaxURL)]))
}

// addForm returns the index of a new form, -1 past the limit.
func (r *reader) addForm(action string) int {
	if len(r.forms) == MaxForms {
		r.hit(LimitForms)
		return -1
	}
	r.forms = append(r.forms, form{action: action})
	return len(r.forms) - 1
}

// asks counts an input, in the open form or in the one for all that stand alone.
func (r *reader) asks(password bool) {
	i := r.form
	if i < 0 {
		if r.loose < 0 {
			r.loose = r.addForm("")
		}
		i = r.loose
	}
	if i < 0 {
		return
	}
	r.forms[i].fields++
	r.forms[i].password = r.forms[i].password || password
}

// readForms resolves where the forms send.
func (r *reader) readForms() []Form {
	var forms []Form
	for _, f := range r.forms {
		u := ""
		if f.action != "" {
			u = weburl.Resolve(r.base, f.action)
		}
		forms = append(forms, Form{URL: u, Host: weburl.Host(u), Password: f.password, Fields: f.fields})
	}
	return forms
}
