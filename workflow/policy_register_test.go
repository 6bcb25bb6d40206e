package workflow_test

import (
	"fmt"
	"slices"
	"testing"

	"tenure.dev/workflow"
)

var bea = workflow.Actor{Person: person(60, "Bea Admin"), Roles: []workflow.Role{workflow.RoleAdmin}}

// withAdmins is the policy with some more admins in the register.
func withAdmins(more ...workflow.Actor) workflow.Policy {
	p := policy()
	p.Reviewers[workflow.RoleAdmin] = registered(append([]workflow.Actor{ada, bea}, more...)...)
	return p
}

// Nobody does away with a role's reviewers by registering all of them.
func TestAPolicyThatRegistersARolesReviewersIsRefusedWhereTooFewCouldReviewIt(t *testing.T) {
	security := func(more ...workflow.Actor) workflow.Policy {
		p := withAdmins()
		p.Reviewers[workflow.RoleSecurity] = append(p.Reviewers[workflow.RoleSecurity], registered(more...)...)
		return p
	}
	const tooMany = "This registers so many of %s that too few others are left to review it. Register them one after another."
	for name, test := range map[string]struct {
		needed int // of security
		after  workflow.Policy
		says   string
	}{
		"all of security":               {1, withAdmins(sam, sofia), fmt.Sprintf(tooMany, "security")},
		"one of security":               {1, withAdmins(sam), ""},
		"one of security, both needed":  {2, withAdmins(sam), fmt.Sprintf(tooMany, "security")},
		"all admins":                    {1, security(ada, bea), fmt.Sprintf(tooMany, "admin")},
		"one admin":                     {1, security(bea), ""},
		"more people than there are":    {3, withAdmins(una), ""}, // the fallback decides, as it did before
		"nobody who could review it":    {1, security(una), ""},
		"all of security, who are few":  {3, withAdmins(sam, sofia), ""}, // they could not have decided it anyway
		"somebody of security and more": {1, withAdmins(una, sam), ""},
	} {
		t.Run(name, func(t *testing.T) {
			state := ruled(t)
			state.Policy = withAdmins()
			state.Policy.Reviews = append([]workflow.ReviewRule{{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}, {Role: workflow.RoleSecurity, Needed: test.needed}}}}, state.Policy.Reviews...)
			state.PolicyDocument = written(t, state.Policy)
			_, err := policyPlanner().Plan(t.Context(), state, ruling(workflow.PolicyChange{Document: string(written(t, test.after)), Reason: "So."}))
			if test.says == "" {
				if err != nil {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			saidOf(t, refused(t, err, workflow.Invalid).Fields, "document", test.says)
		})
	}
}

// A commit that leaves security out because it registers all of security proves
// nothing, whoever voted for it.
func TestACommitThatRegistersAllOfSecurityIsNotProvedWithoutThem(t *testing.T) {
	state := ruled(t)
	state.Policy = withAdmins()
	state.PolicyDocument = written(t, state.Policy)
	after := withAdmins(sam, sofia)
	asked := ruling(workflow.PolicyChange{Document: string(written(t, after)), Reason: "So."})
	// No planner plans this, so that another plan has to stand for it.
	plan := planned(t, policyPlanner(), state, ruling(workflow.PolicyChange{Document: string(written(t, withAdmins(una))), Reason: "So."}))
	document := slices.IndexFunc(plan.Files, func(f workflow.FileChange) bool { return f.Path == "policy.yaml" })
	plan.Files[document].After = written(t, after)
	byBea := workflow.Approval{Person: bea.Person, Stage: workflow.RoleAdmin}
	for name, test := range map[string]struct {
		stages []workflow.Stage
		by     []workflow.Approval
		says   string
	}{
		"admins instead of security": {[]workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2, InsteadOf: workflow.RoleSecurity}}, approvals(byAda, byBea), "are not those of the policy before"},
		"without a vote of security": {plan.Stages, approvals(byAda), "stage security has 0 of 1 approvals"},
		"with one of theirs":         {plan.Stages, approvals(byAda, bySam), "approved their own entry in the register"},
	} {
		t.Run(name, func(t *testing.T) {
			plan.Stages = test.stages
			objects(t, workflow.ProvePolicy(decreed(t, state, asked, plan, after, test.by...)), test.says)
		})
	}
}

// Who would be in a tenant does not decide about it, and is not counted among those
// who could. Nobody stands in for them.
func TestAdminsOfATenantsNewGroupsAreNotCountedAsReviewersOfIt(t *testing.T) {
	for name, test := range map[string]struct {
		slug   string
		change workflow.TenantChange
		few    bool
	}{
		"owners of a new tenant":        {"shop", newTeam(nil), true},
		"members of a new tenant":       {"shop", newTeam(func(c *workflow.TenantChange) { c.Owners, c.Members = group(33), group(31) }), true},
		"of another group":              {"shop", newTeam(func(c *workflow.TenantChange) { c.Owners = group(33) }), false},
		"owners of an older tenant":     {"payments", asPayments(func(c *workflow.TenantChange) { c.Owners = group(31) }), true},
		"an older tenant's other parts": {"payments", asPayments(func(c *workflow.TenantChange) { c.CPU = "14" }), false},
	} {
		t.Run(name, func(t *testing.T) {
			state := grown()
			state.Policy.Reviewers[workflow.RoleAdmin] = registered(ada, ari)
			state.Policy.Reviews = slices.Insert(state.Policy.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindTenant}, Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2}}})
			known := planner()
			directory := everybody()
			directory[group(31)] = []workflow.PersonID{ada.ID}
			known.Directory = directory
			plan := planned(t, known, state, forTenant(test.slug, test.change))
			same(t, "the stages", []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2}}, plan.Stages)
			found := slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Label == "too few reviewers" })
			if found != test.few {
				t.Errorf("it finds %+v", plan.Findings)
			}
		})
	}
}
