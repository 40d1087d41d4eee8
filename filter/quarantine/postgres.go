package quarantine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgres is the database of a store that several hosts share.
type postgres struct{}

// migrating is the advisory lock of who brings the schema up to date: the first
// letters of the program's name.
const migrating = 0x73656b69

// hint is how SQLite is told which index to use.
var hint = regexp.MustCompile(` INDEXED BY \w+`)

// words numbers the arguments. No text in our SQL has a question mark.
func (postgres) words(query string) string {
	query = strings.ReplaceAll(hint.ReplaceAllString(query, ""), "instr(", "strpos(")
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		if after == "" || after[0] < '0' || after[0] > '9' {
			b.WriteString(strconv.Itoa(n))
		}
		query = after
	}
}

// pack writes what PostgreSQL does not take in a text as \xHH: bytes that are no
// UTF-8, NUL, and the backslash itself. A sender's address and greeting may be
// any bytes, and have to come back as they were.
func (postgres) pack(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\\") {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 || r == 0 || r == '\\' {
			fmt.Fprintf(&b, `\x%02x`, s[0])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

func (postgres) unpack(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if len(s) >= 4 && s[:2] == `\x` {
			if c, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
				b.WriteByte(byte(c))
				s = s[4:]
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

func (postgres) locking() string          { return " FOR UPDATE" }
func (postgres) steps() ([]string, error) { return migrations(schema, "schema/postgres/*.sql") }

func (postgres) version(ctx context.Context, tx handle) (n int, err error) {
	if _, err := tx.exec(ctx, "SELECT pg_advisory_xact_lock(?)", migrating); err != nil {
		return 0, err
	}
	if _, err := tx.exec(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"); err != nil {
		return 0, err
	}
	err = tx.value(ctx, &n, "SELECT coalesce(max(version), 0) FROM schema_version")
	return n, err
}

func (postgres) setVersion(ctx context.Context, tx handle, n int) error {
	var old int
	switch err := tx.value(ctx, &old, "SELECT coalesce(max(version), -1) FROM schema_version"); {
	case err != nil || old == n:
		return err
	}
	_, err1 := tx.exec(ctx, "DELETE FROM schema_version")
	_, err2 := tx.exec(ctx, "INSERT INTO schema_version VALUES (?)", n)
	return errors.Join(err1, err2)
}

// again is true of transactions that the server ended because two of them would
// have waited for each other.
func (postgres) again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01") // serialization_failure, deadlock_detected
}

// sweep removes the old versions of rows, which would be there until the server
// comes to it. It passes over tables that somebody else is sweeping.
func (postgres) sweep(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "VACUUM (SKIP_LOCKED, TRUNCATE FALSE) entry, item")
	return err
}

// openPostgres connects to the database that a URL names. existing is false
// when the tables may be made.
func openPostgres(ctx context.Context, address, passwordFile string, existing bool) (write, read *sql.DB, err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, nil, err // pgx leaves the password out
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = dialTimeout
	}
	// A commit returns when it is on disk, whatever the server's default is, and
	// nobody waits for long for a gate that hangs in the middle of something.
	for name, value := range map[string]string{
		"application_name": "sekisho", "synchronous_commit": "on", "default_transaction_isolation": "read committed",
		"lock_timeout":                        strconv.FormatInt(busyTimeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": strconv.FormatInt(changeTimeout.Milliseconds(), 10),
	} {
		config.RuntimeParams[name] = value
	}
	option := stdlib.OptionBeforeConnect(func(_ context.Context, c *pgx.ConnConfig) error {
		if passwordFile == "" {
			return nil
		}
		// Read anew for each connection: a password may be changed while we run.
		password, err := secret(passwordFile)
		c.Password = password
		return err
	})
	write, read = stdlib.OpenDB(*config, option), stdlib.OpenDB(*config, option)
	var encoding, table sql.NullString
	err = write.QueryRowContext(ctx, "SELECT current_setting('server_encoding'), to_regclass('schema_version')::text").Scan(&encoding, &table)
	switch {
	case err != nil:
	case encoding.String != "UTF8":
		err = fmt.Errorf("the database has the encoding %s: make one with UTF8", encoding.String)
	case existing && !table.Valid:
		err = fmt.Errorf("no quarantine in the database: %w", fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, errors.Join(err, write.Close(), read.Close())
	}
	return write, read, nil
}

// secret is the first line of a file that holds a password.
func secret(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return line, nil
}
