package workflow_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

var (
	byAda = workflow.Approval{Person: ada.Person, Stage: workflow.RoleAdmin}
	byUna = workflow.Approval{Person: una.Person, Stage: workflow.RoleSecurity}
)

// decreed is the proof of another policy that an admin and security agreed to.
func decreed(t interface {
	Helper()
	Fatal(...any)
}, state *workflow.ApprovedState, asked workflow.Proposal, plan workflow.Plan, after workflow.Policy, approvals ...workflow.Approval) workflow.PolicyProof {
	t.Helper()
	own := slices.IndexFunc(plan.Files, func(f workflow.FileChange) bool { return f.Path == "policy.yaml" })
	if own < 0 {
		t.Fatal("the plan has no policy")
	}
	return workflow.PolicyProof{
		Before: state.Policy, After: after, Document: plan.Files[own], Holders: state.Tenancies, CommittedAt: plan.PlannedAt,
		Message: workflow.CommitMessage{
			Act: workflow.ActPolicy, Request: asked.Request, Kind: workflow.KindPolicy, RequestedBy: workflow.Person{ID: asked.RequestedBy},
			ApprovedBy: approvals, Stages: plan.Stages, Plan: plan.Digest, PlannedAt: plan.PlannedAt, Renderer: plan.Renderer,
		},
	}
}

// decree is the proof of the policy as ruled has it, changed.
func decree(t testing.TB, change func(*workflow.Policy)) workflow.PolicyProof {
	t.Helper()
	asked := ruling(otherwise(t, change))
	plan, err := policyPlanner().Plan(t.Context(), ruled(t), asked)
	if err != nil {
		t.Fatal(err)
	}
	after := policy()
	change(&after)
	return decreed(t, ruled(t), asked, plan, after, byAda, bySam)
}

// policyForgeries make of a proof that holds one that must not.
var policyForgeries = map[string]struct {
	forge func(*workflow.PolicyProof)
	says  string
}{
	"no request":               {func(p *workflow.PolicyProof) { p.Message.Request = 0 }, "names no request"},
	"another request":          {func(p *workflow.PolicyProof) { p.Message.Request = 99 }, "is not the change that was committed"},
	"nobody asked":             {func(p *workflow.PolicyProof) { p.Message.RequestedBy = workflow.Person{} }, "does not say who asked"},
	"another kind":             {func(p *workflow.PolicyProof) { p.Message.Kind = workflow.KindQuota }, "replaces no policy"},
	"another document":         {func(p *workflow.PolicyProof) { p.Document.After = append(slices.Clone(p.Document.After), '\n') }, "is not the change that was committed"},
	"another document before":  {func(p *workflow.PolicyProof) { p.Document.Before = nil }, "is not the change that was committed"},
	"planned later":            {func(p *workflow.PolicyProof) { p.Message.PlannedAt = noon.Add(time.Hour) }, "after it was committed"},
	"another planning time":    {func(p *workflow.PolicyProof) { p.Message.PlannedAt = noon.Add(-time.Hour) }, "is not the change that was committed"},
	"another renderer":         {func(p *workflow.PolicyProof) { p.Message.Renderer = "1" }, "is not the change that was committed"},
	"nobody approved":          {func(p *workflow.PolicyProof) { p.Message.ApprovedBy = nil }, "stage admin has 0 of 1 approvals"},
	"security did not approve": {func(p *workflow.PolicyProof) { p.Message.ApprovedBy = approvals(byAda) }, "stage security has 0 of 1 approvals"},
	"the requester approved": {func(p *workflow.PolicyProof) {
		p.Message.ApprovedBy = approvals(workflow.Approval{Person: amir.Person, Stage: workflow.RoleAdmin}, bySam)
	}, "approved their own request"},
	"an admin approved for security": {func(p *workflow.PolicyProof) {
		p.Message.ApprovedBy = approvals(byAda, workflow.Approval{Person: ada.Person, Stage: workflow.RoleSecurity})
	}, "approved twice"},
	"somebody in no register": {func(p *workflow.PolicyProof) { p.Message.ApprovedBy = approvals(byAda, byUna) }, "is not in the register of security reviewers"},
	"no stage of security": {func(p *workflow.PolicyProof) {
		p.Message.Stages, p.Message.ApprovedBy = p.Message.Stages[:1], approvals(byAda)
	}, "are not those of the policy before"},
	"admins instead of security, who could decide": {func(p *workflow.PolicyProof) {
		p.Message.Stages = []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2, InsteadOf: workflow.RoleSecurity}}
	}, "are not those of the policy before"},
	"a tenant of a cluster that is gone": {func(p *workflow.PolicyProof) {
		p.After.Clusters = maps.Clone(p.After.Clusters)
		delete(p.After.Clusters, "neu-1")
	}, `the cluster "neu-1" is gone, and is in use by`},
}

