// Command mkcases writes the signed story messages under testdata/cases.
//
//	go run ./testdata/mkcases
//
// Each case is a folder: message.eml, dns.zone, session.txt and why.txt come
// from the table in cases.go; want.json is written by the tests' -update flag and
// read by people. Keys are made anew in each run and never kept: what is signed
// and the zone with its public key belong together.
package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"flag"
	"fmt"
	"log"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// letter is a case before it is encoded and signed.
type letter struct {
	name, why string
	client    string // SMTP client address
	host      string // its name, forward and back; "" for none
	sender    string // MAIL FROM
	rcpts     []string
	from      string // display name, may be empty
	address   string // From address
	subject   string
	charset   string // iso-2022-jp, shift_jis, utf-8
	text      string
	html      string   // "" for a plain message
	sign      string   // DKIM d=; "" for an unsigned message
	spoil     bool     // change the body after signing
	zone      []string // further records
}

func main() {
	out := flag.String("o", "testdata/cases", "folder to write to")
	flag.Parse()
	for _, l := range letters() {
		if err := write(filepath.Join(*out, l.name), l); err != nil {
			log.Fatalf("case %s: %v", l.name, err)
		}
	}
}

func write(dir string, l letter) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	zone := append([]string{"$ORIGIN .", "$TTL 300"}, l.zone...)
	if l.host != "" {
		zone = append(zone, l.host+". A "+l.client, reverse(l.client)+" PTR "+l.host+".")
	}
	msg, err := l.message()
	if err != nil {
		return err
	}
	if l.sign != "" {
		var record string
		if msg, record, err = sign(msg, l.sign, l.name); err != nil {
			return err
		}
		zone = append(zone, record)
	}
	if l.spoil {
		msg = append(msg, "-- \r\nmailing list footer\r\n"...)
	}
	var session strings.Builder
	fmt.Fprintf(&session, "client %s\nname %s\nhelo %s\nfrom %s\n", l.client, or(l.host, "unknown"), or(l.host, "["+l.client+"]"), l.sender)
	for _, r := range l.rcpts {
		fmt.Fprintf(&session, "rcpt %s\n", r)
	}
	for name, data := range map[string][]byte{
		"message.eml": msg,
		"dns.zone":    []byte(strings.Join(zone, "\n") + "\n"),
		"session.txt": []byte(session.String()),
		"why.txt":     []byte(l.why + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (l letter) message() ([]byte, error) {
	enc := map[string]encoding.Encoding{
		"iso-2022-jp": japanese.ISO2022JP, "shift_jis": japanese.ShiftJIS, "utf-8": unicode.UTF8,
	}[l.charset]
	if enc == nil {
		return nil, fmt.Errorf("no charset %q", l.charset)
	}
	var b bytes.Buffer
	from := "<" + l.address + ">"
	if l.from != "" {
		from = word(enc, l.charset, l.from) + " " + from
	}
	fmt.Fprintf(&b, "From: %s\r\n", from)
	fmt.Fprintf(&b, "To: <%s>\r\n", l.rcpts[0])
	fmt.Fprintf(&b, "Subject: %s\r\n", word(enc, l.charset, l.subject))
	fmt.Fprintf(&b, "Date: Tue, 10 Nov 2026 09:12:44 +0900\r\n")
	fmt.Fprintf(&b, "Message-ID: <%s@%s>\r\n", l.name, l.address[strings.LastIndexByte(l.address, '@')+1:])
	b.WriteString("MIME-Version: 1.0\r\n")
	if l.html == "" {
		part(&b, enc, l.charset, "text/plain", l.text)
		return b.Bytes(), nil
	}
	b.WriteString("Content-Type: multipart/alternative; boundary=\"sekisho-case\"\r\n\r\n")
	b.WriteString("--sekisho-case\r\n")
	part(&b, enc, l.charset, "text/plain", l.text)
	b.WriteString("\r\n--sekisho-case\r\n")
	part(&b, enc, l.charset, "text/html", l.html)
	b.WriteString("\r\n--sekisho-case--\r\n")
	return b.Bytes(), nil
}

// part writes an entity: ISO-2022-JP as it is (7bit), others in base64.
func part(b *bytes.Buffer, enc encoding.Encoding, charset, mediaType, text string) {
	raw := []byte(encode(enc, strings.ReplaceAll(strings.TrimLeft(text, "\n"), "\n", "\r\n")))
	if charset == "iso-2022-jp" {
		fmt.Fprintf(b, "Content-Type: %s; charset=%s\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", mediaType, charset)
		b.Write(raw)
		return
	}
	fmt.Fprintf(b, "Content-Type: %s; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", mediaType, charset)
	line := base64.StdEncoding.EncodeToString(raw)
	for len(line) > 76 {
		b.WriteString(line[:76] + "\r\n")
		line = line[76:]
	}
	b.WriteString(line + "\r\n")
}

// word encodes header text as RFC 2047 words of a few characters each, folded.
func word(enc encoding.Encoding, charset, text string) string {
	if isASCII(text) {
		return mime.QEncoding.Encode("utf-8", text)
	}
	const perWord = 12
	runes := []rune(text)
	var words []string
	for len(runes) > 0 {
		n := min(perWord, len(runes))
		words = append(words, "=?"+charset+"?B?"+base64.StdEncoding.EncodeToString([]byte(encode(enc, string(runes[:n]))))+"?=")
		runes = runes[n:]
	}
	return strings.Join(words, "\r\n ")
}

func encode(enc encoding.Encoding, text string) string {
	s, err := enc.NewEncoder().String(text)
	if err != nil {
		log.Fatalf("encode %q: %v", text, err)
	}
	return s
}

func sign(msg []byte, domain, selector string) (signed []byte, record string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	err = dkim.Sign(&b, bytes.NewReader(msg), &dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"},
	})
	if err != nil {
		return nil, "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, "", err
	}
	p := base64.StdEncoding.EncodeToString(der)
	record = fmt.Sprintf("%s._domainkey.%s. TXT \"v=DKIM1; k=rsa; p=%s\" \"%s\"", selector, domain, p[:200], p[200:])
	return b.Bytes(), record, nil
}

func reverse(ip string) string {
	p := strings.Split(ip, ".")
	return p[3] + "." + p[2] + "." + p[1] + "." + p[0] + ".in-addr.arpa."
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
