package workflow_test

import (
	"slices"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// endChanges are removals of what dressed has that are in order.
func endChanges() map[string]workflow.RemovalChange {
	return map[string]workflow.RemovalChange{
		"the increase":           ending(50),
		"access":                 ending(51),
		"standing access":        ending(52),
		"the exemption":          ending(53),
		"the namespace's access": revoking(group(2), workflow.AccessEdit),
		"access by its subject":  revoking(oncall, workflow.AccessEdit),
		"the namespace":          removing("payments-api"),
	}
}

func TestEachEndThatWasPlannedAndApprovedIsProvedAndDoesNothingElse(t *testing.T) {
	for what, change := range endChanges() {
		proof := entryGiven(t, dressed(), change)
		if objections := workflow.ProveEnd(proof); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", what, objections)
		}
		if len(workflow.ProveGrant(proof)) == 0 {
			t.Errorf("%s: it passes as a grant", what)
		}
		for name, smuggle := range smuggled {
			proof := entryGiven(t, dressed(), change)
			before := digestable(proof)
			here(smuggle)(&proof)
			if slices.Equal(before, digestable(proof)) {
				continue // it is gone anyway
			}
			if objections := beyondDigest(workflow.ProveEnd(proof)); len(objections) == 0 {
				t.Errorf("%s with %s goes unnoticed", what, name)
			}
		}
	}
}

func TestEachForgeryOfAnEndOfAnEntryIsObjectedTo(t *testing.T) {
	goes := func(requests ...int64) func(*workflow.Proof) {
		return func(p *workflow.Proof) {
			for _, request := range requests {
				p.After = p.After.WithoutGrants(request)
			}
		}
	}
	for name, test := range map[string]struct {
		change workflow.RemovalChange
		forge  func(*workflow.Proof)
		says   string
	}{
		"two accesses":                 {ending(51), goes(52), "ends what one request gave, not what 2 gave"},
		"an access and an exemption":   {ending(51), goes(53), "ends what one request gave, not what 2 gave"},
		"an increase and an exemption": {ending(50), goes(53), "ends what one request gave, not what 2 gave"},
		"two of the namespace's accesses": {revoking(group(2), workflow.AccessEdit), inEntry(func(n *workflow.Namespace) {
			n.Access = slices.DeleteFunc(n.Access, func(a workflow.Access) bool { return a.Request == 30 })
		}), "or ends what one request gave"},
		"the namespace's access and one more":     {revoking(group(2), workflow.AccessEdit), goes(51), "what is left is not what there was before in payments"},
		"the namespace's access and an exemption": {revoking(group(2), workflow.AccessEdit), goes(53), "what is left is not what there was before in payments"},
		"the access of another": {revoking(group(2), workflow.AccessEdit), inEntry(func(n *workflow.Namespace) {
			n.Access[slices.IndexFunc(n.Access, func(a workflow.Access) bool { return a.Group == group(1) })].Group = group(2)
		}), "what is left is not what there was before"},
		"the increase and what lasts":    {ending(50), inEntry(func(n *workflow.Namespace) { n.Quota.CPU = amount("2") }), "yet quota weu-1/payments-api changes"},
		"an increase made lasting":       {ending(50), inEntry(func(n *workflow.Namespace) { n.Quota.CPU = amount("3") }), "yet quota weu-1/payments-api changes"},
		"an increase made a smaller one": {ending(50), inEntry(func(n *workflow.Namespace) { n.Quota.Raise = raised("2600m", secondEnd) }), "yet quota increase weu-1/payments-api increase changes"},
		"access that is given for longer": {ending(51), inEntry(func(n *workflow.Namespace) {
			n.Access = append(n.Access, workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: thirdEnd, Request: 51})
		}), "yet access weu-1/payments-api group " + oncall + " edit changes"},
		"nothing":                          {ending(53), func(p *workflow.Proof) { p.After = p.Before }, "or ends what one request gave"},
		"another's":                        {ending(53), func(p *workflow.Proof) { p.After = p.Before.WithoutGrants(52) }, "is not the change that was committed"},
		"as what expired, before its end":  {ending(53), expires(53, secondEnd.Add(-time.Second)), "lasts until 4 Mar 2026 12:00 UTC"},
		"as what expired, standing":        {ending(52), expires(52, thirdEnd), "the access of request 52 in payments has no end, and was taken away without anybody's approval"},
		"as what expired, another's":       {ending(51), expires(53, secondEnd), "what is left is not what there was before"},
		"as what expired, lasting":         {ending(50), expires(49, thirdEnd), "request 49 gave nothing that could end"},
		"as what expired, the namespace's": {revoking(group(2), workflow.AccessEdit), expires(30, thirdEnd), "request 30 gave nothing that could end"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := entryGiven(t, dressed(), test.change)
			test.forge(&proof)
			objects(t, workflow.ProveEnd(proof), test.says)
		})
	}
}

// A namespace keeps what came with it, whatever else bears its request's number.
func TestTheEndOfAGrantLeavesTheAccessThatCameWithTheNamespace(t *testing.T) {
	state := having(func(n *workflow.Namespace) { n.Quota.Raise = raised("3", secondEnd); n.Quota.Raise.Request = n.Request })
	after := state.Tenancies["payments"].WithoutGrants(30)
	if n := api(t, after); n.Quota.Raise != nil || len(n.Access) != 2 {
		t.Errorf("left are %+v", n)
	}
}

// expires makes the proof one of what ended because its time came.
func expires(request int64, at time.Time) func(*workflow.Proof) {
	return func(p *workflow.Proof) {
		p.Message, p.CommittedAt = workflow.CommitMessage{Act: workflow.ActEnd, Ends: request, PlannedAt: at, Renderer: "1"}, at
	}
}

func TestTheEndOfEachKindWhoseTimeCameIsProvedByItsTimeAlone(t *testing.T) {
	for _, request := range []int64{50, 51, 53} {
		for name, smuggle := range smuggled {
			state := dressed()
			proof := workflow.Proof{Policy: state.Policy, Holders: state.Tenancies, Before: state.Tenancies["payments"], After: state.Tenancies["payments"].WithoutGrants(request)}
			expires(request, secondEnd)(&proof)
			if objections := workflow.ProveEnd(proof); len(objections) > 0 {
				t.Fatalf("the end of %d is objected to: %q", request, objections)
			}
			here(smuggle)(&proof)
			if len(workflow.ProveEnd(proof)) == 0 {
				t.Errorf("the end of %d with %s goes unnoticed", request, name)
			}
		}
	}
}
