package authres

// Property is one ptype.property=value of a result (RFC 8601, section 2.2).
type Property struct {
	Type  string // "smtp", "header", "body" or "policy"; "" where a server wrote none, as in action=none
	Name  string // "mailfrom", "d", ...
	Value string // quotes and escapes undone
}

// Result is what one method found.
type Result struct {
	Method     string // lower case, without the version: "spf", "dkim", "dmarc", "iprev"...
	Value      string // result word, lower case: "pass"...
	Reason     string // for people
	Comment    string // the comments of the result, joined with spaces, escapes undone
	Properties []Property
}

// Get returns the value of the first property ptype.name, "" when there is none.
func (r Result) Get(ptype, name string) string {
	for _, p := range r.Properties {
		if p.Type == ptype && p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Field is the value of an Authentication-Results field.
type Field struct {
	ID      string // authserv-id; "" when the server wrote none
	Version string // "" when absent, which means 1
	Results []Result
}
