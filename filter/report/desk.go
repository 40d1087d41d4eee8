package report

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"

	"sekisho/filter/mail/transfer"
	"sekisho/filter/quarantine"
	"sekisho/policy/strictyaml"
)

//go:embed desks.yaml
var desksFile []byte

// Desk is a national or international desk to which people send phishing mail.
type Desk struct {
	ID      string `yaml:"id"`
	Country string `yaml:"country"` // ISO 3166, lower case; "" is everywhere
	Name    string `yaml:"name"`
	English string `yaml:"en"` // name for who reads English; "" is Name
	Address string `yaml:"address"`
}

// ErrNoDesk says that no desk has an id.
var ErrNoDesk = errors.New("no such desk")

// Desks are all that are known, in the order of their file.
func Desks() ([]Desk, error) {
	var file struct {
		Desks []Desk `yaml:"desks"`
	}
	if err := strictyaml.Unmarshal("desks.yaml", desksFile, &file); err != nil {
		return nil, err
	}
	for _, d := range file.Desks {
		if d.ID == "" || d.Name == "" || !validTarget(d.Address) || len(file.Desks) > maxDesks {
			return nil, fmt.Errorf("desks.yaml: desk %q is not complete", d.ID)
		}
	}
	return file.Desks, nil
}

// Draft is a message about an item to a desk, for a person to open in their mail
// program, look through, and send. The addresses of the recipients are hidden. Nothing
// is sent or written down by it. ErrNoDesk, ErrOff, and the errors of the store's Show
// and Message.
func (k *Keeper) Draft(ctx context.Context, item, desk string) ([]byte, error) {
	s := k.opt.Settings()
	if s.From.Address == "" {
		return nil, ErrOff
	}
	all, err := Desks()
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.ID == desk {
			return k.draft(ctx, item, d, s)
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrNoDesk, desk)
}

func (k *Keeper) draft(ctx context.Context, item string, d Desk, s Settings) ([]byte, error) {
	e, err := k.evidence(ctx, item)
	if err != nil {
		return nil, err
	}
	r := quarantine.Report{Kind: quarantine.ToBrand, Target: d.Address}
	w, subject := english, "Report of a phishing message"
	if d.Country == "jp" {
		w, subject = japanese, "フィッシングメールの情報提供"
	}
	w.toBrand = ""
	boundary := boundary("draft", e.item.ID, e)
	var b bytes.Buffer
	field := func(name, value string) { writeField(&b, name, value) }
	field("From", "<"+s.From.Address+">")
	field("To", "<"+d.Address+">")
	field("Subject", encoded(subject, len("Subject: ")))
	field("X-Unsent", "1") // mail programs open it as a draft
	field("MIME-Version", "1.0")
	field("Content-Type", "multipart/mixed;\r\n boundary=\""+boundary+"\"")
	b.WriteString("\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	b.WriteString(transfer.EncodeBase64([]byte(k.say(w, r, e, s))))
	kind, name := "message/rfc822", "message.eml"
	if !e.message.Whole {
		kind, name = "text/rfc822-headers", "header.txt"
	}
	b.WriteString("--" + boundary + "\r\nContent-Type: " + kind + "\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n")
	b.Write(e.message.Bytes)
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes(), nil
}
