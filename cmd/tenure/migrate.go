package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"tenure.dev/workflow/store"
)

func migrateCommand() *cli.Command {
	s := &settings{}
	return &cli.Command{
		Name: "migrate", Usage: "bring the database's schema up to this version; serve does so by itself",
		Flags: []cli.Flag{
			stringFlag("data", ".tenure", "folder for everything that is kept on this machine", &s.Data),
			stringFlag("database", "", "path of an SQLite file or postgres:// URL; tenure.db in the data folder if empty", &s.Database),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			log := newLog("text", c.Root().ErrWriter)
			database, err := store.Open(ctx, store.Config{DSN: orElse(s.Database, filepath.Join(s.Data, "tenure.db")), Log: log})
			if err != nil {
				return err
			}
			return errors.Join(database.Migrate(ctx), database.Close())
		},
	}
}
