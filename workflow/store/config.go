package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Config says which database to use.
type Config struct {
	// DSN is the path of an SQLite file, whose folder must exist, or a URL
	// postgres://user:password@host:port/database?sslmode=verify-full. Required.
	// It may hold a password and is never printed.
	DSN string
	// Log gets slow statements, without their values, and applied migrations. Required.
	Log *slog.Logger
	// MaxConnections is the most connections held open at once; 0 means 10.
	MaxConnections int
}

// Check gives everything that is wrong with the configuration at once.
func (c Config) Check() error {
	var problems []error
	switch {
	case c.DSN == "":
		problems = append(problems, errors.New("database: a file path for SQLite or a postgres:// URL is required"))
	case c.isPostgres():
		if _, err := c.postgres(); err != nil {
			problems = append(problems, err)
		}
	case strings.Contains(c.DSN, "://"), strings.HasPrefix(c.DSN, "file:"):
		problems = append(problems, errors.New("database: neither a postgres:// URL nor a plain file path for SQLite"))
	case strings.HasPrefix(c.DSN, ":memory:"):
		problems = append(problems, errors.New("database: :memory: cannot be used, because each connection would have its own"))
	}
	if c.Log == nil {
		problems = append(problems, errors.New("database: a log is required"))
	}
	if c.MaxConnections < 0 {
		problems = append(problems, fmt.Errorf("database: at most %d connections; at least 1 is needed, or 0 for the default", c.MaxConnections))
	}
	return errors.Join(problems...)
}

// String names the database without user and password, for logs.
func (c Config) String() string {
	if c.isPostgres() {
		config, err := c.postgres()
		if err != nil {
			return "PostgreSQL at an unreadable URL"
		}
		return fmt.Sprintf("PostgreSQL %s:%d/%s", config.Host, config.Port, config.Database)
	}
	if strings.Contains(c.DSN, "://") {
		return "an unknown database"
	}
	return "SQLite " + c.DSN
}

// GoString is String, so that %#v shows no password either.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) isPostgres() bool {
	return strings.HasPrefix(c.DSN, "postgres://") || strings.HasPrefix(c.DSN, "postgresql://")
}

// postgres reads the URL. The parser's own error is left out: what it quotes
// can be a piece of a password that holds a slash or a percent sign.
func (c Config) postgres() (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(c.DSN)
	if err != nil {
		return nil, errors.New("database: the postgres:// URL cannot be read, or a file it names (sslrootcert, sslcert, sslkey, passfile) is missing; " +
			"it should look like postgres://user:password@host:5432/database?sslmode=verify-full, with / : @ and % in the password percent-encoded")
	}
	return config, nil
}
