package gitops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage"

	"tenure.dev/workflow"
)

// verifiedRef remembers the last verified commit in our clone, so that a
// branch that was set back or rewritten is noticed after a restart too.
const verifiedRef = plumbing.ReferenceName("refs/tenure/verified")

// Repository is the GitOps repository as the rest of Tenure sees it. It is
// safe for concurrent use: State and Health never wait for anything, and
// Refresh, Commit and Find take turns.
type Repository struct {
	config Config
	remote remote
	store  storage.Storer
	turn   chan struct{} // held by whoever uses what follows

	ledger     *ledger
	seen       plumbing.Hash // the branch's head as last fetched
	unverified error         // why seen is not the last verified commit
	listeners  []func(*workflow.ApprovedState)

	state   atomic.Pointer[workflow.ApprovedState]
	history history
	health  struct {
		sync.Mutex
		workflow.RepositoryHealth
	}
}

var _ workflow.Repository = (*Repository)(nil)

// Open opens our clone, or makes it, verifies what it holds and fetches what
// is new. A remote that does not answer, and commits that do not verify, are
// no error here: State serves what was verified before, or says ErrNoState,
// and Health says why. The error is about the configuration or the local disk.
func Open(ctx context.Context, config Config) (*Repository, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("open the GitOps repository: %w", err)
	}
	store, err := openClone(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the clone %q: %w", config.Dir, err)
	}
	r := &Repository{
		config: config, store: store, turn: make(chan struct{}, 1),
		remote: newRemote(config.Remote, config.Username, config.Password, config.Branch, config.Timeout),
	}
	if r.ledger, err = newLedger(newObjects(store), config.Rules); err != nil {
		return nil, fmt.Errorf("open the GitOps repository: %w", err)
	}
	if err := r.resume(ctx); err != nil {
		return nil, fmt.Errorf("verify the clone %q (it can be deleted, and is then fetched again): %w", config.Dir, err)
	}
	if err := r.Refresh(ctx); err != nil {
		config.Log.WarnContext(ctx, "the GitOps repository is not up to date", "error", err)
	}
	return r, nil
}

// openClone opens the bare repository in a folder, or makes it.
func openClone(dir string) (storage.Storer, error) {
	repository, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
			return nil, err
		}
		repository, err = git.PlainInit(dir, true)
	}
	if err != nil {
		return nil, err
	}
	return repository.Storer, nil
}

// resume verifies again, from the first commit, what was verified before the
// program ended.
func (r *Repository) resume(ctx context.Context) error {
	ref, err := r.store.Reference(verifiedRef)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = r.adopt(ctx, ref.Hash(), false)
	var unverified *UnverifiedError
	if errors.As(err, &unverified) {
		return nil // another key is pinned than then, or the rules are stricter; Health says so
	}
	return err
}

// State is the last verified approved state, which nobody may change.
func (r *Repository) State() (*workflow.ApprovedState, error) {
	state := r.state.Load()
	if state == nil {
		return nil, workflow.ErrNoState
	}
	return state, nil
}

// Health tells how the repository is.
func (r *Repository) Health() workflow.RepositoryHealth {
	r.health.Lock()
	defer r.health.Unlock()
	return r.health.RepositoryHealth
}

// OnChange has the function called with each new approved state, one after the
// other, and at once with the one there is. It must not call the repository's
// Refresh, Commit or Find, and should return quickly.
func (r *Repository) OnChange(listener func(*workflow.ApprovedState)) {
	r.turn <- struct{}{}
	defer r.release()
	r.listeners = append(r.listeners, listener)
	if state := r.state.Load(); state != nil {
		listener(state)
	}
}

// acquire waits for its turn, for as long as the context lasts.
func (r *Repository) acquire(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the repository: %w", ctx.Err())
	}
}

func (r *Repository) release() { <-r.turn }

// Find looks for the commit that fulfilled a request among the verified commits after
// since, after fetching what is new.
func (r *Repository) Find(ctx context.Context, since string, request int64) (commit string, found bool, err error) {
	if err := r.acquire(ctx); err != nil {
		return "", false, err
	}
	defer r.release()
	var unverified *UnverifiedError
	if err := r.refresh(ctx); err != nil && !errors.As(err, &unverified) {
		return "", false, err
	}
	begun := since == ""
	for _, l := range r.ledger.chain {
		if begun && l.act.Fulfils() && l.request == request {
			return l.commit.String(), true, nil
		}
		begun = begun || l.commit.String() == since
	}
	if !begun {
		return "", false, fmt.Errorf("look for request %d: commit %q is not in the verified history", request, since)
	}
	return "", false, nil
}
