package mail_test

import (
	"bytes"
	"slices"
	"testing"

	"sekisho/filter/mail"
)

// TestParseWithout: what is left out is stated, but only where there was something to
// look at; the rest of the message is read as ever.
func TestParseWithout(t *testing.T) {
	t.Parallel()
	picture, plain := with("<p>scan", noise(t)), "Content-Type: text/plain\n\nhello https://a.example/\n"
	document := "Content-Type: application/pdf\n\n%PDF-1.4\n/URI (https://b.example)\n"
	both := []mail.Check{mail.CheckPictures, mail.CheckDocuments}
	for name, tc := range map[string]struct {
		file    string
		without []mail.Check
		left    []mail.Check
		links   int
	}{
		"a picture":                    {picture, both, []mail.Check{mail.CheckPictures}, 0},
		"a picture, documents left":    {picture, both[1:], nil, 0},
		"a picture of no interest":     {with("<p>hello <a href=https://a.example/>" + string(bytes.Repeat([]byte("text "), 200))), both, nil, 1},
		"a document":                   {document, both, []mail.Check{mail.CheckDocuments}, 0},
		"a document, pictures left":    {document, both[:1], nil, 1},
		"a document, and nothing left": {document, nil, nil, 1},
		"neither":                      {plain, both, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, body, err := mail.ReadFile(bytes.NewReader([]byte(tc.file)))
			if err != nil {
				t.Fatal(err)
			}
			m := mail.ParseWithout(h, body, tc.without...)
			if !slices.Equal(m.Left, tc.left) {
				t.Errorf("left %q, want %q", m.Left, tc.left)
			}
			if len(m.Links) != tc.links {
				t.Errorf("links %v, want %d", m.Links, tc.links)
			}
		})
	}
}
