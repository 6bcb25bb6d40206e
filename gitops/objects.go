package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// maxObject bounds what is read into memory of one commit, tree or document, in bytes.
const maxObject = 16 << 20

// errMalformedTree is about a tree that different readers could read differently.
var errMalformedTree = errors.New("the tree is malformed")

// objects reads and writes a Git object store.
type objects struct {
	storer  storer.EncodedObjectStorer
	written map[plumbing.Hash]bool               // what put wrote; nil where nobody asks
	trees   map[plumbing.Hash][]object.TreeEntry // trees read lately, since one commit's proof reads the same ones often
}

// maxTrees bounds the trees that are remembered.
const maxTrees = 512

func newObjects(store storer.EncodedObjectStorer) objects {
	return objects{storer: store, trees: map[plumbing.Hash][]object.TreeEntry{}}
}

// read gives an object's content.
func (o objects) read(kind plumbing.ObjectType, hash plumbing.Hash) ([]byte, error) {
	encoded, err := o.storer.EncodedObject(kind, hash)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, hash, err)
	}
	if encoded.Size() > maxObject {
		return nil, fmt.Errorf("read %s %s: it has %d bytes, at most %d are allowed", kind, hash, encoded.Size(), maxObject)
	}
	reader, err := encoded.Reader()
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, hash, err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, hash, err)
	}
	return data, nil
}

// put stores an object and gives its hash.
func (o objects) put(kind plumbing.ObjectType, content []byte) (plumbing.Hash, error) {
	encoded := o.storer.NewEncodedObject()
	encoded.SetType(kind)
	writer, err := encoded.Writer()
	if err == nil {
		_, err = writer.Write(content)
		err = errors.Join(err, writer.Close())
	}
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("encode %s: %w", kind, err)
	}
	hash, err := o.storer.SetEncodedObject(encoded)
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("store %s: %w", kind, err)
	}
	if o.written != nil {
		o.written[hash] = true
	}
	return hash, nil
}

// commit reads and parses a commit; the error of the parser is kept apart,
// since such a commit is there, but foreign.
func (o objects) commit(hash plumbing.Hash) (c commitObject, malformed, err error) {
	raw, err := o.read(plumbing.CommitObject, hash)
	if err != nil {
		return c, nil, err
	}
	c, malformed = parseCommit(raw)
	return c, malformed, nil
}

// tree reads a tree. The zero hash is the empty tree. A tree that is not in
// the canonical form (sorted, each name once, plain modes, no name that a
// checkout treats specially) is refused with errMalformedTree. The entries
// are shared: they must not be changed.
func (o objects) tree(hash plumbing.Hash) ([]object.TreeEntry, error) {
	if hash.IsZero() {
		return nil, nil
	}
	if entries, found := o.trees[hash]; found {
		return entries, nil
	}
	raw, err := o.read(plumbing.TreeObject, hash)
	if err != nil {
		return nil, err
	}
	encoded := &plumbing.MemoryObject{}
	encoded.SetType(plumbing.TreeObject)
	if _, err := encoded.Write(raw); err != nil {
		return nil, err
	}
	var tree object.Tree
	if err := tree.Decode(encoded); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformedTree, err)
	}
	if err := checkTree(tree.Entries); err != nil {
		return nil, err
	}
	if !bytes.Equal(encodeTree(tree.Entries), raw) {
		return nil, fmt.Errorf("%w: it has unusual modes", errMalformedTree)
	}
	if len(o.trees) >= maxTrees {
		clear(o.trees)
	}
	o.trees[hash] = tree.Entries
	return tree.Entries, nil
}

func checkTree(entries []object.TreeEntry) error {
	names := make(map[string]bool, len(entries))
	for i, e := range entries {
		switch {
		case e.Name == "" || e.Name == "." || e.Name == ".." || strings.EqualFold(e.Name, ".git") || strings.Contains(e.Name, "/"):
			return fmt.Errorf("%w: it has an entry called %q", errMalformedTree, e.Name)
		case names[e.Name]:
			return fmt.Errorf("%w: it has two entries called %q", errMalformedTree, e.Name)
		case i > 0 && sortName(entries[i-1]) >= sortName(e):
			return fmt.Errorf("%w: it is not sorted", errMalformedTree)
		}
		names[e.Name] = true
	}
	return nil
}

// putTree stores a tree of the entries, which may come in any order; no
// entries are no tree, and give the zero hash.
func (o objects) putTree(entries []object.TreeEntry) (plumbing.Hash, error) {
	if len(entries) == 0 {
		return plumbing.ZeroHash, nil
	}
	slices.SortFunc(entries, func(a, b object.TreeEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	return o.put(plumbing.TreeObject, encodeTree(entries))
}

func encodeTree(entries []object.TreeEntry) []byte {
	var out bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&out, "%o %s\x00", uint32(e.Mode), e.Name)
		out.Write(e.Hash[:])
	}
	return out.Bytes()
}

// sortName is what Git sorts a tree's entries by: a folder as if its name
// ended in a slash.
func sortName(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

// find looks a path up; found is false when nothing is there.
func (o objects) find(root plumbing.Hash, path string) (entry object.TreeEntry, found bool, err error) {
	entry = object.TreeEntry{Hash: root, Mode: filemode.Dir}
	for name := range strings.SplitSeq(path, "/") {
		if entry.Mode != filemode.Dir {
			return object.TreeEntry{}, false, nil
		}
		entries, err := o.tree(entry.Hash)
		if err != nil {
			return object.TreeEntry{}, false, err
		}
		i := slices.IndexFunc(entries, func(e object.TreeEntry) bool { return e.Name == name })
		if i < 0 {
			return object.TreeEntry{}, false, nil
		}
		entry = entries[i]
	}
	return entry, true, nil
}

// file reads the plain file at a path; found is false when there is none.
func (o objects) file(root plumbing.Hash, path string) (data []byte, found bool, err error) {
	e, found, err := o.find(root, path)
	if err != nil || !found || e.Mode != filemode.Regular {
		return nil, false, err
	}
	data, err = o.read(plumbing.BlobObject, e.Hash)
	return data, err == nil, err
}
