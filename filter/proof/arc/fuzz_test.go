package arc

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

// FuzzMutation changes a few bytes of a message whose chain passes. It may still
// pass only if nothing that is signed was changed.
func FuzzMutation(f *testing.F) {
	s := newSealer(f)
	l := newLetter()
	l.fields = append(l.fields, "X-Unsigned: a")
	l = s.chain(f, l, 3, hop{})
	message := strings.Join(l.fields, "\r\n") + "\r\n\r\n" + l.body
	want := view(l)
	f.Add(uint16(0), uint8(0), "")
	f.Add(uint16(10), uint8(1), "2")
	f.Add(uint16(len(message)-4), uint8(0), "more")
	f.Add(uint16(0), uint8(0), "From: other\r\n")
	f.Add(uint16(0), uint8(0), "ARC-Seal: i=3\r\n")
	f.Add(uint16(strings.Index(message, "Subject")), uint8(0), "X: y\r\n")
	f.Fuzz(func(t *testing.T, at uint16, cut uint8, insert string) {
		i := min(int(at), len(message))
		j := min(i+int(cut), len(message))
		mutated := tidy(message[:i] + insert + message[j:])
		h, body := split(mutated)
		got := (&Verifier{Resolver: s.zone}).Verify(t.Context(), h, []byte(body))
		changed := letter{body: body}
		for _, f := range h {
			changed.fields = append(changed.fields, strings.TrimSuffix(string(f.Raw), "\r\n"))
		}
		if got.Result == Pass && view(changed) != want {
			t.Fatalf("passes: %q\n%s\nwant\n%s", mutated, view(changed), want)
		}
	})
}

// view is everything in a letter that its chain signs, in the relaxed form: all
// ARC fields, the fields that the newest message signature names, and the body.
// Of the newest seal's b= only what it decodes to counts.
func view(l letter) string {
	var chain []string
	for _, f := range l.fields {
		f = canonicalFields("relaxed", []string{f})
		switch name, _, _ := strings.Cut(f, ":"); name {
		case "arc-authentication-results", "arc-message-signature", "arc-seal":
			chain = append(chain, decodeSeal(f))
		}
	}
	slices.Sort(chain)
	signed := canonicalFields("relaxed", pickFields(l.fields, "from:to:subject:date"))
	return strings.Join(chain, "\n") + "\n" + signed + "\n" + canonicalBody("relaxed", l.body)
}

// decodeSeal replaces the value of b= by what it means, in the newest seal.
func decodeSeal(field string) string {
	if !strings.HasPrefix(field, "arc-seal:i=3;") {
		return field
	}
	tags := strings.Split(field, ";")
	for i, tag := range tags {
		if value, ok := strings.CutPrefix(tag, " b="); ok {
			value = strings.TrimSuffix(strings.TrimSuffix(strings.ReplaceAll(value, " ", ""), "="), "=") // padding is left open
			if sum, err := base64.RawStdEncoding.DecodeString(value); err == nil {
				tags[i] = fmt.Sprintf(" b=%x", sum)
			}
		}
	}
	return strings.Join(tags, ";")
}

// tidy makes every line end CRLF: one on its own in a field is white space to us
// and an ordinary byte to the functions of the tests.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "").Replace(s)
	return strings.ReplaceAll(s, "\n", "\r\n")
}

// split cuts a message into fields and body.
func split(message string) (mail.Header, string) {
	var h mail.Header
	for message != "" {
		line, rest, _ := strings.Cut(message, "\r\n")
		if line == "" {
			return h, rest
		}
		message = rest
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].Raw = append(h[len(h)-1].Raw, line+"\r\n"...)
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		h = append(h, mail.Field{Name: name, Raw: []byte(line + "\r\n")})
	}
	return h, ""
}

type anyName struct{ record string }

func (a anyName) LookupTXT(context.Context, string) ([]string, error) {
	return []string{a.record}, nil
}

// FuzzFields holds that no fields make Verify panic, pass, or report text that
// could not stand in a header field.
func FuzzFields(f *testing.F) {
	s := newSealer(f)
	l := s.chain(f, newLetter(), 2, hop{ams: "t=1; "})
	for _, fields := range []string{strings.Join(l.fields[:3], "\n"), strings.Join(l.fields[3:6], "\n"), "ARC-Seal: i=50", "ARC-Authentication-Results: (i=1(;"} {
		f.Add(fields, s.zone["ed._domainkey.s1.example"])
	}
	f.Fuzz(func(t *testing.T, fields, record string) {
		h, _ := split(tidy(fields))
		got := (&Verifier{Resolver: anyName{record}}).Verify(t.Context(), h, []byte("body"))
		if got.Result == "" || got.Result == Pass || len(got.Sets) > MaxSets || got.Length > MaxSets {
			t.Fatalf("%+v", got)
		}
		text := got.Reason
		for _, s := range got.Sets {
			text += s.Domain + s.Selector + s.Algorithm + string(s.CV) + s.Signer
		}
		for _, r := range text {
			if r < ' ' || r == 0x7f || r == '\uFFFD' {
				t.Fatalf("%q in %+v", r, got)
			}
		}
	})
}
