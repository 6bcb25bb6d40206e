package workflow_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestRequestsForDifferentEntriesOfANamespaceDoNotVoidEachOthersVotes(t *testing.T) {
	w := equippedWorld(t)
	changes := []workflow.Change{
		accessFor(nil), forGroup(oncall, nil), forPerson(dana.ID.Object, nil), exemptionFor(nil),
		exemptionFor(func(c *workflow.ExemptionChange) { c.Rule, c.Value = "required-label", "team" }), exceptionFor(nil), quotaFor(nil),
	}
	var requests []workflow.Request
	for _, change := range changes {
		requests = append(requests, w.approved(change))
	}
	w.publish()
	for _, r := range requests {
		w.committedOnce(r.ID)
		if got := w.request(r.ID); got.Plan.Digest != r.Plan.Digest {
			t.Errorf("request %d was planned anew", r.ID)
		}
	}
	w.proves()
}

func TestOfTwoRequestsForOneEntryTheSecondGoesBack(t *testing.T) {
	for name, test := range map[string]struct {
		has           func(*workflow.Namespace)
		first, second workflow.Change
		says          string
		state         workflow.State
	}{
		"quotas that exceed the ceiling together": {nil, quotaFor(func(c *workflow.QuotaChange) { c.CPU = "6" }),
			quotaFor(func(c *workflow.QuotaChange) { c.Cluster, c.Namespace, c.CPU = "neu-1", "payments-far", "6" }),
			"With this payments would have 14 CPU in all; its ceiling is 12.", workflow.StateChangesRequested},
		"a raise and a quota that exceed it together": {nil, raiseFor(func(c *workflow.QuotaChange) { c.CPU = "6" }),
			quotaFor(func(c *workflow.QuotaChange) { c.Cluster, c.Namespace, c.CPU = "neu-1", "payments-far", "6" }),
			"its ceiling is 12.", workflow.StateChangesRequested},
		"a quota and a raise of one namespace": {nil, quotaFor(func(c *workflow.QuotaChange) { c.Memory = "9Gi" }), raiseFor(nil),
			"8Gi is less than the lasting 9Gi.", workflow.StateChangesRequested},
		"a raise and a quota of one namespace": {nil, raiseFor(nil), quotaFor(func(c *workflow.QuotaChange) { c.Memory = "9Gi" }),
			"would now change something else", workflow.StateInReview},
		"the same access": {nil, forGroup(oncall, nil), forGroup(oncall, nil), "It has the role edit in payments-api already, without an end, since request 1.", workflow.StateChangesRequested},
		"the same access, by the other choice": {nil, accessFor(nil), forGroup(group(2), func(c *workflow.AccessChange) { c.Role = workflow.AccessView }),
			"already, without an end, since request 1.", workflow.StateChangesRequested},
		"the same access, longer": {nil, forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }), forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-20" }),
			"would now change something else", workflow.StateInReview},
		"the same exemption": {nil, exemptionFor(nil), exemptionFor(nil), "Request 1 lets exactly this through until 2026-03-10 already.", workflow.StateChangesRequested},
		"an extension and an end": {func(n *workflow.Namespace) { n.Exemptions = []workflow.Exemption{exempted(secondEnd)} }, exemptionFor(nil), ending(50),
			"payments has nothing that request 50 gave", workflow.StateChangesRequested},
		"an end and an extension": {func(n *workflow.Namespace) { n.Exemptions = []workflow.Exemption{exempted(secondEnd)} }, ending(50), exemptionFor(nil),
			"would now change something else", workflow.StateInReview},
	} {
		t.Run(name, func(t *testing.T) {
			if test.has == nil {
				test.has = func(*workflow.Namespace) {}
			}
			w := havingWorld(t, test.has)
			w.service.Store = atOnce{w.service.Store}
			first, second := w.approved(test.first), w.approved(test.second)
			w.publish()
			w.committedOnce(first.ID)
			back := w.becomes(second.ID, test.state)
			if !strings.Contains(back.Reason, test.says) {
				t.Errorf("it went back because %q, want %q", back.Reason, test.says)
			}
			if len(w.grants(second.ID)) != 0 || slices.ContainsFunc(back.Reviews, func(v workflow.Review) bool { return !v.Void }) {
				t.Errorf("it left the commits %q and the votes %+v", w.grants(second.ID), back.Reviews)
			}
			w.proves()
		})
	}
}

// atOnce is a store in which nobody sees what others submit at the same moment.
type atOnce struct{ workflow.Store }

func (s atOnce) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	if slices.Equal(filter.States, []workflow.State{workflow.StateDraft, workflow.StateInReview, workflow.StateApproved}) && len(filter.Reaching) > 0 {
		return nil, nil
	}
	return s.Store.Requests(ctx, filter)
}

// sideBySide is a store in which two requests have their numbers before either
// goes on.
type sideBySide struct {
	workflow.Store
	numbered *sync.WaitGroup
}

func (s sideBySide) CreateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	created, err := s.Store.CreateRequest(ctx, r, events)
	s.numbered.Done()
	s.numbered.Wait()
	return created, err
}

