package workflow

import (
	"context"
	"fmt"
	"slices"
)

// stagesFor gives the stages that the policy asks for, and says why in words.
func (p Policy) stagesFor(kind Kind, environments []string) ([]Stage, string) {
	for i, rule := range p.Reviews {
		if len(rule.Kinds) > 0 && !slices.Contains(rule.Kinds, kind) {
			continue
		}
		if len(rule.Environments) > 0 && !overlap(rule.Environments, environments) {
			continue
		}
		why := fmt.Sprintf("The policy asks for this of every request (reviews, entry %d).", i+1)
		switch {
		case len(rule.Kinds) > 0 && len(rule.Environments) > 0:
			why = fmt.Sprintf("The policy asks for this of %s requests in %s (reviews, entry %d).", kind, oneOf(rule.Environments), i+1)
		case len(rule.Kinds) > 0:
			why = fmt.Sprintf("The policy asks for this of every %s request (reviews, entry %d).", kind, i+1)
		case len(rule.Environments) > 0:
			why = fmt.Sprintf("The policy asks for this of every request in %s (reviews, entry %d).", oneOf(rule.Environments), i+1)
		}
		return slices.Clone(rule.Stages), why
	}
	// A policy that was checked never comes here. If it did, the fallback decides.
	return []Stage{{Role: p.Fallback, Needed: 1}}, "The policy has no entry for this kind of request, so its fallback decides."
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
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

// canVote lists who could vote for a stage. known is false where nobody can
// say: no register and no directory.
func (p Policy) canVote(ctx context.Context, directory Directory, stage Role, tenancy Tenancy) (people []PersonID, known bool, err error) {
	if stage == RoleOwner {
		return directory.Members(ctx, tenancy.Owners.Group)
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
