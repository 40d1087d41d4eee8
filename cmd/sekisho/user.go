package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"sekisho/filter/daemon"
	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add somebody. The password is read from standard input."`
	List   userListCmd   `cmd:"" help:"List who may log in, and their tokens."`
	Remove userRemoveCmd `cmd:"" help:"Remove somebody, with their tokens; sessions end."`
	Passwd userPasswdCmd `cmd:"" help:"Change a password, read from standard input; sessions end."`
	Token  userTokenCmd  `cmd:"" help:"Tokens with which programs use the API."`
}

// userFlags say whose users are meant.
type userFlags struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon, for its state_dir."`
}

func (f *userFlags) book() (*account.Book, error) {
	cfg, err := settings(f.Config)
	if err != nil {
		return nil, err
	}
	return account.Open(daemon.WebDir(cfg), time.Now), nil
}

// userError makes errors that the caller can mend the caller's.
func userError(err error) error {
	for _, mine := range []error{account.ErrUnusable, account.ErrExists, account.ErrNoUser} {
		if errors.Is(err, mine) {
			return usage{err}
		}
	}
	return err
}

type userAddCmd struct {
	userFlags `embed:""`

	Role    string   `enum:"admin,domain-admin,recipient" required:"" placeholder:"ROLE" help:"admin: sees and does everything. domain-admin: mail to the domains given. recipient: mail to the addresses given."`
	Domain  []string `placeholder:"DOMAIN" help:"Domain of a domain-admin; may be given again."`
	SSO     bool     `name:"sso" help:"Without a password: the user logs in through the provider of the settings (web.oidc), or with tokens alone."`
	Address []string `placeholder:"ADDRESS" help:"Address of a recipient; may be given again."`
	Name    string   `arg:"" help:"Name to log in with."`
}

func (c *userAddCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	u := account.User{Name: c.Name, Role: quarantine.Role(c.Role), Domains: c.Domain, Addresses: c.Address}
	if c.SSO {
		return userError(book.AddWithout(u))
	}
	password, err := readPassword()
	if err != nil {
		return err
	}
	return userError(book.Add(u, password))
}

type userListCmd struct {
	userFlags `embed:""`
}

func (c *userListCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	users, err := book.Users()
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tROLE\tSEES\tTOKEN\tEXPIRES\tNOTE")
	for _, u := range users {
		sees := strings.Join(append(u.Domains, u.Addresses...), " ")
		fmt.Fprintf(t, "%s\t%s\t%s\t\t\t\n", u.Name, u.Role, sees)
		for _, token := range u.Tokens {
			fmt.Fprintf(t, "%s\t\t\t%s\t%s\t%q\n", u.Name, token.ID, token.Expires.Format(time.DateOnly), token.Note)
		}
	}
	return t.Flush()
}

type userRemoveCmd struct {
	userFlags `embed:""`

	Name string `arg:"" help:"Who."`
}

func (c *userRemoveCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	return userError(book.Remove(c.Name))
}

type userPasswdCmd struct {
	userFlags `embed:""`

	Name string `arg:"" help:"Whose."`
}

func (c *userPasswdCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	password, err := readPassword()
	if err != nil {
		return err
	}
	return userError(book.SetPassword(c.Name, password))
}

type userTokenCmd struct {
	Add    userTokenAddCmd    `cmd:"" help:"Make a token and print it, once."`
	Remove userTokenRemoveCmd `cmd:"" help:"End a token."`
}

type userTokenAddCmd struct {
	userFlags `embed:""`

	Valid time.Duration `default:"2160h" help:"How long it holds."`
	Note  string        `placeholder:"TEXT" help:"What it is for."`
	Name  string        `arg:"" help:"Whose: what the token may do is what its user may."`
}

func (c *userTokenAddCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	token, _, err := book.AddToken(c.Name, c.Note, c.Valid)
	if err != nil {
		return userError(err)
	}
	fmt.Println(token)
	return nil
}

type userTokenRemoveCmd struct {
	userFlags `embed:""`

	Name string `arg:"" help:"Whose."`
	ID   string `arg:"" name:"id" help:"Id of the token, as list shows it."`
}

func (c *userTokenRemoveCmd) Run() error {
	book, err := c.book()
	if err != nil {
		return err
	}
	return userError(book.RemoveToken(c.Name, c.ID))
}

// readPassword reads a line from standard input: asked for twice, and not shown,
// where that is a terminal.
func readPassword() (string, error) {
	const fd = 0
	in := bufio.NewReader(io.LimitReader(os.Stdin, 8<<10))
	line := func() (string, error) {
		text, err := in.ReadString('\n')
		if err != nil && (!errors.Is(err, io.EOF) || text == "") {
			return "", usage{fmt.Errorf("no password on standard input: %w", err)}
		}
		return strings.TrimRight(text, "\r\n"), nil
	}
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return line() // no terminal
	}
	silent := *was
	silent.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &silent); err != nil {
		return "", err
	}
	defer func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, was) }()
	var typed [2]string
	for i, prompt := range []string{"Password: ", "\nOnce more: "} {
		fmt.Fprint(os.Stderr, prompt)
		if typed[i], err = line(); err != nil {
			return "", err
		}
	}
	fmt.Fprintln(os.Stderr)
	if typed[0] != typed[1] {
		return "", usage{errors.New("the two are not the same")}
	}
	return typed[0], nil
}
