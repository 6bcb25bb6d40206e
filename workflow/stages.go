package workflow

import (
	"context"
	"fmt"
	"slices"
)

// stagesFor gives the stages that the policy asks for a plan, and says why in
// words. Where the plan gives another tenant's namespace an exception, a stage
// of that tenant's owners comes after the tenant's own.
func (p Policy) stagesFor(kind Kind, plan Plan) ([]Stage, string) {
	// A policy that was checked has an entry for everything. If it had none, the
	// fallback would decide.
	stages, why := []Stage{{Role: p.Fallback, Needed: 1}}, "The policy has no entry for this kind of request, so its fallback decides."
	most := p.largest()
	if i := slices.IndexFunc(p.Reviews, func(rule ReviewRule) bool { return rule.fits(kind, plan, most) }); i >= 0 {
		rule := p.Reviews[i]
		stages, why = slices.Clone(rule.Stages), fmt.Sprintf("The policy asks for this of %s (reviews, entry %d).", rule.why(kind), i+1)
	}
	if peer, reached := plan.reaches(); reached {
		after := slices.IndexFunc(stages, func(s Stage) bool { return s.Role == RoleOwner })
		stages = slices.Insert(stages, after+1, Stage{Role: RolePeerOwner, Needed: 1})
		why += fmt.Sprintf(" An owner of %s must agree, because it opens a namespace of theirs.", peer.Name)
	}
	return stages, why
}

// reaches gives the other tenant that the plan gives an end of an exception;
// false where it gives nobody else anything.
func (p Plan) reaches() (Tenancy, bool) {
	for _, e := range p.given() {
		if e.tenant != p.After.Name {
			return p.other(e.tenant).Before, true
		}
	}
	return Tenancy{}, false
}

// other finds the side of another tenant.
func (p Plan) other(tenant string) OtherSide {
	i := slices.IndexFunc(p.Others, func(s OtherSide) bool { return s.After.Name == tenant })
	if i < 0 {
		return OtherSide{}
	}
	return p.Others[i]
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// substitute hands the stages of the unmet roles to the fallback. A role keeps
// one stage: what the fallback takes over is added to its own.
func substitute(stages []Stage, unmet []Role, fallback Role) []Stage {
	var result []Stage
	for _, stage := range stages {
		if slices.Contains(unmet, stage.Role) && stage.Role != fallback {
			stage = Stage{Role: fallback, Needed: stage.Needed, InsteadOf: stage.Role}
		}
		if i := slices.IndexFunc(result, func(s Stage) bool { return s.Role == stage.Role }); i >= 0 {
			result[i].Needed += stage.Needed
			if result[i].InsteadOf == "" {
				result[i].InsteadOf = stage.InsteadOf
			}
			continue
		}
		result = append(result, stage)
	}
	return result
}

// possibleStages lists every way in which the policy's stages may have been
// handed to the fallback; the first is none.
func (p Policy) possibleStages(stages []Stage) [][]Stage {
	all := [][]Stage{stages}
	for mask := 1; mask < 1<<len(stages); mask++ {
		var unmet []Role
		for i, stage := range stages {
			if mask&(1<<i) != 0 {
				unmet = append(unmet, stage.Role)
			}
		}
		all = append(all, substitute(stages, unmet, p.Fallback))
	}
	return all
}

// canVote lists who could vote for a stage of a plan. known is false where
// nobody can say: no register and no directory.
func (p Policy) canVote(ctx context.Context, directory Directory, stage Role, plan Plan) (people []PersonID, known bool, err error) {
	switch stage {
	case RoleOwner:
		return directory.Members(ctx, plan.Before.Owners.Group)
	case RolePeerOwner:
		peer, reached := plan.reaches()
		if !reached {
			return nil, true, nil // it is nobody's stage
		}
		return directory.Members(ctx, peer.Owners.Group)
	}
	for _, reviewer := range p.Reviewers[stage] {
		if id, ok := ParsePersonID(reviewer.ID); ok {
			people = append(people, id)
		}
	}
	return people, p.hasRegister(stage), nil
}

// asksFor says whether any review needs the role.
func (p Policy) asksFor(role Role) bool {
	return slices.ContainsFunc(p.Reviews, func(rule ReviewRule) bool {
		return slices.ContainsFunc(rule.Stages, func(s Stage) bool { return s.Role == role })
	})
}

// hasRegister says whether the policy keeps a register for the role.
func (p Policy) hasRegister(role Role) bool { return len(p.Reviewers[role]) > 0 }

// Registered says whether a person's vote counts in a stage as far as the
// register goes. A role without a register takes whoever holds it.
func (p Policy) Registered(role Role, person PersonID) bool {
	return !p.hasRegister(role) || slices.ContainsFunc(p.Reviewers[role], func(r Reviewer) bool { return r.ID == person.String() })
}
