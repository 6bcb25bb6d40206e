package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"tenure.dev/workflow"
)

// Commit writes the files as one signed commit on top of base, which must be
// the last verified commit, and pushes it. Foreign commits on top of base are
// undone first by a restore, which is pushed with it. ErrBaseMoved says that
// the verified history went on meanwhile; nothing was pushed then. A commit
// that would not verify is refused before it is pushed, with an *UnverifiedError.
func (r *Repository) Commit(ctx context.Context, base string, files []workflow.FileChange, message workflow.CommitMessage) (string, error) {
	if r.config.Key == nil {
		return "", errors.New("commit: no signing key is configured, so this repository can only be read")
	}
	if err := r.acquire(ctx); err != nil {
		return "", err
	}
	defer r.release()
	session, err := r.dialAtHead(ctx)
	if err != nil {
		return "", fmt.Errorf("commit: %w", err)
	}
	defer session.close()
	if errors.Is(r.unverified, errRewritten) {
		return "", fmt.Errorf("commit: %w", r.unverified)
	}
	if r.ledger.head.String() != base {
		return "", fmt.Errorf("commit on %s: the verified history is at %s: %w", base, r.ledger.head, workflow.ErrBaseMoved)
	}
	next, written, err := r.build(files, message)
	if err != nil {
		return "", fmt.Errorf("commit on %s: %w", base, err)
	}
	if err := session.push(ctx, r.store, written, next.head); err != nil {
		if err = r.afterFailedPush(ctx, session.head, next.head, err); err != nil {
			return "", err
		}
		return next.head.String(), nil
	}
	if err := r.committed(ctx, next); err != nil {
		return "", err
	}
	r.config.Log.InfoContext(ctx, "committed and pushed", "commit", next.head.String(), "act", message.Act, "request", message.Request)
	return next.head.String(), nil
}

// dialAtHead opens a connection for the push at the head that was fetched
// last, fetching what is new where the branch has moved on.
func (r *Repository) dialAtHead(ctx context.Context) (*pushSession, error) {
	session, err := r.remote.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to %q: %w", r.remote.url, err)
	}
	if session.head == r.seen {
		return session, nil
	}
	session.close()
	var unverified *UnverifiedError
	if err := r.refresh(ctx); err != nil && !errors.As(err, &unverified) {
		return nil, err
	}
	if session, err = r.remote.dial(ctx); err != nil {
		return nil, fmt.Errorf("connect to %q: %w", r.remote.url, err)
	}
	if session.head != r.seen {
		session.close()
		return nil, fmt.Errorf("branch %q moves while it is read: %w", r.remote.branch, workflow.ErrBaseMoved)
	}
	return session, nil
}

// build writes the commits into our clone and has them verified. It returns
// the ledger after them, and the objects to push.
func (r *Repository) build(files []workflow.FileChange, message workflow.CommitMessage) (*ledger, []plumbing.Hash, error) {
	written := map[plumbing.Hash]bool{}
	next := r.ledger.clone()
	next.written = written
	w := writer{ledger: next, key: r.config.Key, author: r.config.Author, at: r.config.Clock.Now()}
	parents := []plumbing.Hash{r.seen}
	if len(next.foreign) > 0 {
		restore, err := w.restore(r.seen)
		if err != nil {
			return nil, nil, fmt.Errorf("restore the verified state: %w", err)
		}
		parents[0] = restore
	}
	tree, err := next.withFiles(files)
	if err != nil {
		return nil, nil, err
	}
	if _, err := w.write(tree, parents, message); err != nil {
		return nil, nil, err
	}
	next.written = nil
	return next, slices.Collect(maps.Keys(written)), nil
}

// withFiles gives the verified tree with the files changed. Each must be there
// as the change says it was: a plan made at another state would otherwise undo
// what was approved meanwhile.
func (l *ledger) withFiles(files []workflow.FileChange) (plumbing.Hash, error) {
	edits := make(map[string]plumbing.Hash, len(files))
	for _, change := range files {
		if !guarded(change.Path) || slices.Contains(strings.Split(change.Path, "/"), "") {
			return plumbing.ZeroHash, fmt.Errorf("%q is not a path that Tenure writes", change.Path)
		}
		before, found, err := l.file(l.tree, change.Path)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if found != (change.Before != nil) || !bytes.Equal(before, change.Before) {
			return plumbing.ZeroHash, fmt.Errorf("%q is not as the plan found it, so the plan is old", change.Path)
		}
		var hash plumbing.Hash
		if change.After != nil {
			if hash, err = l.put(plumbing.BlobObject, change.After); err != nil {
				return plumbing.ZeroHash, err
			}
		}
		edits[change.Path] = hash
	}
	return l.edit(l.tree, edits)
}

// committed takes over what was pushed.
func (r *Repository) committed(ctx context.Context, next *ledger) error {
	r.seen, r.unverified = next.head, nil
	now := r.config.Clock.Now()
	r.report(func(h *workflow.RepositoryHealth) { h.Head, h.FetchedAt = next.head.String(), now })
	r.reportUnverified()
	if err := r.store.SetReference(plumbing.NewHashReference(r.remote.tracking(), next.head)); err != nil {
		// The commit is pushed and verified. The next fetch sets the reference.
		r.config.Log.ErrorContext(ctx, "remember the pushed head", "commit", next.head.String(), "error", err)
	}
	return r.become(next)
}

// afterFailedPush finds out what became of a push that ended in an error: nil
// when it went through after all, ErrBaseMoved when somebody else was first.
func (r *Repository) afterFailedPush(ctx context.Context, expected, commit plumbing.Hash, cause error) error {
	cause = fmt.Errorf("push to branch %q of %q: %w", r.remote.branch, r.remote.url, cause)
	var unverified *UnverifiedError
	if err := r.refresh(ctx); err != nil && !errors.As(err, &unverified) {
		return errors.Join(cause, err)
	}
	if slices.ContainsFunc(r.ledger.chain, func(l link) bool { return l.commit == commit }) {
		return nil
	}
	if r.seen != expected {
		return fmt.Errorf("%w: %w", cause, workflow.ErrBaseMoved)
	}
	return cause
}
