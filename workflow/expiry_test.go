package workflow_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// expiredProof is the proof of the end of request 62, exactly at its time: it
// was between payments and logistics.
func expiredProof() workflow.Proof {
	state := opened()
	return workflow.Proof{
		Policy: state.Policy, Holders: state.Tenancies,
		Before: state.Tenancies["logistics"], After: state.Tenancies["logistics"].WithoutGrants(62),
		Others:      []workflow.OtherSide{{Before: state.Tenancies["payments"], After: state.Tenancies["payments"].WithoutGrants(62)}},
		Message:     workflow.CommitMessage{Act: workflow.ActEnd, Ends: 62, PlannedAt: firstEnd, Renderer: "1"},
		CommittedAt: firstEnd,
	}
}

func TestAnEndWhoseTimeCameIsProvedByItsTimeAlone(t *testing.T) {
	for name, change := range map[string]func(*workflow.Proof){
		"exactly at its end":             func(*workflow.Proof) {},
		"decided long after":             func(p *workflow.Proof) { p.Message.PlannedAt, p.CommittedAt = thirdEnd, thirdEnd },
		"committed long after":           func(p *workflow.Proof) { p.CommittedAt = thirdEnd },
		"told from the other side":       func(p *workflow.Proof) { turnAround(p) },
		"under a policy that is another": func(p *workflow.Proof) { p.Policy = workflow.Policy{} },
	} {
		proof := expiredProof()
		change(&proof)
		if objections := workflow.ProveEnd(proof); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", name, objections)
		}
	}
}

// turnAround tells the proof from its other side.
func turnAround(p *workflow.Proof) {
	mine := workflow.OtherSide{Before: p.Before, After: p.After}
	p.Before, p.After = p.Others[0].Before, p.Others[0].After
	p.Others = []workflow.OtherSide{mine}
}

// forgedExpiries are commits that call themselves the end of what expired.
var forgedExpiries = map[string]struct {
	forge func(*workflow.Proof)
	says  string
}{
	"a moment too early": {func(p *workflow.Proof) { p.Message.PlannedAt = firstEnd.Add(-time.Second) }, "lasts until 3 Mar 2026 12:00 UTC, and its end was decided at 3 Mar 2026 11:59:59 UTC"},
	"decided in the future": {func(p *workflow.Proof) { p.CommittedAt = firstEnd.Add(-time.Second) },
		"decided at 3 Mar 2026 12:00 UTC, after it was committed at 3 Mar 2026 11:59:59 UTC"},
	"no moment":             {func(p *workflow.Proof) { p.Message.PlannedAt = time.Time{} }, "does not say when"},
	"no time of its commit": {func(p *workflow.Proof) { p.CommittedAt = time.Time{} }, "after it was committed"},
	"a request":             {func(p *workflow.Proof) { p.Message.Request = 70 }, "it names a request"},
	"a kind":                {func(p *workflow.Proof) { p.Message.Kind = workflow.KindRemoval }, "it names a kind"},
	"a requester":           {func(p *workflow.Proof) { p.Message.RequestedBy = dana.Person }, "it names a requester"},
	"approvals": {func(p *workflow.Proof) {
		p.Message.ApprovedBy = []workflow.Approval{{Person: sam.Person, Stage: "security"}}
	}, "it names approvals"},
	"stages":                    {func(p *workflow.Proof) { p.Message.Stages = []workflow.Stage{{Role: "owner", Needed: 1}} }, "it names stages"},
	"a plan":                    {func(p *workflow.Proof) { p.Message.Plan = "sha256:00" }, "it names a plan"},
	"only one end":              {func(p *workflow.Proof) { p.Others = nil }, "a grant ends at both of its ends, yet payments keeps one"},
	"only the other end":        {func(p *workflow.Proof) { turnAround(p); p.Others = nil }, "a grant ends at both of its ends, yet logistics keeps one"},
	"the other end stays":       {func(p *workflow.Proof) { p.Others[0].After = p.Others[0].Before }, "what is left is not what there was before in payments"},
	"another request's, too":    {others(func(t *workflow.Tenancy) { *t = t.WithoutGrants(61) }), "what is left is not what there was before in payments"},
	"another request's instead": {func(p *workflow.Proof) { p.Message.Ends = 63 }, "the network exception of request 63 in payments lasts until"},
	"one that there is not":     {func(p *workflow.Proof) { p.Message.Ends = 60 }, "request 60 gave nothing that could end"},
	"the namespace, too":        {others(func(t *workflow.Tenancy) { *t = t.Without("weu-1", "payments-web") }), "what is left is not what there was before in payments"},
	"an end is put off":         {others(func(t *workflow.Tenancy) { t.Namespaces[1].Network[0].Until = thirdEnd.Add(time.Hour) }), "yet network exception weu-1/payments-web 61 egress changes"},
	"an end is brought forward": {others(func(t *workflow.Tenancy) { t.Namespaces[1].Network[0].Until = firstEnd }), "yet network exception weu-1/payments-web 61 egress changes"},
	"a port is added":           {others(func(t *workflow.Tenancy) { t.Namespaces[1].Network[0].Ports = append(port(1), port(2)...) }), "yet network exception weu-1/payments-web 61 egress changes"},
	"an exception is added": {others(func(t *workflow.Tenancy) {
		t.Namespaces[0].Network = append(t.Namespaces[0].Network, egress(70, workflow.FlowPeer{Internet: true}, 1, thirdEnd))
	}), "yet network exception weu-1/payments-shop 70 egress is added"},
	"the owners change":           {others(func(t *workflow.Tenancy) { t.Owners.Group = group(9) }), "yet owners changes"},
	"the other one's owners, too": {func(p *workflow.Proof) { p.After.Owners.Group = group(9) }, "yet owners changes"},
	"a tenancy that there is not": {func(p *workflow.Proof) { p.Holders = maps.Clone(p.Holders); delete(p.Holders, "payments") }, `there was no such tenancy of "payments" before`},
	"another past":                {func(p *workflow.Proof) { p.Before.Namespaces = nil; p.After.Namespaces = nil }, `there was no such tenancy of "logistics" before`},
	"nothing is known of before":  {func(p *workflow.Proof) { p.Holders = nil }, "gave nothing that could end"},
}

