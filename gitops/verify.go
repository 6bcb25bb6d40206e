package gitops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage"

	"tenure.dev/workflow"
)

// VerifyOptions is what Verify judges by, and how it gets at a remote.
type VerifyOptions struct {
	Rules
	Branch   string // main when empty
	Username string // for a remote over HTTPS
	Password string
	Timeout  time.Duration // of the fetch; 60 s when zero
}

// Report is what became of a verification.
type Report struct {
	Head       string      // the branch's head
	Verified   string      // the last commit that proves, with all before it; empty when none does
	Commits    int         // how many the branch has, by first parents
	Objections []Objection // in the order of history; foreign commits are named even where a restore undid them
}

// OK says whether every commit proves.
func (r Report) OK() bool { return len(r.Objections) == 0 }

// Verify judges every commit of a repository, from the first one on. A local
// path is read in place; from a URL a copy is fetched and thrown away. The
// error means that nothing could be judged.
func Verify(ctx context.Context, location string, o VerifyOptions) (Report, error) {
	_, report, err := Read(ctx, location, o)
	return report, err
}

// Read judges a repository as Verify does, and gives the approved state at the
// last verified commit; nil when there is none.
func Read(ctx context.Context, location string, o VerifyOptions) (*workflow.ApprovedState, Report, error) {
	store, head, discard, err := o.open(ctx, location)
	if err != nil {
		return nil, Report{}, fmt.Errorf("verify %q: %w", location, err)
	}
	defer discard()
	l, err := newLedger(newObjects(store), o.Rules)
	if err != nil {
		return nil, Report{}, fmt.Errorf("verify %q: %w", location, err)
	}
	commits, err := l.since(ctx, head)
	if err != nil {
		return nil, Report{}, fmt.Errorf("verify %q: read its history: %w", location, err)
	}
	report := Report{Head: head.String(), Commits: len(commits)}
	if report.Objections, err = l.advance(ctx, head); err != nil {
		return nil, Report{}, fmt.Errorf("verify %q: %w", location, err)
	}
	if l.head.IsZero() {
		return nil, report, nil
	}
	report.Verified = l.head.String()
	return l.state(), report, nil
}

// open gives the repository's objects and its branch's head.
func (o VerifyOptions) open(ctx context.Context, location string) (store storage.Storer, head plumbing.Hash, discard func(), err error) {
	if err := checkLocation(location); err != nil {
		return nil, head, nil, err
	}
	if o.Branch == "" {
		o.Branch = defaultBranch
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	endpoint, err := transport.NewEndpoint(location)
	if err != nil {
		return nil, head, nil, err
	}
	if endpoint.Protocol == "file" {
		repository, err := git.PlainOpen(endpoint.Path)
		if err != nil {
			return nil, head, nil, err
		}
		ref, err := repository.Reference(plumbing.NewBranchReferenceName(o.Branch), true)
		if errors.Is(err, plumbing.ErrReferenceNotFound) {
			return nil, head, nil, errNoCommits
		}
		if err != nil {
			return nil, head, nil, err
		}
		return repository.Storer, ref.Hash(), func() {}, nil
	}
	dir, err := os.MkdirTemp("", "tenure-verify-")
	if err != nil {
		return nil, head, nil, err
	}
	discard = func() { _ = os.RemoveAll(dir) } // a copy left in the temporary folder does no harm
	if store, err = openClone(dir); err == nil {
		head, err = newRemote(location, o.Username, o.Password, o.Branch, o.Timeout).fetch(ctx, store)
	}
	if err != nil {
		discard()
		return nil, head, nil, err
	}
	return store, head, discard, nil
}
