package gitops

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// edit gives the tree with files written (a hash) or removed (the zero hash).
// Only the trees above an edited file are written again; a folder that becomes
// empty goes.
func (o objects) edit(root plumbing.Hash, files map[string]plumbing.Hash) (plumbing.Hash, error) {
	entries, err := o.tree(root)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	byName := make(map[string]object.TreeEntry, len(entries))
	for _, e := range entries {
		byName[e.Name] = e
	}
	folders := map[string]map[string]plumbing.Hash{}
	for path, hash := range files {
		name, rest, nested := strings.Cut(path, "/")
		switch {
		case nested:
			if folders[name] == nil {
				folders[name] = map[string]plumbing.Hash{}
			}
			folders[name][rest] = hash
		case hash.IsZero():
			delete(byName, name)
		default:
			byName[name] = object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: hash}
		}
	}
	for name, inside := range folders {
		if e, found := byName[name]; found && e.Mode != filemode.Dir {
			return plumbing.ZeroHash, fmt.Errorf("write below %q: it is a file", name)
		}
		folder, err := o.edit(byName[name].Hash, inside)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if folder.IsZero() {
			delete(byName, name)
			continue
		}
		byName[name] = object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: folder}
	}
	return o.putTree(slices.Collect(maps.Values(byName)))
}
