package admission

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"tenure.dev/workflow"
)

// Snapshots holds the snapshot of every cluster of the policy. The zero value
// is ready and empty.
type Snapshots struct {
	mu      sync.Mutex
	holders map[string]*Holder
}

// Holder gives a cluster's holder; it is the same one for as long as the
// process runs, and empty until Update knew the cluster.
func (s *Snapshots) Holder(cluster string) *Holder {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holder(cluster)
}

// Of gives a cluster's snapshot, or nil.
func (s *Snapshots) Of(cluster string) *Snapshot {
	s.mu.Lock()
	holder := s.holders[cluster]
	s.mu.Unlock()
	if holder == nil {
		return nil
	}
	return holder.Load()
}

// Update makes every cluster's snapshot anew from a verified state. When one
// cannot be made, none is replaced and the error says for which clusters and why.
func (s *Snapshots) Update(state *workflow.ApprovedState, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := make(map[string]*Snapshot, len(state.Policy.Clusters))
	var problems []error
	for _, cluster := range slices.Sorted(maps.Keys(state.Policy.Clusters)) {
		snapshot, err := s.next(cluster, state)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		made[cluster] = snapshot
	}
	if len(problems) > 0 {
		return fmt.Errorf("make snapshots: %w", errors.Join(problems...))
	}
	for cluster, snapshot := range made {
		s.holder(cluster).Store(snapshot, now)
	}
	return nil
}

func (s *Snapshots) next(cluster string, state *workflow.ApprovedState) (*Snapshot, error) {
	before := s.holder(cluster).Load()
	switch {
	case before == nil:
		return NewSnapshot(state, cluster)
	case before.Commit == state.Commit:
		return before, nil
	}
	return before.Next(state)
}

func (s *Snapshots) holder(cluster string) *Holder {
	if s.holders == nil {
		s.holders = map[string]*Holder{}
	}
	if s.holders[cluster] == nil {
		s.holders[cluster] = &Holder{}
	}
	return s.holders[cluster]
}
