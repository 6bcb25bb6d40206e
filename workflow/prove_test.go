package workflow_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// proofOf is what a repository would be shown of a plan that these people approved.
func proofOf(state *workflow.ApprovedState, asked workflow.Proposal, plan workflow.Plan, approvals ...workflow.Approval) workflow.Proof {
	return workflow.Proof{
		Policy: state.Policy, Before: plan.Before, After: plan.After, Others: plan.Others, Holders: state.Tenancies, Files: plan.Files, CommittedAt: plan.PlannedAt,
		Message: workflow.CommitMessage{
			Act: asked.Change.Kind().Act(), Request: asked.Request, Kind: asked.Change.Kind(), RequestedBy: workflow.Person{ID: asked.RequestedBy},
			ApprovedBy: approvals, Stages: plan.Stages, Plan: plan.Digest, PlannedAt: plan.PlannedAt, Renderer: plan.Renderer,
		},
	}
}

// granted is the proof of a production namespace: an owner and two of security
// agreed. The tenant holds another namespace.
func granted(t testing.TB) workflow.Proof {
	t.Helper()
	state := approvedNow()
	holder := payments()
	holder.Namespaces = []workflow.Namespace{held("payments-web", 3)}
	state.Tenancies["payments"] = holder
	asked := proposal(with(func(c *workflow.NamespaceChange) { c.Environment = "prod" }))
	plan, err := planner().Plan(t.Context(), state, asked)
	if err != nil {
		t.Fatal(err)
	}
	return proofOf(state, asked, plan,
		workflow.Approval{Person: olivia.Person, Stage: workflow.RoleOwner}, workflow.Approval{Person: sam.Person, Stage: workflow.RoleSecurity}, workflow.Approval{Person: sofia.Person, Stage: workflow.RoleSecurity})
}

// forgery changes a proof that holds into one that must not. It says false
// where the proof has nothing of that kind to forge.
type forgery struct {
	forge func(*workflow.Proof) bool
	says  string // a part of an objection
}

func always(forge func(*workflow.Proof)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool { forge(p); return true }
}

// afterwards changes the tenancy that was committed. A copy: the plan keeps its own.
func afterwards(change func(*workflow.Tenancy)) func(*workflow.Proof) bool {
	return always(func(p *workflow.Proof) {
		p.After.Namespaces = slices.Clone(p.After.Namespaces)
		change(&p.After)
	})
}

// theNew is where the namespace stands that the grant gives.
func theNew(p *workflow.Proof) int {
	return slices.IndexFunc(p.After.Namespaces, func(n workflow.Namespace) bool { return n.Request == 7 })
}

// given changes the namespace that the grant gives.
func given(change func(*workflow.Namespace)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool {
		p.After.Namespaces = slices.Clone(p.After.Namespaces)
		i := theNew(p)
		if i >= 0 {
			change(&p.After.Namespaces[i])
		}
		return i >= 0
	}
}

// approver changes the approvals of a stage's role.
func approver(role workflow.Role, change func(*workflow.Proof, int)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool {
		if role != workflow.RoleOwner && len(p.Policy.Reviewers[role]) == 0 {
			return false // whoever holds the role counts
		}
		i := slices.IndexFunc(p.Message.ApprovedBy, func(a workflow.Approval) bool { return a.Stage == role })
		if i >= 0 {
			p.Message.ApprovedBy = slices.Clone(p.Message.ApprovedBy)
			change(p, i)
		}
		return i >= 0
	}
}

