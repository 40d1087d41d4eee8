package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/quarantine"
)

const password = "correct horse battery"

func TestBook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	dir := filepath.Join(t.TempDir(), "web")
	b := Open(dir, func() time.Time { return now })
	other := Open(dir, time.Now) // as a command beside the daemon
	if users, err := b.Users(); err != nil || len(users) != 0 {
		t.Fatalf("a new book: %v %v", users, err)
	}
	if _, err := b.Check(t.Context(), "hanako", password); !errors.Is(err, ErrWrong) {
		t.Errorf("nobody there: %v", err)
	}
	u := User{Name: "hanako", Role: quarantine.DomainAdmin, Domains: []string{"Kaisha.TEST", "例え.test"}}
	if err := other.Add(u, password); err != nil {
		t.Fatal(err)
	}
	if err := other.Add(u, password); !errors.Is(err, ErrExists) {
		t.Errorf("twice: %v", err)
	}
	got, err := b.Check(t.Context(), "hanako", password)
	if err != nil || got.Domains[0] != "kaisha.test" || got.Domains[1] != "xn--r8jz45g.test" {
		t.Fatalf("%+v %v", got, err)
	}
	if strings.Contains(got.Password, "horse") || !strings.HasPrefix(got.Password, "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Errorf("kept as %q", got.Password)
	}
	if info, err := os.Stat(filepath.Join(dir, fileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, err := b.Check(t.Context(), "hanako", password+"x"); !errors.Is(err, ErrWrong) {
		t.Errorf("wrong password: %v", err)
	}

	token, made, err := other.AddToken("hanako", "backup", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	// The other book made it by the real clock, far ahead of ours.
	if u, found, err := b.ByToken(token); err != nil || u.Name != "hanako" || found.ID != made.ID {
		t.Errorf("%v %v %v", u, found, err)
	}
	now = made.Expires
	if _, _, err := b.ByToken(token); !errors.Is(err, ErrWrong) {
		t.Errorf("expired: %v", err)
	}
	now = made.Created
	text, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || strings.Contains(string(text), token) {
		t.Errorf("the token is kept: %v", err)
	}
	if err := other.RemoveToken("hanako", made.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.ByToken(token); !errors.Is(err, ErrWrong) {
		t.Errorf("removed: %v", err)
	}
	if err := other.SetPassword("hanako", "another long password"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Check(t.Context(), "hanako", password); !errors.Is(err, ErrWrong) {
		t.Errorf("old password: %v", err)
	}
	if err := other.Remove("hanako"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.User("hanako"); !errors.Is(err, ErrNoUser) {
		t.Errorf("removed: %v", err)
	}
	if err := other.Remove("hanako"); !errors.Is(err, ErrNoUser) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestSees(t *testing.T) {
	t.Parallel()
	admin := User{Role: quarantine.Admin}
	domain := User{Role: quarantine.DomainAdmin, Domains: []string{"kaisha.test"}}
	own := User{Role: quarantine.ToRecipient, Addresses: []string{"hanako@kaisha.test"}}
	for _, c := range []struct {
		recipient          string
		admin, domain, own bool
	}{
		{"hanako@kaisha.test", true, true, true},
		{"Hanako@KAISHA.test", true, true, true},
		{"taro@kaisha.test", true, true, false},
		{"taro@sub.kaisha.test", true, false, false},
		{"hanako@kaisha.test@gakko.test", true, false, false},
		{"taro@notkaisha.test", true, false, false},
		{"", true, false, false},
	} {
		if got := [3]bool{admin.Sees(c.recipient), domain.Sees(c.recipient), own.Sees(c.recipient)}; got != [3]bool{c.admin, c.domain, c.own} {
			t.Errorf("%q: %v", c.recipient, got)
		}
	}
	if (&User{}).Sees("hanako@kaisha.test") {
		t.Error("somebody without a role sees mail")
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	b := Open(t.TempDir(), time.Now)
	domains := func(n int) []string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("d%d.test", i))
		}
		return list
	}
	good := User{Name: strings.Repeat("n", maxName), Role: quarantine.DomainAdmin, Domains: domains(maxScope)}
	if err := b.Add(good, strings.Repeat("p", MinPassword)); err != nil {
		t.Errorf("at the limits: %v", err)
	}
	for name, u := range map[string]User{
		"no name":      {Role: quarantine.Admin},
		"long name":    {Name: strings.Repeat("n", maxName+1), Role: quarantine.Admin},
		"odd name":     {Name: "a\x1bb", Role: quarantine.Admin},
		"no role":      {Name: "a"},
		"odd role":     {Name: "a", Role: "root"},
		"no domain":    {Name: "a", Role: quarantine.DomainAdmin},
		"odd domain":   {Name: "a", Role: quarantine.DomainAdmin, Domains: []string{"a b"}},
		"many domains": {Name: "a", Role: quarantine.DomainAdmin, Domains: domains(maxScope + 1)},
		"no address":   {Name: "a", Role: quarantine.ToRecipient},
		"odd address":  {Name: "a", Role: quarantine.ToRecipient, Addresses: []string{"kaisha.test"}},
		"admin scope":  {Name: "a", Role: quarantine.Admin, Domains: []string{"kaisha.test"}},
	} {
		if err := b.Add(u, password); !errors.Is(err, ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, p := range []string{"", strings.Repeat("p", MinPassword-1), strings.Repeat("p", maxPassword+1)} {
		if err := b.SetPassword(good.Name, p); !errors.Is(err, ErrUnusable) {
			t.Errorf("password of %d: %v", len(p), err)
		}
	}
	for range maxTokens {
		if _, _, err := b.AddToken(good.Name, "", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.AddToken(good.Name, "", time.Hour); !errors.Is(err, ErrUnusable) {
		t.Errorf("one more token: %v", err)
	}
	// Costs of the file's choosing are not paid.
	cheap := strings.Replace(hash(password), "m=65536", "m=8", 1)
	if matches(cheap, password) {
		t.Error("other costs are taken")
	}
}
