package cluster

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// memory keeps what the Applications say, each decoded once. The watch writes
// into it. What it gives out is never changed afterwards.
type memory struct {
	namespace string
	clock     workflow.Clock
	log       *slog.Logger
	changed   func()

	mu       sync.RWMutex
	known    map[string]workflow.SyncStatus // by the Application's name
	listed   bool                           // all there are have been heard of
	lastWord time.Time
}

var _ cache.ReflectorStore = (*memory)(nil)

// Add remembers a new Application.
func (m *memory) Add(object any) error { return m.Update(object) }

// Update remembers what an Application says now.
func (m *memory) Update(object any) error {
	m.mu.Lock()
	if m.known == nil {
		m.known = map[string]workflow.SyncStatus{}
	}
	if status, ours := m.read(object); ours {
		m.known[status.Application] = status
	}
	m.lastWord = m.clock.Now()
	m.mu.Unlock()
	m.changed()
	return nil
}

// Delete forgets an Application.
func (m *memory) Delete(object any) error {
	application, ok := object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("forget an Application: got %T", object)
	}
	m.mu.Lock()
	delete(m.known, application.GetName())
	m.lastWord = m.clock.Now()
	m.mu.Unlock()
	m.changed()
	return nil
}

// Replace remembers exactly these Applications.
func (m *memory) Replace(objects []any, _ string) error {
	m.mu.Lock()
	known := make(map[string]workflow.SyncStatus, len(objects))
	for _, object := range objects {
		if status, ours := m.read(object); ours {
			known[status.Application] = status
		}
	}
	m.known, m.listed, m.lastWord = known, true, m.clock.Now()
	m.mu.Unlock()
	m.changed()
	return nil
}

// Resync is of no meaning here.
func (*memory) Resync() error { return nil }

// read decodes an Application. One that cannot be decoded is remembered as
// such: nothing is concluded from half of what it says.
func (m *memory) read(object any) (status workflow.SyncStatus, ours bool) {
	application, ok := object.(*unstructured.Unstructured)
	if !ok {
		return status, false
	}
	status, ours, err := decode(application, m.namespace)
	if !ours {
		return status, false
	}
	before := m.known[status.Application]
	if err != nil {
		if before.Known || before.Why == "" {
			m.log.Error("what Argo CD says of an Application cannot be read", "application", status.Application, "error", err)
		}
		status.Why = fmt.Sprintf("What Argo CD says of its Application %q cannot be read.", status.Application)
	}
	status.ObservedAt = m.clock.Now()
	return carryOver(status, before), true
}

// get gives what is known of a tenant's Application for a cluster, and whether
// all Applications have been heard of.
func (m *memory) get(tenant, cluster string) (status workflow.SyncStatus, listed bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	status, found := m.known[manifest.ApplicationName(tenant, cluster)]
	if !found || status.Tenant != tenant || status.Cluster != cluster {
		status = workflow.SyncStatus{Tenant: tenant, Cluster: cluster, Application: manifest.ApplicationName(tenant, cluster)}
	}
	return status, m.listed
}

// all lists what is known, by name, and when something was heard last.
func (m *memory) all() ([]workflow.SyncStatus, time.Time) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.SortedFunc(maps.Values(m.known), func(a, b workflow.SyncStatus) int {
		return cmp.Compare(a.Application, b.Application)
	}), m.lastWord
}
