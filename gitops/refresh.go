package gitops

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"

	"tenure.dev/workflow"
)

// Refresh fetches the branch and verifies what is new. Whatever is wrong with
// it, the state stays the last verified one; the error is an *UnverifiedError
// when commits do not prove.
func (r *Repository) Refresh(ctx context.Context) error {
	if err := r.acquire(ctx); err != nil {
		return err
	}
	defer r.release()
	return r.refresh(ctx)
}

func (r *Repository) refresh(ctx context.Context) error {
	head, err := r.remote.fetch(ctx, r.store)
	if err != nil {
		err = fmt.Errorf("fetch branch %q of %q: %w", r.remote.branch, r.remote.url, err)
		r.report(func(h *workflow.RepositoryHealth) { h.Problem, h.Location = err.Error(), "" })
		return err
	}
	now := r.config.Clock.Now()
	r.report(func(h *workflow.RepositoryHealth) { h.Head, h.FetchedAt = head.String(), now })
	if head == r.seen {
		r.reportUnverified()
		return r.unverified
	}
	return r.adopt(ctx, head, true)
}

// adopt judges the history up to a head, and makes what it comes to the state.
// The head was fetched, or (on opening) is what had been verified.
func (r *Repository) adopt(ctx context.Context, head plumbing.Hash, fetched bool) error {
	next := r.ledger.clone()
	objections, err := next.advance(ctx, head)
	if err != nil && !errors.Is(err, errRewritten) {
		return fmt.Errorf("verify branch %q: %w", r.remote.branch, err)
	}
	r.unverified = err
	if len(objections) > 0 && next.head != head {
		r.unverified = &UnverifiedError{Head: next.firstForeign().String(), Objections: objections}
	}
	if fetched {
		r.seen = head
	}
	if err == nil {
		if err := r.become(next); err != nil {
			return err
		}
	}
	if r.unverified != nil {
		r.config.Log.WarnContext(ctx, "commits do not verify; the last verified state goes on serving",
			"verified", r.ledger.head.String(), "head", head.String(), "error", r.unverified)
	}
	r.reportUnverified()
	return r.unverified
}

// firstForeign is where the verified history ends.
func (l *ledger) firstForeign() plumbing.Hash {
	if len(l.foreign) == 0 {
		return l.head
	}
	return l.foreign[0]
}

// become makes the ledger's state the one that is served.
func (r *Repository) become(next *ledger) error {
	moved := next.head != r.ledger.head
	r.ledger = next
	if !moved {
		return nil
	}
	now := r.config.Clock.Now()
	state := next.state()
	r.history.follow(next.chain) // before the state, so that its commit is known
	r.state.Store(state)
	r.report(func(h *workflow.RepositoryHealth) { h.Verified, h.VerifiedAt = state.Commit, now })
	for _, listener := range r.listeners {
		listener(state)
	}
	if err := r.store.SetReference(plumbing.NewHashReference(verifiedRef, next.head)); err != nil {
		return fmt.Errorf("remember the verified commit %s: %w", next.head, err)
	}
	return nil
}

func (r *Repository) report(change func(*workflow.RepositoryHealth)) {
	r.health.Lock()
	defer r.health.Unlock()
	change(&r.health.RepositoryHealth)
}

// reportUnverified tells Health why the head is not the verified commit, or
// that all is well.
func (r *Repository) reportUnverified() {
	var problem, location string
	if r.unverified != nil {
		problem = r.unverified.Error()
		var unverified *UnverifiedError
		if errors.As(r.unverified, &unverified) {
			location = foremost(unverified.Objections).Location()
		}
	}
	r.report(func(h *workflow.RepositoryHealth) { h.Problem, h.Location = problem, location })
}
