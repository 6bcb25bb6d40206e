package gitops

import (
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// history knows the place of each verified commit, the root first, and what
// ended because its time came. Verified
// commits are never taken back, so it only grows. Reading it waits for nothing
// but another reader's or the writer's look-up. The zero value is empty.
type history struct {
	sync.RWMutex
	places map[plumbing.Hash]int
	ended  map[int64]plumbing.Hash // requests whose end came, by the commit that took them away
}

// follow adds the commits of a chain that are new.
func (h *history) follow(chain []link) {
	h.Lock()
	defer h.Unlock()
	if h.places == nil {
		h.places, h.ended = make(map[plumbing.Hash]int, len(chain)), map[int64]plumbing.Hash{}
	}
	for i := len(h.places); i < len(chain); i++ {
		h.places[chain[i].commit] = i
		if chain[i].ends != 0 {
			h.ended[chain[i].ends] = chain[i].commit
		}
	}
}

// includes says whether revision is commit or comes after it.
func (h *history) includes(revision, commit plumbing.Hash) bool {
	h.RLock()
	defer h.RUnlock()
	later, known := h.places[revision]
	earlier, verified := h.places[commit]
	return known && verified && earlier <= later
}

// Includes says whether the verified history up to revision includes commit.
// Both are written as 40 hex digits; anything else is not known. A verified
// commit includes itself.
func (r *Repository) Includes(revision, commit string) bool {
	return plumbing.IsHash(revision) && plumbing.IsHash(commit) &&
		r.history.includes(plumbing.NewHash(revision), plumbing.NewHash(commit))
}

// Ended gives the verified commit that took away a request's exception because
// its end came.
func (r *Repository) Ended(request int64) (commit string, found bool) {
	r.history.RLock()
	defer r.history.RUnlock()
	hash, found := r.history.ended[request]
	if !found {
		return "", false
	}
	return hash.String(), true
}
