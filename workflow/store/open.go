package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // registers the driver "sqlite", which needs no cgo
)

const (
	defaultMaxConnections = 10
	// sqliteBusyTimeout is how long a writer waits for one of another process.
	sqliteBusyTimeout = 10 * time.Second
	// connectTimeout bounds a connection attempt when the URL sets no connect_timeout.
	connectTimeout = 5 * time.Second
	// connectionLifetime lets replicas drift back to a database after a failover.
	connectionLifetime = 30 * time.Minute
)

// Open connects to the database and asks it whether it answers. It does not
// touch the schema; see Migrate.
func Open(ctx context.Context, config Config) (*Store, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	if config.MaxConnections == 0 {
		config.MaxConnections = defaultMaxConnections
	}
	open := openSQLite
	if config.isPostgres() {
		open = openPostgres
	}
	store, err := open(config)
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", config, err)
	}
	if err := store.Ping(ctx); err != nil {
		_ = store.Close()
		return nil, fmt.Errorf("open database %q: %w", config, err)
	}
	return store, nil
}

// openSQLite opens the file, readable by its owner only, because it holds
// sessions. Writes are durable when they return (synchronous FULL); a
// transaction takes the write lock when it begins, since one that has to
// upgrade its read lock would fail at once instead of waiting.
func openSQLite(config Config) (*Store, error) {
	path, err := filepath.Abs(config.DSN)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	query := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", sqliteBusyTimeout.Milliseconds()),
			"journal_mode(WAL)",
			"synchronous(FULL)",
			"foreign_keys(ON)",
		},
	}
	location := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	pool, err := sql.Open("sqlite", location.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(config.MaxConnections)
	pool.SetMaxIdleConns(config.MaxConnections)
	store, err := newStore(config, pool, sqlite.New(sqlite.Config{Conn: pool}))
	if err != nil {
		return nil, err
	}
	store.turn = make(chan struct{}, 1)
	return store, nil
}

func openPostgres(config Config) (*Store, error) {
	connection, err := config.postgres()
	if err != nil {
		return nil, err
	}
	if connection.ConnectTimeout == 0 {
		connection.ConnectTimeout = connectTimeout
	}
	if _, named := connection.RuntimeParams["application_name"]; !named {
		connection.RuntimeParams["application_name"] = "tenure"
	}
	pool := stdlib.OpenDB(*connection)
	pool.SetMaxOpenConns(config.MaxConnections)
	pool.SetMaxIdleConns(config.MaxConnections)
	pool.SetConnMaxLifetime(connectionLifetime)
	return newStore(config, pool, postgres.New(postgres.Config{Conn: pool}))
}

func newStore(config Config, pool *sql.DB, dialector gorm.Dialector) (*Store, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		Logger:                 slowStatements{log: config.Log, threshold: slowThreshold},
		SkipDefaultTransaction: true, // write opens its own
		DisableAutomaticPing:   true, // Open pings, with its context
	})
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	return &Store{db: db, pool: pool, log: config.Log}, nil
}
