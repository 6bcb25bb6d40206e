package workflow

import (
	"context"
	"fmt"
	"slices"
)

// lately is how many of a tenant's refused requests a plan is compared with.
const lately = 200

// refusedBefore finds that the same was asked for and rejected before: a
// reviewer should know what the others said.
func (s *Service) refusedBefore(ctx context.Context, actor Actor, state *ApprovedState, draft Draft) ([]Finding, error) {
	rejected, err := s.Store.Requests(ctx, RequestFilter{
		Tenants: []string{draft.Tenant}, Kinds: []Kind{draft.Change.Kind()}, States: []State{StateRejected}, Limit: lately,
	})
	if err != nil {
		return nil, storeFault(err)
	}
	// What an earlier tenant of the name asked for, or somebody else who wished for
	// it, is none of the actor's business.
	i := slices.IndexFunc(rejected, func(r Request) bool { return state.sees(actor, r) && asksTheSame(draft.Change, r) })
	if i < 0 {
		return nil, nil
	}
	r := rejected[i] // the newest first
	at := r.UpdatedAt
	for _, review := range r.Reviews {
		if review.Vote == VoteReject {
			at = review.At
		}
	}
	return []Finding{{
		Severity: SeverityWarning, Label: "refused before", Href: fmt.Sprintf("/requests/%d", r.ID),
		Message: fmt.Sprintf("Request %d by %s asked for the same and was rejected on %s: %s", r.ID, r.RequestedBy.Name, untilText(at.Truncate(day)), r.Reason),
	}}, nil
}

// asksTheSame says whether a request asks for what the change asks for, to
// whatever end.
func asksTheSame(change Change, r Request) bool {
	if quota, isQuota := change.(QuotaChange); isQuota {
		other, _ := r.Change.(QuotaChange)
		mine, _, _ := quota.read()
		theirs, _, _ := other.read()
		return quota.Cluster == other.Cluster && quota.Namespace == other.Namespace && mine.equal(theirs)
	}
	if settings, is := change.(NamespaceChange); is && settings.Existing {
		other, _ := r.Change.(NamespaceChange)
		bare := Namespace{Name: settings.Name, Cluster: settings.Cluster}
		return other.Existing && encode(settings.settled(bare)) == encode(other.settled(Namespace{Name: other.Name, Cluster: other.Cluster}))
	}
	_, same := change.rivals(r)
	return same
}
