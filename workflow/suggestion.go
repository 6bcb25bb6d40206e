package workflow

import (
	"context"
	"io"
	"time"
)

// Suggestion is a network exception that would let through what was seen, ready
// to be reviewed and asked for.
type Suggestion struct {
	Change  NetworkChange
	Flows   int64 // how many flows were seen that the present policies do not let through
	Dropped int64 // how many of them the network engine had dropped when they were seen
	First   time.Time
	Last    time.Time
	Notes   []string // what to look at before asking
}

// Suggestions is what a file of flows comes to for one tenant.
type Suggestions struct {
	Format    string           // the kind of file
	Records   int64            // flows that the file lists
	Elsewhere int64            // flows of others' namespaces
	Inside    int64            // flows inside one namespace, which its own policies may let through
	Allowed   int64            // flows that the present policies let through
	Platform  int64            // flows with the platform's namespaces that the policy does not name
	Passed    map[string]int64 // records that are no flows, by the reason
	Proposals []Suggestion     // those with the most flows first
	More      int              // further proposals, with fewer flows, that are left out
}

// Suggester turns flow logs into proposals for network exceptions.
type Suggester interface {
	// Suggest reads a log for one tenant and cluster. Pods, a list as kubectl
	// prints it in JSON, tells whose the addresses are, for logs that do not; nil
	// for none. A file that cannot be read is a *Problem of kind Invalid.
	Suggest(state *ApprovedState, tenant, cluster string, log, pods io.Reader, at time.Time) (Suggestions, error)
}

// Observed is a file of flows with what its reading needs.
type Observed struct {
	Tenant, Cluster string
	Log             io.Reader
	Pods            io.Reader // nil for none
}

// Suggest proposes network exceptions from what was seen, for a tenant that the
// actor may ask for. Nothing is stored.
func (s *Service) Suggest(_ context.Context, actor Actor, observed Observed) (Suggestions, error) {
	state, err := s.state()
	if err != nil {
		return Suggestions{}, err
	}
	tenancy, found := state.Tenancies[observed.Tenant]
	if !found || !actor.Asks(tenancy) {
		return Suggestions{}, noTenant(observed.Tenant)
	}
	if message := checkChoice(observed.Cluster, "cluster", tenancy.Clusters); message != "" {
		return Suggestions{}, invalidFields([]FieldProblem{{Field: "cluster", Message: message}})
	}
	return s.Suggester.Suggest(state, observed.Tenant, observed.Cluster, observed.Log, observed.Pods, s.Clock.Now())
}
