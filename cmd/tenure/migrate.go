package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"tenure.dev/workflow/store"
)

func migrateCommand() *cli.Command {
	s := &settings{}
	return &cli.Command{
		Name: "migrate", Usage: "bring the database's schema up to this version; serve does so by itself",
		Flags: []cli.Flag{
			stringFlag("data", ".tenure", "folder for everything that is kept on this machine", &s.Data),
			secretFlag("database", "path of an SQLite file or postgres:// URL; tenure.db in the data folder if empty", &s.Database),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := fillFromFile(c, s.Data); err != nil {
				return err
			}
			log := newLog("text", c.Root().ErrWriter)
			database, err := store.Open(ctx, store.Config{DSN: orElse(s.Database, defaultDatabase(s.Data)).Reveal(), Log: log})
			if err != nil {
				return err
			}
			return errors.Join(database.Migrate(ctx), database.Close())
		},
	}
}
