package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a running PostgreSQL.
type Postgres struct {
	PasswordFile string // for the user of the addresses

	dir        string
	bin        string
	password   string
	credential *syscall.Credential
	process    *process
}

// StartPostgres makes a database cluster below dir, or in a new folder when dir is
// empty, and starts its server on a socket there. The server refuses to run as
// root, and is the user postgres then.
func StartPostgres(dir string) (_ *Postgres, err error) {
	p := &Postgres{password: rand.Text()}
	if p.bin, err = programs(); err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp(dir, "pg"); err != nil { // short: it holds a socket
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(p.dir))
		}
	}()
	p.PasswordFile = filepath.Join(p.dir, "password")
	if err := os.WriteFile(p.PasswordFile, []byte(p.password+"\n"), 0o600); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if p.credential, err = unprivileged(); err != nil {
			return nil, err
		}
		for _, name := range []string{p.dir, p.PasswordFile} {
			if err := os.Chown(name, int(p.credential.Uid), int(p.credential.Gid)); err != nil {
				return nil, err
			}
		}
	}
	cmd := exec.Command(filepath.Join(p.bin, "initdb"), "--pgdata", p.data(), "--username", "sekisho", "--auth", "scram-sha-256",
		"--pwfile", p.PasswordFile, "--encoding", "UTF8", "--locale", "C", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = p.dir, &syscall.SysProcAttr{Credential: p.credential}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return p, p.Start()
}

// programs is the folder of the newest PostgreSQL. Debian keeps them apart by version.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		path, err := exec.LookPath("initdb")
		if err != nil {
			return "", fmt.Errorf("PostgreSQL (Debian's package postgresql): %w", ErrAbsent)
		}
		return filepath.Dir(path), nil
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4]) // not a number: the oldest
	return n
}

func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", ErrAbsent)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

// Start starts the server again after Stop or Kill. What is left of a killed one
// may hold its memory for a moment, and a server that finds it ends at once.
func (p *Postgres) Start() (err error) {
	for range maxStarts {
		if err = p.start(); err == nil || !strings.Contains(err.Error(), "pre-existing shared memory block") {
			break
		}
		time.Sleep(startPause)
	}
	return err
}

const (
	maxStarts  = 50
	startPause = 100 * time.Millisecond
)

func (p *Postgres) start() (err error) {
	// Tests kill the server, never the disk: what was written is there without fsync.
	p.process, err = run(filepath.Join(p.dir, "log"), "INT", nil, p.credential, filepath.Join(p.bin, "postgres"),
		"-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
	if err != nil {
		return err
	}
	return p.process.until(func() error { return p.do("SELECT 1") })
}

// Stop ends the server; connections are cut.
func (p *Postgres) Stop() { p.process.stop() }

// Kill ends all processes of the server at once.
func (p *Postgres) Kill() {
	p.process.kill()
	// Of a process that is no more, but perhaps has not been waited for.
	_ = os.Remove(filepath.Join(p.data(), "postmaster.pid"))
	_ = os.Remove(filepath.Join(p.dir, ".s.PGSQL.5432.lock"))
}

// Close ends the server and removes all that it had.
func (p *Postgres) Close() error {
	p.Stop()
	return os.RemoveAll(p.dir)
}

// NewDatabase makes an empty database and returns its address, without the password.
func (p *Postgres) NewDatabase() (string, error) {
	name := "t" + strings.ToLower(rand.Text())
	if err := p.do("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return p.Address(name), nil
}

// Address of a database of the server.
func (p *Postgres) Address(database string) string {
	return (&url.URL{Scheme: "postgres", User: url.User("sekisho"), Path: "/" + database, RawQuery: url.Values{"host": {p.dir}}.Encode()}).String()
}

func (p *Postgres) do(query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	config, err := pgx.ParseConfig(p.Address("postgres"))
	if err != nil {
		return err
	}
	config.Password = p.password
	c, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, query)
	return errors.Join(err, c.Close(ctx))
}
