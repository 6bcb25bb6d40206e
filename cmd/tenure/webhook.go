package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"
)

func webhookCommand() *cli.Command {
	s := &settings{}
	return &cli.Command{
		Name: "webhook", Usage: "run the admission webhook alone, for a further cluster; it needs the GitOps repository and nothing else",
		Flags: s.webhookFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := fillFromFile(c, s.Data); err != nil {
				return err
			}
			if err := s.complete(false); err != nil {
				return err
			}
			log := newLog(s.LogFormat, c.Root().ErrWriter)
			if err := os.MkdirAll(s.Data, 0o700); err != nil {
				return fmt.Errorf("make the data folder: %w", err)
			}
			// Without a key the repository can be read and not written.
			e, err := openEnforcer(ctx, *s, nil, s.clock(), log)
			if err != nil {
				return err
			}
			defer e.close()
			log.InfoContext(ctx, "listening", "webhook", e.listener.Addr().String(), "cluster", s.Cluster)
			parts, ctx := errgroup.WithContext(ctx)
			parts.Go(func() error { return e.serve(ctx) })
			parts.Go(func() error { e.refresh(ctx); return nil })
			return parts.Wait()
		},
	}
}
