package htmltext

import (
	"encoding/base64"
	"strings"

	"sekisho/filter/mail/weburl"
)

// Scripts finds where the scripts of an HTML file lead when it is opened in a browser:
// addresses in quotes that are given to location, window.open, a form's action or a
// request, also when atob unwraps them. Scripts are not run, so that an address put
// together from pieces stays unseen. At most MaxScriptLinks come back, each once.
func Scripts(src string) []string {
	if strings.Contains(src, `\/`) {
		src = strings.ReplaceAll(src, `\/`, "/")
	}
	var found []string
	add := func(link string) {
		for _, have := range found {
			if have == link {
				return
			}
		}
		if len(found) < MaxScriptLinks {
			found = append(found, link)
		}
	}
	for at := 0; len(found) < MaxScriptLinks; {
		i := strings.Index(src[at:], "://")
		if i < 0 {
			break
		}
		colon := at + i
		at = colon + len("://")
		if link := quoted(src, colon); link != "" {
			add(link)
		}
	}
	for rest := src; len(found) < MaxScriptLinks; {
		i := strings.Index(rest, "atob(")
		if i < 0 {
			break
		}
		rest = rest[i+len("atob("):]
		if link := unwrapped(rest); link != "" {
			add(link)
		}
	}
	return found
}

// quoted returns the address whose scheme ends at colon, when it stands in quotes and
// a script goes to it.
func quoted(src string, colon int) string {
	for _, scheme := range [...]string{"https", "http"} {
		start := colon - len(scheme)
		if start < 1 || !strings.EqualFold(src[start:colon], scheme) {
			continue
		}
		if !leads(src[max(0, start-maxCall):start]) {
			return ""
		}
		link := src[start:min(len(src), start+weburl.MaxURL)]
		end := strings.IndexByte(link, src[start-1])
		if end < 0 || weburl.Host(weburl.Resolve("", link[:end])) == "" {
			return ""
		}
		return link[:end]
	}
	return ""
}

// maxCall is how far in front of an address the call stands that uses it.
const maxCall = 64

// leads reports whether the script before an opening quote goes to what is in the
// quotes.
func leads(before string) bool {
	quote := before[len(before)-1]
	if quote != '"' && quote != '\'' && quote != '`' {
		return false
	}
	for _, word := range [...]string{"location", ".href", "open(", ".action", "fetch(", ".post(", ".ajax(", "url:", `"POST"`, `'POST'`} {
		if strings.Contains(before, word) {
			return true
		}
	}
	return false
}

// unwrapped decodes the base64 that follows "atob(" when it is an address.
func unwrapped(rest string) string {
	if rest == "" || rest[0] != '"' && rest[0] != '\'' && rest[0] != '`' {
		return ""
	}
	text := rest[1:min(len(rest), 1+weburl.MaxURL)]
	end := strings.IndexByte(text, rest[0])
	if end < 0 {
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(text[:end])
	if err != nil {
		return ""
	}
	link := strings.ToValidUTF8(string(raw), "\uFFFD")
	if weburl.Host(weburl.Resolve("", link)) == "" || !strings.Contains(link, "://") {
		return ""
	}
	return link
}
