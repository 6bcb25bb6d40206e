package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// stagesFor gives the stages that the policy asks for a plan, and says why in
// words. Each environment that the plan touches has the stages of the first entry
// that fits it, so that nothing comes along with what fewer people decide: of each
// role as many must agree as the strictest wants. Where the plan gives another
// tenant's namespace an exception, a stage of that tenant's owners comes after the
// tenant's own.
func (p Policy) stagesFor(kind Kind, plan Plan) ([]Stage, string) {
	// A policy that was checked has an entry for everything. If it had none, the
	// fallback would decide.
	stages, why := []Stage{{Role: p.Fallback, Needed: 1}}, "The policy has no entry for this kind of request, so its fallback decides."
	if kind.isPlatforms() {
		stages, why = kind.platformStages()
	}
	if entries := p.entriesFor(kind, plan); len(entries) > 0 {
		stages = nil
		var reasons []string
		for _, entry := range entries {
			stages = together(stages, p.Reviews[entry.index].Stages)
			reasons = append(reasons, fmt.Sprintf("of %s (reviews, entry %d%s)", p.Reviews[entry.index].why(entry.kind), entry.index+1, entry.because))
		}
		why = fmt.Sprintf("The policy asks for this %s.", listed(reasons, "and"))
	}
	if peer, reached := plan.reaches(); reached {
		after := slices.IndexFunc(stages, func(s Stage) bool { return s.Role == RoleOwner })
		stages = slices.Insert(stages, after+1, Stage{Role: RolePeerOwner, Needed: 1})
		why += fmt.Sprintf(" An owner of %s must agree, because it opens a namespace of theirs.", peer.Name)
	}
	return stages, why
}

// reviewEntry is an entry of the policy's reviews and what of a plan it fits.
type reviewEntry struct {
	index int
	matter
}

// entriesFor lists the entries of reviews that decide who must agree to a plan:
// for each environment the first that fits, each once.
func (p Policy) entriesFor(kind Kind, plan Plan) (entries []reviewEntry) {
	most := p.largest()
	for _, m := range p.matters(kind, plan) {
		i := slices.IndexFunc(p.Reviews, func(rule ReviewRule) bool { return rule.fits(m, plan, most) })
		if i >= 0 && !slices.ContainsFunc(entries, func(e reviewEntry) bool { return e.index == i }) {
			entries = append(entries, reviewEntry{i, m})
		}
	}
	return entries
}

// matter is what an entry of reviews can be about: a kind of request in an
// environment, which is empty where a plan touches no namespace. Because says why
// it is another kind than the request's, where it is.
type matter struct {
	kind        Kind
	environment string
	because     string
}

// matters lists what a plan is about. What comes with a namespace and could be
// asked for by itself needs the same people as it would then: access of further
// groups, and numbers that no size of the policy's gives.
func (p Policy) matters(kind Kind, plan Plan) (matters []matter) {
	for _, environment := range plan.Environments() {
		matters = append(matters, matter{kind: kind, environment: environment})
	}
	if kind == KindNamespace {
		for _, n := range plan.added() {
			usual := plan.After.usualAccess(n.Request)
			if slices.ContainsFunc(n.Access, func(a Access) bool { return !slices.Contains(usual, a) }) {
				matters = append(matters, matter{KindAccess, n.Environment, ", for the access that comes along"})
			}
			if !p.hasSize(n.Quota.Lasting()) {
				matters = append(matters, matter{KindQuota, n.Environment, ", for its own numbers"})
			}
		}
	}
	if len(matters) == 0 {
		return []matter{{kind: kind}}
	}
	return matters
}

// hasSize says whether a size of the policy's gives exactly these amounts.
func (p Policy) hasSize(size Size) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(p.Sizes)), size.equal)
}

// together puts the stages of two entries together: of each role as many as
// either wants.
func together(stages, more []Stage) []Stage {
	stages = slices.Clone(stages)
	for _, stage := range more {
		if i := slices.IndexFunc(stages, func(s Stage) bool { return s.Role == stage.Role }); i >= 0 {
			stages[i].Needed = max(stages[i].Needed, stage.Needed)
			continue
		}
		stages = append(stages, stage)
	}
	return stages
}

// isPlatforms says whether requests of the kind are the platform's own to decide,
// with no tenant's owners among those who agree. Entries of the policy's reviews
// are about them only where they name the kind.
func (k Kind) isPlatforms() bool { return k == KindTenant || k == KindPolicy }

// platformStages decide what is the platform's own where the policy's reviews do
// not name the kind.
func (k Kind) platformStages() ([]Stage, string) {
	if k == KindPolicy {
		return []Stage{{Role: RoleAdmin, Needed: 1}, {Role: RoleSecurity, Needed: 1}},
			"The policy's reviews name no policy requests, so that an admin and somebody of security decide."
	}
	return []Stage{{Role: RoleAdmin, Needed: 1}}, "The policy's reviews name no tenant requests, so that an admin decides."
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
	return slices.ContainsFunc(p.Reviews, func(rule ReviewRule) bool { return rule.has(role) })
}

// hasRegister says whether the policy keeps a register for the role.
func (p Policy) hasRegister(role Role) bool { return len(p.Reviewers[role]) > 0 }

// Registered says whether a person's vote counts in a stage as far as the
// register goes. A role without a register takes whoever holds it.
func (p Policy) Registered(role Role, person PersonID) bool {
	return !p.hasRegister(role) || slices.ContainsFunc(p.Reviewers[role], func(r Reviewer) bool { return r.ID == person.String() })
}
