package gitops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// ClaimedKeys gives the fingerprints that a repository's first commit claims
// for its signing keys. They prove nothing: whoever made the repository chose
// them. They are for showing to a person, or for judging whether a repository
// at least fits itself.
func ClaimedKeys(ctx context.Context, location string, o VerifyOptions) ([]string, error) {
	store, head, discard, err := o.open(ctx, location)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", location, err)
	}
	defer discard()
	history := &ledger{objects: newObjects(store)}
	commits, err := history.since(ctx, head)
	if err != nil {
		return nil, fmt.Errorf("read the history of %q: %w", location, err)
	}
	first, malformed, err := history.objects.commit(commits[0])
	if err != nil || malformed != nil {
		return nil, fmt.Errorf("read the first commit of %q: %w", location, orError(err, malformed))
	}
	folder, found, err := history.find(first.tree, strings.TrimSuffix(keysDir, "/"))
	if err != nil || !found || folder.Mode != filemode.Dir {
		return nil, fmt.Errorf("the first commit of %q holds no folder %s: %w", location, keysDir, orError(err, errNoKeys))
	}
	entries, err := history.objects.tree(folder.Hash)
	if err != nil {
		return nil, fmt.Errorf("read %s of %q: %w", keysDir, location, err)
	}
	var claimed []string
	for _, entry := range entries {
		if name, isKey := strings.CutSuffix(entry.Name, ".asc"); isKey {
			claimed = append(claimed, name)
		}
	}
	return CheckFingerprints(claimed)
}

// errNoKeys is about a repository that Tenure did not make.
var errNoKeys = errors.New("it was not made by tenure init")

func orError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