func TestAPolicyThatWasPlannedAndApprovedIsProved(t *testing.T) {
	for name, test := range policyChanges {
		proof := decree(t, test.change)
		if objections := workflow.ProvePolicy(proof); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", name, objections)
		}
	}
}

func TestEachForgeryOfAPolicyIsObjectedTo(t *testing.T) {
	for name, test := range policyForgeries {
		t.Run(name, func(t *testing.T) {
			proof := decree(t, newFlow)
			test.forge(&proof)
			objects(t, workflow.ProvePolicy(proof), test.says)
		})
	}
}

func TestAVoteForANewPolicyIsJudgedByTheRegisterBefore(t *testing.T) {
	adds := func(role workflow.Role, who workflow.Actor) func(*workflow.Policy) {
		return func(p *workflow.Policy) { p.Reviewers[role] = append(p.Reviewers[role], registered(who)...) }
	}
	for name, test := range map[string]struct {
		change func(*workflow.Policy)
		by     workflow.Approval
		says   string // empty where it holds
	}{
		"of who was in it":                {adds(workflow.RoleSecurity, una), bySam, ""},
		"of who is in it from then on":    {adds(workflow.RoleSecurity, una), byUna, "is not in the register of security reviewers"},
		"of who was in it and is no more": {func(p *workflow.Policy) { p.Reviewers[workflow.RoleSecurity] = registered(sofia) }, bySam, ""},
		"of who gets a second register":   {adds(workflow.RoleAdmin, sam), bySam, sam.ID.String() + " approved their own entry in the register of reviewers"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := decree(t, test.change)
			proof.Message.ApprovedBy = approvals(byAda, test.by)
			if test.says == "" {
				same(t, "the objections", []string(nil), workflow.ProvePolicy(proof))
				return
			}
			objects(t, workflow.ProvePolicy(proof), test.says)
		})
	}
}

// Where nobody of a register but the requester could decide, the fallback does, and
// the plan says so.
func TestTheFallbackDecidesAPolicyThatTheOnlyOneOfARegisterAsksFor(t *testing.T) {
	state := ruled(t)
	state.Policy.Reviewers[workflow.RoleSecurity] = registered(amir)
	state.Policy.Reviewers[workflow.RoleAdmin] = registered(ada, sofia)
	state.PolicyDocument = written(t, state.Policy)
	after := policy()
	after.Reviewers[workflow.RoleSecurity], after.Reviewers[workflow.RoleAdmin] = registered(amir, sam), registered(ada, sofia)
	asked := ruling(workflow.PolicyChange{Document: string(written(t, after)), Reason: "So."})
	plan := planned(t, policyPlanner(), state, asked)
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2, InsteadOf: workflow.RoleSecurity}}, plan.Stages)
	both := approvals(byAda, workflow.Approval{Person: sofia.Person, Stage: workflow.RoleAdmin})
	same(t, "the objections", []string(nil), workflow.ProvePolicy(decreed(t, state, asked, plan, after, both...)))
	proof := decreed(t, state, asked, plan, after, byAda, bySam)
	proof.Message.Stages = []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}
	objects(t, workflow.ProvePolicy(proof), "are not those of the policy before")
}

func TestAnyPolicyThatIsApprovedProvesAndNoneOfItsForgeriesDoes(t *testing.T) {
	changes := slices.Sorted(maps.Keys(policyChanges))
	names := slices.Sorted(maps.Keys(policyForgeries))
	proved := 0
	rapid.Check(t, func(rt *rapid.T) {
		after := policy()
		// Each changes another part, so that none meets what another one left.
		part := func(name string) string { return policyChanges[name].edits[0] }
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(changes), 1, 5, part).Draw(rt, "changes") {
			policyChanges[name].change(&after)
		}
		state := ruled(t)
		asked := ruling(workflow.PolicyChange{Document: string(written(t, after)), Reason: "So."})
		plan, err := policyPlanner().Plan(t.Context(), state, asked)
		if err != nil || plan.Stages[0].Needed > 1 {
			return // together they are no policy, or nobody is left to decide it
		}
		proved++
		proof := decreed(rt, state, asked, plan, after, byAda, bySam)
		if objections := workflow.ProvePolicy(proof); len(objections) > 0 {
			rt.Fatalf("what was planned and approved is objected to: %q", objections)
		}
		name := rapid.SampledFrom(names).Draw(rt, "forgery")
		policyForgeries[name].forge(&proof)
		if len(workflow.ProvePolicy(proof)) == 0 {
			rt.Fatalf("%s goes unnoticed", name)
		}
	})
	if proved == 0 {
		t.Error("nothing was ever proved")
	}
}
