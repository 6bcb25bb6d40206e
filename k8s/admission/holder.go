package admission

import (
	"sync/atomic"
	"time"
)

// Holder holds the snapshot that a cluster's webhook answers from. It is
// replaced as a whole; a request keeps the one it began with.
type Holder struct {
	current atomic.Pointer[held]
}

type held struct {
	snapshot *Snapshot
	at       time.Time
}

// Load gives the snapshot; nil while there is no verified one, and then
// everything is refused.
func (h *Holder) Load() *Snapshot {
	if held := h.current.Load(); held != nil {
		return held.snapshot
	}
	return nil
}

// Store replaces the snapshot. The time is when its commit was last known to
// be the newest verified one; storing the same snapshot again renews it.
func (h *Holder) Store(snapshot *Snapshot, at time.Time) {
	h.current.Store(&held{snapshot, at})
}

// Age is how long ago the snapshot was last stored; false when there is none.
func (h *Holder) Age(now time.Time) (time.Duration, bool) {
	held := h.current.Load()
	if held == nil {
		return 0, false
	}
	return now.Sub(held.at), true
}
