package gitops

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"tenure.dev/workflow"
)

// prove judges a commit by the proof of its act. The effect counts only when
// there are no objections.
func (l *ledger) prove(c *candidate) (effect, []Objection, error) {
	act := c.message.Act
	switch {
	case l.head.IsZero() && act != workflow.ActInit:
		return effect{}, c.objectToAll("is the first commit, so its act must be init, not %s", act), nil
	case l.head.IsZero():
		return l.proveInit(c)
	case act == workflow.ActInit:
		return effect{}, c.objectToAll("has the act init, which only the first commit has"), nil
	case len(l.foreign) > 0 && act != workflow.ActRestore:
		return effect{}, c.objectToAll("stands on commit %s, which does not prove; only a restore may follow it", l.foreign[len(l.foreign)-1]), nil
	}
	if c.message.Ends != 0 && act != workflow.ActEnd {
		return effect{}, c.objectToAll("ends the exception of request %d, which only a commit of act end does", c.message.Ends), nil
	}
	switch act {
	case workflow.ActGrant:
		return l.proveChange(c, workflow.ProveGrant)
	case workflow.ActEnd:
		return l.proveChange(c, workflow.ProveEnd)
	case workflow.ActPolicy:
		return l.provePolicy(c)
	case workflow.ActRestore:
		return l.proveRestore(c)
	case workflow.ActRotateKey:
		return l.proveRotateKey(c)
	}
	return effect{}, c.objectToAll("has the act %q, which does not exist", act), nil
}

// proveRestore: the guarded entries are those of the last verified commit, and
// nothing else differs from the foreign commits' tree.
func (l *ledger) proveRestore(c *candidate) (effect, []Objection, error) {
	if len(l.foreign) == 0 {
		return effect{}, c.objectToAll("is a restore, and there is nothing to restore"), nil
	}
	if c.message.Restores != l.head.String() {
		return effect{}, c.objectToAll("restores %s; the last verified commit is %s", c.message.Restores, l.head), nil
	}
	want, err := l.restoredRoot(c.parent)
	if err != nil {
		return effect{}, nil, err
	}
	is, err := l.objects.tree(c.commit.tree)
	if errors.Is(err, errMalformedTree) {
		return effect{}, c.objectToAll("%v", err), nil
	}
	if err != nil {
		return effect{}, nil, err
	}
	var objections []Objection
	for _, e := range differing(want, is) {
		objections = append(objections, c.object(e, "is not as the restore of %s must leave it", l.head))
	}
	return effect{}, objections, nil
}

// restoredRoot gives the root entries of a restore on top of the foreign tree:
// the guarded ones from the last verified commit, the others as they are. Of a
// foreign root that is malformed nothing is kept.
func (l *ledger) restoredRoot(foreign plumbing.Hash) ([]object.TreeEntry, error) {
	verified, err := l.objects.tree(l.tree)
	if err != nil {
		return nil, err
	}
	others, err := l.objects.tree(foreign)
	if errors.Is(err, errMalformedTree) {
		return verified, nil
	}
	if err != nil {
		return nil, err
	}
	isGuarded := func(e object.TreeEntry) bool { return guarded(e.Name) }
	ours := slices.DeleteFunc(slices.Clone(verified), func(e object.TreeEntry) bool { return !isGuarded(e) })
	return append(ours, slices.DeleteFunc(slices.Clone(others), isGuarded)...), nil
}

// differing names the entries that two listings of a folder do not share.
func differing(a, b []object.TreeEntry) []string {
	var names []string
	for _, pair := range [][2][]object.TreeEntry{{a, b}, {b, a}} {
		for _, e := range pair[0] {
			if !slices.Contains(pair[1], e) && !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// proveRotateKey: only keys change, each file is what it says, and somebody
// is still trusted afterwards.
func (l *ledger) proveRotateKey(c *candidate) (effect, []Objection, error) {
	keys, objections, err := l.readKeys(c)
	if err != nil {
		return effect{}, nil, err
	}
	for _, change := range c.changes {
		if !strings.HasPrefix(change.path, keysDir) {
			objections = append(objections, c.object(change.path, "is changed by a rotate-key, which changes keys only"))
		}
	}
	if len(c.changes) == 0 {
		objections = append(objections, c.object("", "is a rotate-key that changes no key"))
	}
	if len(keys) == 0 {
		objections = append(objections, c.objectToAll("leaves no trusted key")...)
	}
	return effect{keys: keys}, objections, nil
}

// readKeys reads the keys of the commit's tree, and returns those whose
// fingerprint is pinned.
func (l *ledger) readKeys(c *candidate) (keyring, []Objection, error) {
	folder, found, err := l.find(c.commit.tree, strings.TrimSuffix(keysDir, "/"))
	if errors.Is(err, errMalformedTree) {
		return keyring{}, nil, nil // readChanges has objected
	}
	if err != nil || !found {
		return keyring{}, nil, err
	}
	if folder.Mode != filemode.Dir {
		return keyring{}, []Objection{c.object(folder.Name, "is not a folder")}, nil
	}
	entries, err := l.objects.tree(folder.Hash)
	if err != nil {
		return nil, nil, err
	}
	keys := keyring{}
	var objections []Objection
	for _, e := range entries {
		if e.Mode != filemode.Regular {
			objections = append(objections, c.object(path.Join(keysDir, e.Name), "is not a plain file (mode %s)", e.Mode))
			continue
		}
		data, err := l.read(plumbing.BlobObject, e.Hash)
		if err != nil {
			return nil, nil, err
		}
		entity, err := parseKeyFile(e.Name, data)
		if err != nil {
			objections = append(objections, c.object(path.Join(keysDir, e.Name), "%v", err))
			continue
		}
		if slices.Contains(l.rules.Trust, fingerprint(entity)) {
			keys[fingerprint(entity)] = entity
		}
	}
	return keys, objections, nil
}
