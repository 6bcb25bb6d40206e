package workflow

import (
	"fmt"
	"maps"
	"slices"
)

// CheckNew says what else must be right in a policy that nobody has approved yet,
// with fields as Check names them: that it is not endless, and that another policy
// can still be decided under it, with security among those who decide or somebody
// registered for it. Policies that were approved before are not held to it.
func (p Policy) CheckNew() []FieldProblem {
	var c checker
	if c.bounds(p); len(c) > 0 {
		return c // the rest would take long
	}
	for i, rule := range p.Reviews {
		c.platformReview(fmt.Sprintf("spec.reviews[%d]", i), rule)
	}
	c.provableSecurity(p)
	c.replaceable(p)
	return c
}

// maxCombinations is in how many combinations a rule may be set by environments and
// clusters: each pair of settings is compiled to see that they fit together.
const maxCombinations = 200

// bounds checks how much the policy holds. What large platforms have is far below:
// a policy is checked as it is typed, and rendered for every namespace.
func (c *checker) bounds(p Policy) {
	for _, list := range []struct {
		field, what string
		has, most   int
	}{
		{"spec.clusters", "clusters", len(p.Clusters), 100},
		{"spec.environments", "environments", len(p.Environments), 50},
		{"spec.platformFlows", "flows", len(p.PlatformFlows), 100},
		{"spec.sizes", "sizes", len(p.Sizes), 200},
		{"spec.registries", "registries", len(p.Registries), 200},
		{"spec.classifications", "classes", len(p.Classifications), 200},
		{"spec.reviews", "entries", len(p.Reviews), 200},
		{"spec.reviewers.security", "people", len(p.Reviewers[RoleSecurity]), 500},
		{"spec.reviewers.admin", "people", len(p.Reviewers[RoleAdmin]), 500},
		{"spec.platformNamespaces", "namespaces", len(p.PlatformNamespaces), 1000},
		{"spec.reservedNames", "names", len(p.ReservedNames), 1000},
		{"spec.reservedHosts", "hosts", len(p.ReservedHosts), 1000},
		{"spec.requests.network.refused", "ranges", len(p.Requests.Network.Refused), 1000},
	} {
		c.atMost(list.field, list.what, list.has, list.most)
	}
	for i, flow := range p.PlatformFlows {
		c.atMost(fmt.Sprintf("spec.platformFlows[%d].ports", i), "ports", len(flow.Ports), 100)
	}
	if len(*c) == 0 {
		c.combinations(p)
	}
}

func (c *checker) atMost(field, what string, has, most int) {
	if has > most {
		c.add(field, "%d %s are named; at most %d can be", has, what, most)
	}
}

// combinations checks in how many different ways environments and clusters set a
// rule together.
func (c *checker) combinations(p Policy) {
	byEnvironment, byCluster := map[string]map[string]bool{}, map[string]map[string]bool{}
	count := func(ways map[string]map[string]bool, rules map[string]RuleSetting) {
		for name, setting := range rules {
			if ways[name] == nil {
				ways[name] = map[string]bool{}
			}
			ways[name][string(setting.Mode)+" "+string(setting.Params)] = true
		}
	}
	for _, environment := range p.Environments {
		count(byEnvironment, environment.Rules)
	}
	for _, cluster := range p.Clusters {
		count(byCluster, cluster.Rules)
	}
	for _, name := range slices.Sorted(maps.Keys(byEnvironment)) {
		environments, clusters := len(byEnvironment[name]), len(byCluster[name])
		if environments*clusters > maxCombinations {
			c.add("spec.rules."+name, "environments set it in %d ways and clusters in %d, which makes %d combinations; at most %d can be", environments, clusters, environments*clusters, maxCombinations)
		}
	}
}

// platformReview checks an entry for requests that the platform decides: admins
// are among those who do, and no tenant's owners. They are in no environment, and
// open nothing.
func (c *checker) platformReview(field string, rule ReviewRule) {
	i := slices.IndexFunc(rule.Kinds, Kind.isPlatforms)
	if i < 0 {
		return
	}
	if !rule.has(RoleAdmin) {
		c.add(field+".stages", "requests of kind %s are the platform's to decide, so a stage of admins is needed, such as {admin: 1}", rule.Kinds[i])
	}
	if rule.has(RoleOwner) {
		c.add(field+".stages", "requests of kind %s are the platform's to decide, so there is no stage of owners; give other kinds an entry of their own", rule.Kinds[i])
	}
	if len(rule.Environments) > 0 {
		c.add(field+".environments", "requests of kind %s are in no environment; give other kinds an entry of their own", rule.Kinds[i])
	}
}

// provableSecurity asks for a register where security decides although no entry of
// reviews says so: of requests for another policy, and as the fallback. Without one,
// whoever holds the role in the directory would, and nobody could prove it later.
func (c *checker) provableSecurity(p Policy) {
	if p.hasRegister(RoleSecurity) || p.asksFor(RoleSecurity) {
		return // Check asks for it by the entries
	}
	const needed = "at least one person is needed, since %s: whose vote counted must be provable later"
	stages, _ := p.stagesFor(KindPolicy, Plan{})
	switch {
	case slices.ContainsFunc(stages, func(s Stage) bool { return s.Role == RoleSecurity }):
		c.add("spec.reviewers.security", needed, "security decides of another policy where no entry of reviews is about requests of kind policy")
	case p.Fallback == RoleSecurity:
		c.add("spec.reviewers.security", needed, "the fallback is security")
	}
}

// replaceable refuses a policy under which no other one could be decided, whoever
// asks for it: nobody could mend that but by rewriting the repository.
func (c *checker) replaceable(p Policy) {
	stages, _ := p.stagesFor(KindPolicy, Plan{})
	var unmet []Role
	for _, stage := range stages {
		if !p.hasRegister(stage.Role) {
			return // that somebody is needed there is said elsewhere
		}
		if len(p.registered(stage.Role)) < stage.Needed {
			unmet = append(unmet, stage.Role)
		}
	}
	stages = substitute(stages, unmet, p.Fallback)
	needed, short, people := 0, false, map[PersonID]bool{}
	for _, stage := range stages {
		who := p.registered(stage.Role)
		needed, short = needed+stage.Needed, short || len(who) < stage.Needed
		maps.Copy(people, who)
	}
	if short || len(people) < needed {
		c.add("spec.reviews", "nobody could change this policy again: that would take %s, who each agree once, and %d of admin and %d of security are registered, %d different people in all",
			stagesWords(stages), len(p.registered(RoleAdmin)), len(p.registered(RoleSecurity)), len(people))
	}
}

// registered gives the people of a role's register.
func (p Policy) registered(role Role) map[PersonID]bool {
	people := map[PersonID]bool{}
	for _, reviewer := range p.Reviewers[role] {
		if id, ok := ParsePersonID(reviewer.ID); ok {
			people[id] = true
		}
	}
	return people
}
