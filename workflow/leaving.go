package workflow

import (
	"context"
	"fmt"
	"slices"
)

// leaving is a namespace that is out of the approved state and not yet known to
// be gone from its cluster. While it is, its name must not be given: whatever is
// left in the old one, secrets and volumes too, would be in the new one.
type leaving struct {
	Namespace

	removal Request // which takes it away
	// abandoned says that its tenant is to give up the cluster. Until it is gone the
	// tenant's Application must stay, which is what removes it.
	abandoned bool
}

// leavingOf finds which namespace of a plan is still being removed, whichever
// tenant had it, or which one on a cluster that the plan has its tenant give up;
// false when none is. The approved state that the plan was made
// at must have been read before: a removal that it includes was stored as
// approved by then. Without argocd nobody can tell when a namespace is gone, and
// its name is free as soon as the approved state is without it.
func leavingOf(ctx context.Context, store Store, argocd ArgoCD, plan Plan) (leaving, bool, error) {
	added, givenUp := plan.added(), missingTexts(plan.After.Clusters, plan.Before.Clusters)
	if argocd == nil || len(added)+len(givenUp) == 0 {
		return leaving{}, false, nil
	}
	requests, err := store.Requests(ctx, RequestFilter{States: []State{StateApproved, StateCommitted, StateFailed}})
	if err != nil {
		return leaving{}, false, err
	}
	for _, r := range requests {
		for _, n := range r.Plan.removed() {
			for _, wanted := range added {
				if wanted.compare(n) == 0 {
					return leaving{Namespace: n, removal: r}, true, nil
				}
			}
			if r.Tenant == plan.Before.Name && slices.Contains(givenUp, n.Cluster) {
				return leaving{Namespace: n, removal: r, abandoned: true}, true, nil
			}
		}
	}
	return leaving{}, false, nil
}

// refusal is for the form. What other tenants ask for is not said.
func (l leaving) refusal(draft Draft) FieldProblem {
	by, field := "", "name"
	switch draft.Change.(type) {
	case TenantChange:
		field = "clusters"
	case RemovalChange:
		field = "tenant"
	}
	if change, several := draft.Change.(NamespaceChange); several {
		field = change.fieldOf(l.Namespace) + field
	}
	if l.removal.Tenant == draft.Tenant {
		by = fmt.Sprintf(" (request %d)", l.removal.ID)
	}
	return FieldProblem{Field: field, Message: fmt.Sprintf("%q is still being removed from %s%s. Ask again once it is gone.", l.Name, l.Cluster, by)}
}

// wait is why a publication is put off.
func (l leaving) wait(tenant string) *Problem {
	by := ""
	if l.removal.Tenant == tenant {
		by = fmt.Sprintf(", request %d", l.removal.ID)
	}
	if l.abandoned {
		return Refuse(Conflict, fmt.Sprintf("It waits for the removal of %q from %s%s. It is committed once that is gone.", l.Name, l.Cluster, by))
	}
	return Refuse(Conflict, fmt.Sprintf("It waits for the removal of the earlier %q from %s%s. It is committed once that is gone.", l.Name, l.Cluster, by))
}
