package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
)

// Errors that callers tell apart.
var (
	ErrWrong    = errors.New("wrong name or password")
	ErrNoUser   = errors.New("no such user")
	ErrExists   = errors.New("there is a user of that name")
	ErrUnusable = errors.New("cannot be used") // what was given: name, password, scope
)

// User is somebody who may log in.
type User struct {
	Name      string          `json:"name"`
	Password  string          `json:"password"` // as hash writes it; "" for one who only has tokens
	Role      quarantine.Role `json:"role"`
	Domains   []string        `json:"domains,omitempty"`   // of a domain admin: A-labels, lower case
	Addresses []string        `json:"addresses,omitempty"` // of a recipient, lower case
	Created   time.Time       `json:"created"`
	Tokens    []Token         `json:"tokens,omitempty"`
}

// Token lets a program act as a user.
type Token struct {
	ID      string    `json:"id"`
	SHA256  string    `json:"sha256"` // of the whole token
	Note    string    `json:"note,omitempty"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// Sees reports whether the user may know of mail to a recipient. An erased item has
// no recipient, and is the admin's alone.
func (u *User) Sees(recipient string) bool {
	switch u.Role {
	case quarantine.Admin:
		return true
	case quarantine.DomainAdmin:
		return slices.Contains(u.Domains, domainOf(recipient))
	case quarantine.ToRecipient:
		return recipient != "" && slices.Contains(u.Addresses, address(recipient))
	}
	return false
}

// Reach is the domains in which the user sees recipients; all is for everybody's.
func (u *User) Reach() (domains []string, all bool) {
	switch u.Role {
	case quarantine.Admin:
		return nil, true
	case quarantine.DomainAdmin:
		return u.Domains, false
	}
	for _, a := range u.Addresses {
		if d := domainOf(a); !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	return domains, false
}

// Recipient is somebody without an account who sees what one address is sent.
func Recipient(name, to string) User {
	return User{Name: name, Role: quarantine.ToRecipient, Addresses: []string{address(to)}}
}

// address is the form in which addresses are compared. Local parts are told apart
// by case in theory (RFC 5321, section 2.4) and by nobody's mailboxes.
func address(a string) string {
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return strings.ToLower(a)
	}
	return strings.ToLower(a[:at]) + "@" + domainOf(a)
}

func domainOf(a string) string {
	domain := a[strings.LastIndexByte(a, '@')+1:]
	if ascii, ok := mail.ASCIIDomain(domain); ok {
		return ascii
	}
	return strings.ToLower(domain)
}

// check brings the user into the form that is kept, or says what is wrong.
func (u *User) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s %w", fmt.Sprintf(format, args...), ErrUnusable)
	}
	odd := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"\<>`, r) }
	if u.Name == "" || len(u.Name) > maxName || strings.ContainsFunc(u.Name, odd) {
		return bad("the name %q (1 to %d visible ASCII characters)", u.Name, maxName)
	}
	if len(u.Domains) > maxScope || len(u.Addresses) > maxScope {
		return bad("more than %d domains or addresses", maxScope)
	}
	for i, d := range u.Domains {
		ascii, ok := mail.ASCIIDomain(d)
		if !ok {
			return bad("%q is no domain and", d)
		}
		u.Domains[i] = ascii
	}
	for i, a := range u.Addresses {
		at := strings.LastIndexByte(a, '@')
		if _, ok := mail.ASCIIDomain(a[at+1:]); at < 1 || !ok {
			return bad("%q is no address and", a)
		}
		u.Addresses[i] = address(a)
	}
	switch n, m := len(u.Domains), len(u.Addresses); {
	case u.Role == quarantine.Admin && n+m > 0:
		return bad("an admin sees everything: domains or addresses")
	case u.Role == quarantine.DomainAdmin && (n == 0 || m > 0):
		return bad("a domain admin has domains and no addresses: this")
	case u.Role == quarantine.ToRecipient && (m == 0 || n > 0):
		return bad("a recipient has addresses and no domains: this")
	case !slices.Contains([]quarantine.Role{quarantine.Admin, quarantine.DomainAdmin, quarantine.ToRecipient}, u.Role):
		return bad("the role %q", u.Role)
	}
	return nil
}