// others changes what is left of the other side, payments.
func others(change func(*workflow.Tenancy)) func(*workflow.Proof) {
	return func(p *workflow.Proof) {
		after := p.Others[0].After
		after.Namespaces = slices.Clone(after.Namespaces)
		for i, n := range after.Namespaces {
			after.Namespaces[i].Network = slices.Clone(n.Network)
		}
		change(&after)
		p.Others[0].After = after
	}
}

func TestEachForgeryOfAnEndWhoseTimeCameIsObjectedTo(t *testing.T) {
	for name, forgery := range forgedExpiries {
		t.Run(name, func(t *testing.T) {
			proof := expiredProof()
			forgery.forge(&proof)
			objects(t, workflow.ProveEnd(proof), forgery.says)
		})
	}
}

// endedException is the proof that people ended request 62 before its time.
func endedException(t *testing.T) workflow.Proof {
	t.Helper()
	state, asked := opened(), proposal(ending(62))
	plan := planned(t, planner(), state, asked)
	return proofOf(state, asked, plan, votes(plan.Stages)...)
}

func TestEachForgeryOfAnEndThatPeopleDecidedIsObjectedTo(t *testing.T) {
	for name, forgery := range map[string]struct {
		forge func(*workflow.Proof)
		says  string
	}{
		"nobody voted": {func(p *workflow.Proof) { p.Message.ApprovedBy = nil }, "stage owner has 0 of 1 approvals"},
		"as what expired, without time": {func(p *workflow.Proof) {
			p.Message = workflow.CommitMessage{Act: workflow.ActEnd, Ends: 62, PlannedAt: noon}
		}, "without anybody's approval"},
		"only one end":           {func(p *workflow.Proof) { p.Others = nil }, "yet logistics keeps one"},
		"the other end stays":    {func(p *workflow.Proof) { p.Others[0].After = p.Others[0].Before }, "what is left is not what there was before in logistics"},
		"another request's, too": {func(p *workflow.Proof) { p.After = p.After.WithoutGrants(61) }, "ends what one request gave, not what 2 gave"},
		"another request's instead": {func(p *workflow.Proof) {
			p.After, p.Others = p.Before.WithoutGrants(61), nil
		}, "is not the change that was committed"},
		"nothing":                     {func(p *workflow.Proof) { p.After, p.Others = p.Before, nil }, "or ends what one request gave"},
		"told from the other side":    {turnAround, "is not the change that was committed"},
		"by a tenant that has no end": {func(p *workflow.Proof) { p.Before, p.After = p.Holders["search"], p.Holders["search"] }, "search has nothing that request 62 gave"},
		"with a namespace":            {func(p *workflow.Proof) { p.After = p.After.Without("weu-1", "payments-shop") }, "what is left is not"},
		"with the other's namespace":  {func(p *workflow.Proof) { p.Others[0].After.Namespaces = nil }, "what is left is not what there was before in logistics"},
		"something is opened with it": {func(p *workflow.Proof) {
			p.After.Namespaces[0].Network = append(p.After.Namespaces[0].Network, egress(71, workflow.FlowPeer{Internet: true}, 1, thirdEnd))
		}, "yet network exception weu-1/payments-shop 71 egress is added"},
		"the far end of another, only": {func(p *workflow.Proof) {
			p.Holders = maps.Clone(p.Holders)
			p.Others[0].After = p.Others[0].Before.WithoutGrants(99)
		}, "what is left is not what there was before in logistics"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := endedException(t)
			if objections := workflow.ProveEnd(proof); len(objections) > 0 {
				t.Fatalf("without a forgery it is objected to: %q", objections)
			}
			forgery.forge(&proof)
			objects(t, workflow.ProveEnd(proof), forgery.says)
		})
	}
}

func TestANamespaceThatGoesLeavesNoFarEndBehind(t *testing.T) {
	state, asked := opened(), proposal(removing("payments-web"))
	plan := planned(t, planner(), state, asked)
	for i, other := range []string{"logistics", "search"} {
		proof := proofOf(state, asked, plan, votes(plan.Stages)...)
		proof.Others = slices.Delete(slices.Clone(proof.Others), i, i+1)
		objects(t, workflow.ProveEnd(proof), "a grant ends at both of its ends, yet "+other+" keeps one")
	}
	proof := proofOf(state, asked, plan, votes(plan.Stages)...)
	proof.After = state.Tenancies["payments"].Without("weu-1", "payments-web")
	objects(t, workflow.ProveEnd(proof), "what is left is not what there was before in payments")
}

func TestNoGrantEndsWhatExpired(t *testing.T) {
	if len(workflow.ProveGrant(expiredProof())) == 0 {
		t.Error("the end of what expired passes as a grant")
	}
}
