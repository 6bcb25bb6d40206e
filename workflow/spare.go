package workflow

import (
	"context"
	"fmt"
	"slices"
)

// refuseNeeded refuses the agreement of somebody without whom another stage
// could not be decided any more: each person has one vote, and who owns both
// tenants of a request could use it up where others can agree as well. Where
// nobody can know who else there is, the vote counts.
func (s *Service) refuseNeeded(ctx context.Context, state *ApprovedState, r Request, actor Actor, votesAs Role) error {
	voting := state.voting(r)
	for _, stage := range r.Progress() {
		role := stage.Stage.Role
		if role == votesAs || stage.Met() {
			continue
		}
		people, known, err := s.planner().voters(ctx, state.Policy, role, r.Plan, r.RequestedBy.ID)
		if err != nil {
			return err
		}
		if !known || !slices.Contains(people, actor.ID) {
			continue
		}
		left := slices.DeleteFunc(people, func(id PersonID) bool {
			return slices.ContainsFunc(r.Reviews, func(v Review) bool { return v.Person.ID == id && !v.Void })
		})
		if len(left) == stage.Stage.Needed-len(stage.Votes) {
			return Refuse(Forbidden, fmt.Sprintf(
				"Your vote was not counted. You are needed to agree as %s, where too few others are left, and each person has one vote. Somebody else has to agree as %s; then you can.",
				voting.waitsFor(role), voting.waitsFor(votesAs)))
		}
	}
	return nil
}