var forgeries = map[string]forgery{
	"a planning time that is still to come": {always(func(p *workflow.Proof) { p.CommittedAt = p.Message.PlannedAt.Add(-6 * time.Minute) }), "after it was committed"},
	"no request":                            {always(func(p *workflow.Proof) { p.Message.Request = 0 }), "names no request"},
	"a negative request":                    {always(func(p *workflow.Proof) { p.Message.Request = -7 }), "names no request"},
	"another request":                       {always(func(p *workflow.Proof) { p.Message.Request = 8 }), "names another request than 8"},
	"nobody asked":                          {always(func(p *workflow.Proof) { p.Message.RequestedBy = workflow.Person{Name: "Somebody"} }), "does not say who asked"},
	"the requester is an approver":          {always(func(p *workflow.Proof) { p.Message.RequestedBy = p.Message.ApprovedBy[0].Person }), "approved their own request"},
	"the requester approves, too": {always(func(p *workflow.Proof) {
		p.Message.ApprovedBy = append(slices.Clone(p.Message.ApprovedBy), workflow.Approval{Person: p.Message.RequestedBy, Stage: p.Message.Stages[0].Role})
	}), "approved their own request"},
	"an approver stands twice": {always(func(p *workflow.Proof) {
		p.Message.ApprovedBy = append(slices.Clone(p.Message.ApprovedBy), p.Message.ApprovedBy[0])
	}), "approved twice"},
	"an approver stands twice under another name": {always(func(p *workflow.Proof) {
		again := p.Message.ApprovedBy[0]
		again.Person.Name = "Somebody Else"
		p.Message.ApprovedBy = append(slices.Clone(p.Message.ApprovedBy), again)
	}), "approved twice"},
	"one person for two votes": {func(p *workflow.Proof) bool {
		a := p.Message.ApprovedBy
		if len(a) < 2 {
			return false
		}
		p.Message.ApprovedBy = slices.Clone(a)
		p.Message.ApprovedBy[1].Person = a[0].Person
		return true
	}, "approved twice"},
	"a security approver who is not registered": {approver(workflow.RoleSecurity, func(p *workflow.Proof, i int) { p.Message.ApprovedBy[i].Person = una.Person }), "not in the register of security reviewers"},
	"a security approver of another directory": {approver(workflow.RoleSecurity, func(p *workflow.Proof, i int) {
		p.Message.ApprovedBy[i].Person.ID.Tenant = "22222222-2222-4222-8222-222222222222"
	}), "not in the register of security reviewers"},
	"an approver without an id": {always(func(p *workflow.Proof) {
		p.Message.ApprovedBy = slices.Clone(p.Message.ApprovedBy)
		p.Message.ApprovedBy[0].Person.ID = workflow.PersonID{}
	}), "an approval names nobody"},
	"a vote of an owner counted for security": {approver(workflow.RoleSecurity, func(p *workflow.Proof, i int) { p.Message.ApprovedBy[i].Stage = workflow.RoleOwner }), "stage security has"},
	"an approval fewer": {always(func(p *workflow.Proof) {
		p.Message.ApprovedBy = p.Message.ApprovedBy[:len(p.Message.ApprovedBy)-1]
	}), "approvals"},
	"no approvals": {always(func(p *workflow.Proof) { p.Message.ApprovedBy = nil }), "has 0 of"},
	"an approval in a stage that is none": {always(func(p *workflow.Proof) {
		p.Message.ApprovedBy = append(slices.Clone(p.Message.ApprovedBy), workflow.Approval{Person: audrey.Person, Stage: workflow.RoleAuditor})
	}), "approved as auditor, which is not a stage"},
	"no stages":       {always(func(p *workflow.Proof) { p.Message.Stages, p.Message.ApprovedBy = nil, nil }), "are not those of the policy"},
	"a stage dropped": {always(func(p *workflow.Proof) { p.Message.Stages = p.Message.Stages[1:] }), "are not those of the policy"},
	"a stage lowered": {always(func(p *workflow.Proof) {
		p.Message.Stages = slices.Clone(p.Message.Stages)
		p.Message.Stages[0].Needed--
	}), "are not those of the policy"},
	"a stage made negative": {always(func(p *workflow.Proof) {
		p.Message.Stages = slices.Clone(p.Message.Stages)
		p.Message.Stages[0].Needed = -1
	}), "are not those of the policy"},
	"a stage of another role": {always(func(p *workflow.Proof) {
		p.Message.Stages = slices.Clone(p.Message.Stages)
		p.Message.Stages[0].Role = workflow.RoleMember
	}), "are not those of the policy"},
	"the stages of another environment": {always(func(p *workflow.Proof) {
		p.Message.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 7}}
	}), "are not those of the policy"},
	"a fallback that the policy does not name": {always(func(p *workflow.Proof) {
		p.Message.Stages = slices.Clone(p.Message.Stages)
		p.Message.Stages[0] = workflow.Stage{Role: workflow.RoleAuditor, Needed: p.Message.Stages[0].Needed, InsteadOf: p.Message.Stages[0].Role}
	}), "are not those of the policy"},
	"the digest of another plan": {always(func(p *workflow.Proof) { p.Message.Plan = firstDigest }), "is not the change that was committed"},
	"no digest":                  {always(func(p *workflow.Proof) { p.Message.Plan = "" }), "is not the change that was committed"},
	"another byte in a manifest": {always(func(p *workflow.Proof) {
		p.Files = slices.Clone(p.Files)
		i := slices.IndexFunc(p.Files, func(f workflow.FileChange) bool { return strings.HasPrefix(f.Path, "clusters/") })
		side := &p.Files[i].After
		if *side == nil {
			side = &p.Files[i].Before
		}
		*side = slices.Clone(*side)
		(*side)[0] ^= 1
	}), "is not the change that was committed"},
	"a manifest more": {always(func(p *workflow.Proof) {
		p.Files = append(slices.Clone(p.Files), workflow.FileChange{Path: "clusters/weu-1/payments/payments-web/x.yaml", After: []byte("a: b\n")})
	}), "is not the change that was committed"},
	"a manifest less":            {always(func(p *workflow.Proof) { p.Files = p.Files[:len(p.Files)-1] }), "is not the change that was committed"},
	"another renderer":           {always(func(p *workflow.Proof) { p.Message.Renderer += "x" }), "is not the change that was committed"},
	"another planning time":      {always(func(p *workflow.Proof) { p.Message.PlannedAt = p.Message.PlannedAt.Add(time.Nanosecond) }), "is not the change that was committed"},
	"an unknown kind":            {always(func(p *workflow.Proof) { p.Message.Kind = "everything" }), `no kind of request "everything"`},
	"no kind":                    {always(func(p *workflow.Proof) { p.Message.Kind = "" }), `no kind of request ""`},
	"nothing changes":            {always(func(p *workflow.Proof) { p.After = p.Before }), "changes nothing of the tenancy"},
	"another ceiling":            {afterwards(func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("640") }), "only adds namespaces, yet ceiling changes"},
	"other owners":               {afterwards(func(t *workflow.Tenancy) { t.Owners.Group = group(9) }), "only adds namespaces, yet owners changes"},
	"other members":              {afterwards(func(t *workflow.Tenancy) { t.Members.Group = group(9) }), "only adds namespaces, yet members changes"},
	"a place on another cluster": {afterwards(func(t *workflow.Tenancy) { t.Clusters = t.Clusters[1:] }), "only adds namespaces, yet clusters changes"},
	"a repository more":          {afterwards(func(t *workflow.Tenancy) { t.Repositories = append(t.Repositories, "https://git.example.com/x") }), "only adds namespaces, yet repositories changes"},
	"another display name":       {afterwards(func(t *workflow.Tenancy) { t.DisplayName += "x" }), "only adds namespaces, yet displayName changes"},
	"another tenancy":            {afterwards(func(t *workflow.Tenancy) { t.Name = "logistics" }), "does not start with"},
	"another namespace":          {afterwards(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-more", 7)) }), "is not the change that was committed"},
	"more namespaces than one asks for": {afterwards(func(t *workflow.Tenancy) {
		for i := range 6 {
			t.Namespaces = append(t.Namespaces, held(fmt.Sprintf("payments-more-%d", i), 7))
		}
	}), "adds at most 6 namespaces, not 7"},
	"the ceiling exceeded": {given(func(n *workflow.Namespace) { n.Quota.Memory = amount("1Pi") }), "its ceiling is"},
	"the ceiling exceeded together": {func(p *workflow.Proof) bool {
		cpu := p.Before.Ceiling.CPU.DeepCopy()
		cpu.Sub(p.Before.Given().CPU)
		cpu.Add(amount("1m"))
		return given(func(n *workflow.Namespace) { n.Quota.CPU = cpu })(p)
	}, "its ceiling is"},
	"more CPU":                       {given(func(n *workflow.Namespace) { n.Quota.CPU.Add(amount("1m")) }), "is not the change that was committed"},
	"a quota of another request":     {given(func(n *workflow.Namespace) { n.Quota.Request = 6 }), "names another request"},
	"a namespace of another request": {given(func(n *workflow.Namespace) { n.Request = 6 }), "names another request"},
	"access for another group": {given(func(n *workflow.Namespace) {
		n.Access = append(slices.Clone(n.Access), workflow.Access{Group: group(9), Role: workflow.AccessAdmin, Request: 7})
	}), "is not the change that was committed"},
	"access of another request": {given(func(n *workflow.Namespace) {
		n.Access = slices.Clone(n.Access)
		n.Access[0].Request = 6
	}), "names another request"},
	"a role that does not exist": {given(func(n *workflow.Namespace) {
		n.Access = slices.Clone(n.Access)
		n.Access[0].Role = "cluster-admin"
	}), `"cluster-admin" is not one of`},
	"the level privileged":                   {given(func(n *workflow.Namespace) { n.PodSecurity = "privileged" }), `"privileged" is not one of`},
	"an unknown cluster":                     {given(func(n *workflow.Namespace) { n.Cluster = "mars-1" }), `no cluster "mars-1"`},
	"an unknown environment":                 {given(func(n *workflow.Namespace) { n.Environment = "moon" }), `no environment "moon"`},
	"a platform's name":                      {given(func(n *workflow.Namespace) { n.Name = "kube-system" }), `"kube-system" is reserved`},
	"another tenant's prefix":                {given(func(n *workflow.Namespace) { n.Name = "logistics-api" }), `does not start with "payments-"`},
	"a name that is no label":                {given(func(n *workflow.Namespace) { n.Name = "payments-API" }), "cannot be in a name"},
	"the tenancy's other namespace changes":  {elsewhere(func(n *workflow.Namespace) { n.Quota.CPU = amount("3") }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
	"the tenancy's other namespace opens up": {elsewhere(func(n *workflow.Namespace) { n.PodSecurity = workflow.LevelBaseline }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
	"the tenancy's other namespace goes": {func(p *workflow.Proof) bool {
		p.After.Namespaces = slices.DeleteFunc(slices.Clone(p.After.Namespaces), func(n workflow.Namespace) bool { return n.Name == "payments-web" })
		return slices.ContainsFunc(p.Before.Namespaces, func(n workflow.Namespace) bool { return n.Name == "payments-web" })
	}, "only adds namespaces, yet namespace weu-1/payments-web changes"},
	"the tenancy's other namespace stands twice": {func(p *workflow.Proof) bool {
		p.After.Namespaces = append(slices.Clone(p.After.Namespaces), p.Before.Namespaces...)
		return len(p.Before.Namespaces) > 0
	}, "stands twice"},
}

// elsewhere changes the namespace that the tenant has had.
func elsewhere(change func(*workflow.Namespace)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool {
		p.After.Namespaces = slices.Clone(p.After.Namespaces)
		i := slices.IndexFunc(p.After.Namespaces, func(n workflow.Namespace) bool { return n.Name == "payments-web" })
		if i >= 0 {
			change(&p.After.Namespaces[i])
		}
		return i >= 0
	}
}

func TestWhatWasPlannedAndApprovedIsProvedWithoutObjection(t *testing.T) {
	if objections := workflow.ProveGrant(granted(t)); len(objections) > 0 {
		t.Errorf("it is objected to: %q", objections)
	}
}

func TestEachForgeryIsObjectedTo(t *testing.T) {
	for name, forgery := range forgeries {
		t.Run(name, func(t *testing.T) {
			proof := granted(t)
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objections := workflow.ProveGrant(proof)
			if !slices.ContainsFunc(objections, func(o string) bool { return strings.Contains(o, forgery.says) }) {
				t.Errorf("no objection says %q: %q", forgery.says, objections)
			}
		})
	}
}

func TestAnyPlanThatIsApprovedProvesAndNoneOfItsForgeriesDoes(t *testing.T) {
	names := slices.Sorted(maps.Keys(forgeries))
	rapid.Check(t, func(rt *rapid.T) {
		proof, ok := drawProof(rt, drawNamespace)
		if !ok {
			return
		}
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			rt.Fatalf("what was planned and approved is objected to: %q", objections)
		}
		name := rapid.SampledFrom(names).Draw(rt, "forgery")
		if forgeries[name].forge(&proof) && len(workflow.ProveGrant(proof)) == 0 {
			rt.Fatalf("%s goes unnoticed", name)
		}
	})
}

// drawProof generates a policy's stages, a tenancy, a directory, and a request
// that as many people approved as its plan asks for. It says false where that
// many do not exist, which the plan must have found.
func drawProof(t *rapid.T, change func(*rapid.T) workflow.Change) (workflow.Proof, bool) {
	state := approvedNow()
	security := drawPeople(t, "security", sam, sofia, oscar, dana)
	admins := append(drawPeople(t, "admins", sofia, dana, olivia), ada)
	state.Policy.Reviewers = map[workflow.Role][]workflow.Reviewer{workflow.RoleSecurity: registered(security...), workflow.RoleAdmin: registered(admins...)}
	state.Policy.Fallback = rapid.SampledFrom([]workflow.Role{workflow.RoleAdmin, workflow.RoleSecurity}).Draw(t, "fallback")
	for i := range state.Policy.Reviews {
		roles := rapid.SliceOfNDistinct(rapid.SampledFrom([]workflow.Role{workflow.RoleOwner, workflow.RoleSecurity, workflow.RoleAdmin}), 1, 3, rapid.ID[workflow.Role]).Draw(t, "roles")
		state.Policy.Reviews[i].Stages = nil
		for _, role := range roles {
			state.Policy.Reviews[i].Stages = append(state.Policy.Reviews[i].Stages, workflow.Stage{Role: role, Needed: rapid.IntRange(1, 2).Draw(t, "needed")})
		}
	}
	holder := payments()
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"payments-web", "payments-x", "payments-zeta"}), 0, 2, rapid.ID[string]).Draw(t, "namespaces") {
		holder.Namespaces = append(holder.Namespaces, held(name, 3))
	}
	doomed := held("payments-old", 2)
	doomed.Environment = rapid.SampledFrom([]string{"dev", "prod"}).Draw(t, "environment of what there is")
	holder.Namespaces = append(holder.Namespaces, doomed)
	state.Tenancies["payments"] = holder
	owners := drawPeople(t, "owners", olivia, oscar, dana)
	plans := planner()
	plans.Directory = directory{group(1): ids(owners)}
	asked := proposal(change(t))
	plan, err := plans.Plan(t.Context(), state, asked)
	if err != nil {
		t.Fatal(err)
	}
	approvals, enough := drawApprovals(t, plan.Stages, map[workflow.Role][]workflow.Actor{workflow.RoleOwner: owners, workflow.RoleSecurity: security, workflow.RoleAdmin: admins})
	return proofOf(state, asked, plan, approvals...), enough
}

// drawNamespace asks for a namespace.
func drawNamespace(t *rapid.T) workflow.Change {
	return with(func(c *workflow.NamespaceChange) {
		c.Environment = rapid.SampledFrom([]string{"dev", "prod"}).Draw(t, "environment")
		c.Cluster = rapid.SampledFrom([]string{"weu-1", "neu-1"}).Draw(t, "cluster")
		c.Purpose = rapid.StringMatching(`[A-Za-zäöü ,.:#'"\n-]{1,60}x`).Draw(t, "purpose")
	})
}

// drawApprovals has different people agree to each stage, none of them Dana,
// who asked.
func drawApprovals(t *rapid.T, stages []workflow.Stage, holders map[workflow.Role][]workflow.Actor) ([]workflow.Approval, bool) {
	used := map[workflow.PersonID]bool{dana.ID: true}
	var approvals []workflow.Approval
	for _, stage := range stages {
		people := holders[stage.Role]
		if stage.Role == workflow.RoleSecurity && len(people) == 0 {
			people = []workflow.Actor{una, audrey, lena} // whoever holds it
		}
		people = slices.DeleteFunc(slices.Clone(people), func(a workflow.Actor) bool { return used[a.ID] })
		if len(people) < stage.Needed {
			return nil, false
		}
		people = rapid.Permutation(people).Draw(t, fmt.Sprintf("who votes as %s", stage.Role))
		for _, voter := range people[:stage.Needed] {
			used[voter.ID] = true
			approvals = append(approvals, workflow.Approval{Person: voter.Person, Stage: stage.Role})
		}
	}
	return approvals, true
}

func drawPeople(t *rapid.T, label string, from ...workflow.Actor) []workflow.Actor {
	return rapid.Permutation(from).Draw(t, label)[:rapid.IntRange(0, len(from)).Draw(t, "how many "+label)]
}

func ids(people []workflow.Actor) []workflow.PersonID {
	list := make([]workflow.PersonID, len(people))
	for i, p := range people {
		list[i] = p.ID
	}
	return list
}
