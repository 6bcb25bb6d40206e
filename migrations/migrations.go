// Package migrations holds the database's schema as numbered steps in the
// format of github.com/pressly/goose. One set of files runs on SQLite and on
// PostgreSQL.
package migrations

import "embed"

// FS holds the numbered SQL files. AppendOnly is the step among them that SQL
// cannot say in one way for both databases.
//
//go:embed *.sql
var FS embed.FS
