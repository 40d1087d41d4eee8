package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"sekisho/filter/wholefile"
)

const (
	fileName    = "users.json"
	lockName    = "users.lock"
	tokenPrefix = "sekisho_" // so that people and scanners for lost secrets know what it is
)

// Book is the users of one folder. Its methods may be called at the same time.
type Book struct {
	dir    string
	now    func() time.Time
	nobody func() string // hash of no password: an unknown name takes as long as a wrong password
	checks chan struct{}

	mu    sync.Mutex
	seen  os.FileInfo // of the file when it was read
	users []User
}

// Open opens the book in a folder, which need not be there until somebody is added.
func Open(dir string, now func() time.Time) *Book {
	return &Book{dir: dir, now: now, nobody: sync.OnceValue(func() string { return hash(rand.Text()) }), checks: make(chan struct{}, maxChecks)}
}

// Users returns all users, in the order of their names.
func (b *Book) Users() ([]User, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	info, err := os.Stat(filepath.Join(b.dir, fileName))
	if errors.Is(err, os.ErrNotExist) {
		b.seen, b.users = nil, nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Each change makes a new file, so that the same one has the same content.
	if b.seen != nil && os.SameFile(info, b.seen) && info.ModTime().Equal(b.seen.ModTime()) && info.Size() == b.seen.Size() {
		return b.users, nil
	}
	users, err := read(filepath.Join(b.dir, fileName))
	if err != nil {
		return nil, err
	}
	b.seen, b.users = info, users
	return users, nil
}

// User returns the user of a name. ErrNoUser.
func (b *Book) User(name string) (User, error) {
	users, err := b.Users()
	if err != nil {
		return User{}, err
	}
	if i := find(users, name); i >= 0 {
		return users[i], nil
	}
	return User{}, fmt.Errorf("%w: %q", ErrNoUser, name)
}

// Check returns the user of a name and password. ErrWrong, in the same time
// whichever of the two is wrong.
func (b *Book) Check(ctx context.Context, name, password string) (User, error) {
	u, err := b.User(name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, err
	}
	select {
	case b.checks <- struct{}{}:
		defer func() { <-b.checks }()
	case <-ctx.Done():
		return User{}, ctx.Err()
	}
	hashed := u.Password
	if hashed == "" {
		hashed = b.nobody()
	}
	if len(password) > maxPassword || !matches(hashed, password) || u.Password == "" {
		return User{}, ErrWrong
	}
	return u, nil
}

// ByToken returns the user of a token that has not expired. ErrWrong.
func (b *Book) ByToken(token string) (User, Token, error) {
	users, err := b.Users()
	if err != nil {
		return User{}, Token{}, err
	}
	// Compared as hashes: how long that takes tells nothing of the token.
	sum := digest(token)
	for _, u := range users {
		for _, t := range u.Tokens {
			if t.SHA256 == sum && b.now().Before(t.Expires) {
				return u, t, nil
			}
		}
	}
	return User{}, Token{}, ErrWrong
}

// Add adds a user. ErrExists, ErrUnusable.
func (b *Book) Add(u User, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	return b.add(u, password)
}

// AddWithout adds a user without a password, who comes by way of a provider or with
// tokens alone. ErrExists, ErrUnusable.
func (b *Book) AddWithout(u User) error {
	return b.add(u, "")
}

func (b *Book) add(u User, password string) error {
	u.Domains, u.Addresses = slices.Clone(u.Domains), slices.Clone(u.Addresses)
	if err := u.check(); err != nil {
		return err
	}
	u.Password = ""
	if password != "" {
		u.Password = hash(password)
	}
	u.Created, u.Tokens = b.now().UTC().Truncate(time.Second), nil
	return b.change(func(users []User) ([]User, error) {
		if find(users, u.Name) >= 0 {
			return nil, fmt.Errorf("%w: %q", ErrExists, u.Name)
		}
		if len(users) >= maxUsers {
			return nil, fmt.Errorf("more than %d users %w", maxUsers, ErrUnusable)
		}
		return append(users, u), nil
	})
}

// Remove removes a user, with all tokens. ErrNoUser.
func (b *Book) Remove(name string) error {
	return b.change(func(users []User) ([]User, error) {
		i := find(users, name)
		if i < 0 {
			return nil, fmt.Errorf("%w: %q", ErrNoUser, name)
		}
		return slices.Delete(users, i, i+1), nil
	})
}

// SetPassword changes a password, which ends the user's sessions. ErrNoUser,
// ErrUnusable.
func (b *Book) SetPassword(name, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	return b.update(name, func(u *User) error {
		u.Password = hash(password)
		return nil
	})
}

// AddToken makes a token for a user and returns it; nobody can see it again.
func (b *Book) AddToken(name, note string, valid time.Duration) (string, Token, error) {
	if valid <= 0 || len(note) > maxNote {
		return "", Token{}, fmt.Errorf("a token without a time to live, or a note of more than %d bytes %w", maxNote, ErrUnusable)
	}
	token := tokenPrefix + strings.ToLower(rand.Text()+rand.Text()[:6])
	now := b.now().UTC().Truncate(time.Second)
	t := Token{ID: strings.ToLower(rand.Text()[:8]), SHA256: digest(token), Note: note, Created: now, Expires: now.Add(valid)}
	err := b.update(name, func(u *User) error {
		u.Tokens = slices.DeleteFunc(slices.Clone(u.Tokens), func(t Token) bool { return !now.Before(t.Expires) })
		if len(u.Tokens) >= maxTokens {
			return fmt.Errorf("more than %d tokens %w", maxTokens, ErrUnusable)
		}
		u.Tokens = append(u.Tokens, t)
		return nil
	})
	if err != nil {
		return "", Token{}, err
	}
	return token, t, nil
}

// RemoveToken ends a token. ErrNoUser, also where there is no such token.
func (b *Book) RemoveToken(name, id string) error {
	return b.update(name, func(u *User) error {
		left := slices.DeleteFunc(slices.Clone(u.Tokens), func(t Token) bool { return t.ID == id })
		if len(left) == len(u.Tokens) {
			return fmt.Errorf("%w with a token %q", ErrNoUser, id)
		}
		u.Tokens = left
		return nil
	})
}

func (b *Book) update(name string, change func(*User) error) error {
	return b.change(func(users []User) ([]User, error) {
		i := find(users, name)
		if i < 0 {
			return nil, fmt.Errorf("%w: %q", ErrNoUser, name)
		}
		return users, change(&users[i])
	})
}

// change writes what do makes of the users, one process at a time.
func (b *Book) change(do func([]User) ([]User, error)) (err error) {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(b.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	path := filepath.Join(b.dir, fileName)
	users, err := read(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if users, err = do(users); err != nil {
		return err
	}
	slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.MarshalIndent(users, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.Replace(path, append(text, '\n'))
}

func read(path string) ([]User, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	var users []User
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxFile)
	}
	if err := json.Unmarshal(text, &users); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return users, nil
}

func find(users []User, name string) int {
	return slices.IndexFunc(users, func(u User) bool { return u.Name == name })
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
