package gitops

import (
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// treeChange is one file that differs between two trees. A zero hash says that
// the file is not there.
type treeChange struct {
	path          string
	before, after plumbing.Hash
	mode          filemode.FileMode // after
}

// diff lists the files that differ between two trees, by path. Only subtrees
// that differ are read. It stops after most changes and says that it did.
func (o objects) diff(before, after plumbing.Hash, most int) (changes []treeChange, truncated bool, err error) {
	d := treeDiff{objects: o, most: most}
	err = d.walk("", before, after)
	return d.changes, d.truncated, err
}

type treeDiff struct {
	objects
	changes   []treeChange
	most      int
	truncated bool
}

func (d *treeDiff) walk(prefix string, before, after plumbing.Hash) error {
	if before == after || d.truncated {
		return nil
	}
	was, err := d.tree(before)
	if err != nil {
		return err
	}
	is, err := d.tree(after)
	if err != nil {
		return err
	}
	old := make(map[string]object.TreeEntry, len(was))
	for _, e := range was {
		old[e.Name] = e
	}
	names := map[string][2]object.TreeEntry{}
	for _, e := range is {
		if e != old[e.Name] {
			names[e.Name] = [2]object.TreeEntry{old[e.Name], e}
		}
		delete(old, e.Name)
	}
	for name, e := range old {
		names[name] = [2]object.TreeEntry{e, {}}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if err := d.entry(prefix+name, names[name][0], names[name][1]); err != nil {
			return err
		}
	}
	return nil
}

// entry compares what stands under one name: a file, a folder, or first the
// one and then the other.
func (d *treeDiff) entry(path string, before, after object.TreeEntry) error {
	change := treeChange{path: path}
	var folders [2]plumbing.Hash
	if before.Mode == filemode.Dir {
		folders[0] = before.Hash
	} else {
		change.before = before.Hash
	}
	if after.Mode == filemode.Dir {
		folders[1] = after.Hash
	} else {
		change.after, change.mode = after.Hash, after.Mode
	}
	if !change.before.IsZero() || !change.after.IsZero() {
		if len(d.changes) == d.most {
			d.truncated = true
			return nil
		}
		d.changes = append(d.changes, change)
	}
	return d.walk(path+"/", folders[0], folders[1])
}