func TestOfTwoThatAreSentAtOnceTheFirstIsTakenAndTheOtherIsNotLeftHalfAsked(t *testing.T) {
	w := havingWorld(t, func(*workflow.Namespace) {})
	numbered := &sync.WaitGroup{}
	numbered.Add(2)
	w.service.Store = sideBySide{w.service.Store, numbered}
	refusals := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := w.service.Submit(t.Context(), dana, asks(forGroup(oncall, nil)))
			refusals <- err
		}()
	}
	for _, err := range []error{<-refusals, <-refusals} {
		if err != nil && !strings.Contains(messages(refused(t, err, workflow.Invalid).Fields)["subject"], "Request 1 by Dana") {
			t.Errorf("it says %v", err)
		}
	}
	same(t, "the first", workflow.StateInReview, w.request(1).State)
	second := w.request(2)
	same(t, "the second", workflow.StateWithdrawn, second.State)
	mustHold(t, "why", second.Reason, "It was never put into review. Request 1 by Dana")
}

func TestWhoLeavesTheTenantGetsNoAccessThatWasAskedForBefore(t *testing.T) {
	for name, test := range map[string]struct {
		changes func(accounts)
		says    string
		state   workflow.State
	}{
		"the person left":                  {func(a accounts) { a.people[group(2)] = []workflow.Account{oscarAccount} }, dana.ID.Object + " is in none of payments's groups.", workflow.StateChangesRequested},
		"the person has another user name": {func(a accounts) { a.people[group(2)] = []workflow.Account{account(dana, "d.married@contoso.example")} }, "would now change something else", workflow.StateInReview},
	} {
		t.Run(name, func(t *testing.T) {
			w, people := equippedWorld(t), known()
			w.looksUp(people)
			r := w.approved(forPerson(dana.ID.Object, nil))
			test.changes(people)
			w.publish()
			if back := w.becomes(r.ID, test.state); !strings.Contains(back.Reason, test.says) {
				t.Errorf("it went back because %q", back.Reason)
			}
			same(t, "how many have access", 2, len(w.api().Access))
		})
	}
	t.Run("a stranger joined the group", func(t *testing.T) {
		w, people := equippedWorld(t), known()
		w.looksUp(people)
		r := w.submit(forGroup(oncall, nil))
		people.people[oncall] = people.people[mixed]
		_, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
		if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "Somebody in this group is in none of payments's groups.") {
			t.Errorf("Olivia reads %q", problem.Message)
		}
		w.becomes(r.ID, workflow.StateChangesRequested)
	})
	t.Run("the directory is away", func(t *testing.T) {
		w, away := equippedWorld(t), known()
		r := w.approved(forGroup(oncall, nil))
		away.err = errConnection
		w.looksUp(away)
		w.publish()
		if waits := w.becomes(r.ID, workflow.StateApproved); waits.Attempt == nil || !strings.Contains(waits.Attempt.Problem, "The directory does not answer") {
			t.Errorf("it waits with %+v", waits.Attempt)
		}
		w.looksUp(known())
		w.clock.advance(time.Minute)
		w.publish()
		w.committedOnce(r.ID)
	})
}

func TestTheDigestChangesWithEveryPartOfAnEntry(t *testing.T) {
	digests := map[workflow.Digest]string{}
	for name, change := range map[string]workflow.Change{
		"a quota": quotaFor(nil), "a raise": raiseFor(nil), "its end": raiseFor(func(c *workflow.QuotaChange) { c.Until = "2026-03-11" }),
		"its CPU": quotaFor(func(c *workflow.QuotaChange) { c.CPU = "5" }), "its memory": quotaFor(func(c *workflow.QuotaChange) { c.Memory = "9Gi" }),
		"its storage": quotaFor(func(c *workflow.QuotaChange) { c.Storage = "21Gi" }), "its pods": quotaFor(func(c *workflow.QuotaChange) { c.Pods = "21" }),
		"its objects": quotaFor(func(c *workflow.QuotaChange) { c.Objects = map[workflow.ObjectCount]string{"services": "5"} }),
		"its place":   quotaFor(func(c *workflow.QuotaChange) { c.Cluster, c.Namespace = "neu-1", "payments-far" }),
		"access":      forGroup(oncall, nil), "its role": forGroup(oncall, func(c *workflow.AccessChange) { c.Role = workflow.AccessView }),
		"until": forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }), "its subject": accessFor(nil),
		"a person": forPerson(dana.ID.Object, nil), "another person": forPerson(oscar.ID.Object, nil),
		"access elsewhere": forGroup(oncall, func(c *workflow.AccessChange) { c.Cluster, c.Namespace = "neu-1", "payments-far" }),
		"an exemption":     exemptionFor(nil), "its value": exemptionFor(func(c *workflow.ExemptionChange) { c.Value += "1" }),
		"its rule":     exemptionFor(func(c *workflow.ExemptionChange) { c.Rule, c.Value = "required-label", "x" }),
		"its selector": exemptionFor(func(c *workflow.ExemptionChange) { c.Selector = "app=other" }),
		"another end":  exemptionFor(func(c *workflow.ExemptionChange) { c.Until = "2026-03-11" }),
		"elsewhere":    exemptionFor(func(c *workflow.ExemptionChange) { c.Namespace = "payments-shop" }),
	} {
		digest := planned(t, lookingUp(known()), equipped(), asked(change)).Digest
		if other, taken := digests[digest]; taken {
			t.Errorf("the digest of %s is that of %s", name, other)
		}
		digests[digest] = name
	}
	another := known()
	another.people[group(2)] = []workflow.Account{account(dana, "another@contoso.example")}
	if _, taken := digests[planned(t, lookingUp(another), equipped(), asked(forPerson(dana.ID.Object, nil))).Digest]; taken {
		t.Error("another user name has the same digest")
	}
}
