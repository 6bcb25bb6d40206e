package gitops

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"tenure.dev/workflow"
)

// writer makes signed commits on top of what a ledger holds. Each is fed to
// the ledger at once, so that nothing is written that would not be accepted.
type writer struct {
	ledger *ledger
	key    *SigningKey
	author Identity
	at     time.Time
}

// write stores a signed commit and has it verified.
func (w writer) write(tree plumbing.Hash, parents []plumbing.Hash, message workflow.CommitMessage) (plumbing.Hash, error) {
	text, err := EncodeMessage(message)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	line := identityLine(w.author, w.at)
	commit := commitObject{tree: tree, parents: parents, author: line, committer: line, message: text}
	if commit.signature, err = w.key.sign(commit.payload(), w.at); err != nil {
		return plumbing.ZeroHash, err
	}
	hash, err := w.ledger.put(plumbing.CommitObject, commit.encode())
	if err != nil {
		return plumbing.ZeroHash, err
	}
	objections, err := w.ledger.take(hash)
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("verify what would be pushed: %w", err)
	}
	if len(objections) > 0 {
		return plumbing.ZeroHash, fmt.Errorf("nothing was pushed: %w", &UnverifiedError{Head: hash.String(), Objections: objections})
	}
	return hash, nil
}

// restore stores a commit on top of the foreign head that undoes what the
// foreign commits did to the guarded paths, and names them all.
func (w writer) restore(foreignHead plumbing.Hash) (plumbing.Hash, error) {
	l := w.ledger
	head, _, err := l.commit(foreignHead)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	entries, err := l.restoredRoot(head.tree)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	tree, err := l.putTree(entries)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	body, err := l.foreignText()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	return w.write(tree, []plumbing.Hash{foreignHead}, workflow.CommitMessage{
		Act: workflow.ActRestore, Restores: l.head.String(), Body: body,
		Subject: "Restore the approved state of " + l.head.String()[:12],
	})
}

// maxForeignLines bounds the paths that a restore names.
const maxForeignLines = 400

// foreignText names each foreign commit with the paths it changed.
func (l *ledger) foreignText() (string, error) {
	lines := []string{"These commits were not made by Tenure or do not prove. What they did to", "Tenure's files is undone; their other files stay.", ""}
	left := maxForeignLines
	for _, hash := range l.foreign {
		if left <= 0 {
			lines = append(lines, fmt.Sprintf("commit %s (and what follows it) is not described: there is too much", hash))
			break
		}
		c := &candidate{hash: hash}
		commit, _, err := l.commit(hash)
		if err != nil {
			return "", err
		}
		c.commit = commit
		if _, err := l.readChanges(c); err != nil {
			return "", err
		}
		lines = append(lines, "commit "+hash.String())
		for i, change := range c.changes {
			if left--; left <= 0 {
				lines = append(lines, fmt.Sprintf("  and %d more paths", len(c.changes)-i))
				break
			}
			lines = append(lines, "  "+clipped(plainPath(change.path)))
		}
	}
	return strings.Join(lines, "\n"), nil
}

// clipped shortens a path that somebody made absurdly long.
func clipped(path string) string {
	const most = 120
	if len(path) <= most {
		return path
	}
	return strings.ToValidUTF8(path[:most], "") + "…"
}
