package gitops

import (
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// Bounds of what one commit is looked at for.
const (
	maxChanges = 200_000 // files that one commit may change; the first one holds every tenancy
	maxNamed   = 20      // paths that an objection to a whole commit names
)

// candidate is a commit that is to be judged.
type candidate struct {
	hash    plumbing.Hash
	commit  commitObject
	parent  plumbing.Hash // tree of the first parent; zero for the root
	message workflow.CommitMessage
	changes []treeChange // against the first parent
	keys    keyring      // whose signature counts
}

// object makes an objection to one path of the commit.
func (c *candidate) object(path, format string, args ...any) Objection {
	return Objection{Commit: c.hash.String(), Path: path, Message: fmt.Sprintf(format, args...)}
}

// objectToAll makes an objection to the commit as a whole. It is repeated for
// each path that the commit changes, so that nobody has to look for what came
// in with it.
func (c *candidate) objectToAll(format string, args ...any) []Objection {
	if len(c.changes) == 0 {
		return []Objection{c.object("", format, args...)}
	}
	var objections []Objection
	for i, change := range c.changes {
		if i == maxNamed {
			return append(objections, c.object("", "changes %d more files that are not named here", len(c.changes)-maxNamed))
		}
		objections = append(objections, c.object(change.path, format, args...))
	}
	return objections
}

// open reads a commit and judges what every commit must have: a plain form,
// one parent, a signature that is trusted here, a message with its act.
func (l *ledger) open(hash plumbing.Hash) (*candidate, []Objection, error) {
	c := &candidate{hash: hash, keys: l.keys}
	commit, malformed, err := l.commit(hash)
	if err != nil {
		return nil, nil, err
	}
	c.commit = commit
	objections, err := l.readChanges(c)
	if err != nil {
		return nil, nil, err
	}
	var unreadable error
	c.message, unreadable = ParseMessage(commit.message)
	documents, err := l.objectToDocuments(c)
	if err != nil {
		return nil, nil, err
	}
	objections = append(objections, documents...)
	if malformed != nil {
		return c, append(objections, c.objectToAll("%v", malformed)...), nil
	}
	root := l.head.IsZero()
	if root {
		keys, problems, err := l.readKeys(c)
		if err != nil {
			return nil, nil, err
		}
		c.keys, objections = keys, append(objections, problems...)
	}
	if parents := len(commit.parents); !root && parents != 1 {
		objections = append(objections, c.objectToAll("has %d parents; the history is one line without merges", parents)...)
	}
	if _, err := c.keys.check(commit.payload(), commit.signature); err != nil {
		objections = append(objections, c.objectToAll("%v", err)...)
	}
	if unreadable != nil {
		objections = append(objections, c.objectToAll("%v", unreadable)...)
	}
	return c, objections, nil
}

// readChanges compares the commit with its first parent.
func (l *ledger) readChanges(c *candidate) ([]Objection, error) {
	if len(c.commit.parents) > 0 {
		parent, _, err := l.commit(c.commit.parents[0])
		if err != nil {
			return nil, err
		}
		c.parent = parent.tree
	}
	changes, truncated, err := l.diff(c.parent, c.commit.tree, maxChanges)
	if errors.Is(err, errMalformedTree) && len(l.foreign) > 0 {
		// The malformed tree may be the foreign parent's, and this the commit that repairs it.
		changes, truncated, err = l.diff(l.tree, c.commit.tree, maxChanges)
	}
	c.changes = changes
	switch {
	case errors.Is(err, errMalformedTree):
		return c.objectToAll("%v", err), nil
	case err != nil:
		return nil, err
	case truncated:
		return []Objection{c.object("", "changes more than %d files", maxChanges)}, nil
	}
	var objections []Objection
	for _, change := range changes {
		if guarded(change.path) && !change.after.IsZero() && change.mode != filemode.Regular {
			objections = append(objections, c.object(change.path, "is not a plain file (mode %s)", change.mode))
		}
	}
	return objections, nil
}

// objectToDocuments says, with the line, which documents the commit leaves in a
// state that does not parse. It looks whatever else is wrong with the commit:
// that line is what a person needs. Of another version's documents nothing is
// said but whose they are: they may have had another form.
func (l *ledger) objectToDocuments(c *candidate) ([]Objection, error) {
	if c.message.Renderer != "" {
		if _, another := l.rendererOf(c); len(another) > 0 {
			return another, nil
		}
	}
	var objections []Objection
	for _, change := range c.changes {
		_, isTenancy := manifest.ApprovedTenant(change.path)
		if change.mode != filemode.Regular || (!isTenancy && change.path != manifest.PolicyPath) {
			continue
		}
		data, err := l.read(plumbing.BlobObject, change.after)
		if err != nil {
			return nil, err
		}
		if isTenancy {
			_, err = manifest.DecodeTenancy(change.path, data)
			objections = append(objections, documentObjections(c.hash.String(), change.path, err)...)
			continue
		}
		_, problems := l.decodePolicy(c, data)
		objections = append(objections, problems...)
	}
	return objections, nil
}

// decodePolicy reads policy.yaml and has its rules' parameters checked.
func (l *ledger) decodePolicy(c *candidate, data []byte) (workflow.Policy, []Objection) {
	policy, err := manifest.DecodePolicy(manifest.PolicyPath, data)
	if err != nil {
		return policy, documentObjections(c.hash.String(), manifest.PolicyPath, err)
	}
	if l.rules.CheckPolicy == nil {
		return policy, nil
	}
	var objections []Objection
	for _, problem := range l.rules.CheckPolicy(policy) {
		o := c.object(manifest.PolicyPath, "%s: %s", problem.Field, problem.Message)
		o.Line = manifest.LocateField(data, problem.Field)
		objections = append(objections, o)
	}
	return policy, objections
}
