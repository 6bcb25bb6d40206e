package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// widerQuota asks for more CPU for the namespace that wanted asks for.
func widerQuota() workflow.QuotaChange {
	c := wanted()
	return workflow.QuotaChange{Cluster: c.Cluster, Namespace: c.Name, CPU: "3", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "The load test needs it."}
}

func TestWhatIsAskedForANamespaceInReviewIsCommittedAfterIt(t *testing.T) {
	w := newWorld(t)
	first := w.submit(wanted())
	quota := w.submit(widerQuota())
	if quota.Plan.WaitsFor != first.ID {
		t.Fatalf("the plan waits for %d", quota.Plan.WaitsFor)
	}
	if !strings.Contains(strings.Join(quota.Plan.Summary, "\n"), "Waits for request 1, which asks for the namespace") {
		t.Errorf("the plan says %q", quota.Plan.Summary)
	}
	w.approve(quota.ID, olivia, sam)
	w.publish()
	waits := w.becomes(quota.ID, workflow.StateApproved)
	if want := `It waits for request 1, which asks for the namespace "payments-api-dev" and is in-review. It is committed after that.`; waits.Attempt == nil || waits.Attempt.Problem != want {
		t.Fatalf("its attempt is %+v", waits.Attempt)
	}
	w.approve(first.ID, olivia, sam)
	w.publish()
	w.committedOnce(first.ID)
	w.clock.advance(waits.Attempt.NextAt.Sub(w.clock.Now()) + 1)
	w.publish()
	w.committedOnce(quota.ID)
	w.proves()
	if n, _ := w.state().Tenancies["payments"].Namespace("weu-1", "payments-api-dev"); n.Quota.CPU.String() != "3" || n.Quota.Request != quota.ID {
		t.Errorf("the quota is %+v", n.Quota)
	}
}

func TestWhatWaitsGoesBackWhenTheNamespaceComesToNothing(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(w *world, first int64)
		want string
	}{
		"rejected": {func(w *world, first int64) {
			if _, err := w.review(first, olivia, workflow.VoteReject, "Use the other one."); err != nil {
				w.Fatal(err)
			}
		}, `It waited for the namespace "payments-api-dev", and request 1 is rejected.`},
		"withdrawn": {func(w *world, first int64) {
			if _, err := w.service.Withdraw(w.Context(), dana, first, ""); err != nil {
				w.Fatal(err)
			}
		}, `It waited for the namespace "payments-api-dev", and request 1 is withdrawn.`},
		"asked for under another name": {func(w *world, first int64) {
			if _, err := w.review(first, olivia, workflow.VoteChanges, "Call it web."); err != nil {
				w.Fatal(err)
			}
			other := wanted()
			other.Name = "payments-web-dev"
			if _, err := w.service.Resubmit(w.Context(), dana, first, asks(other)); err != nil {
				w.Fatal(err)
			}
		}, `It waited for the namespace "payments-api-dev", and request 1 no longer asks for it.`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.submit(wanted())
			quota := w.submit(widerQuota())
			w.approve(quota.ID, olivia, sam)
			test.end(w, first.ID)
			w.publish()
			if back := w.becomes(quota.ID, workflow.StateChangesRequested); back.Reason != test.want {
				t.Errorf("it says %q", back.Reason)
			}
		})
	}
}

func TestAVoteOnWhatWaitsHoldsOnlyWhileTheNamespaceComesAsAskedFor(t *testing.T) {
	w := newWorld(t)
	first := w.submit(wanted())
	quota := w.submit(widerQuota())
	if _, err := w.review(first.ID, olivia, workflow.VoteChanges, "Take the medium one."); err != nil {
		t.Fatal(err)
	}
	w.approve(quota.ID, olivia) // the namespace is still asked for, as it was
	other := wanted()
	other.Purpose = "Something else altogether."
	if _, err := w.service.Resubmit(t.Context(), dana, first.ID, asks(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.review(quota.ID, sam, workflow.VoteApprove, ""); err == nil {
		t.Error("a vote counts on a plan for another namespace than was asked for")
	}
	again := w.becomes(quota.ID, workflow.StateInReview)
	if again.Plan.WaitsFor != first.ID || slices.ContainsFunc(again.Reviews, func(r workflow.Review) bool { return !r.Void }) {
		t.Errorf("the plan waits for %d, the votes are %+v", again.Plan.WaitsFor, again.Reviews)
	}
}

func TestWhatWaitedGoesBackToReviewWhenAnotherNamespaceCameThanItWasPlannedFor(t *testing.T) {
	place := wanted()
	for name, change := range map[string]workflow.Change{
		"access": workflow.AccessChange{Cluster: place.Cluster, Namespace: place.Name, Subject: workflow.SubjectMembers, Role: workflow.AccessAdmin, Reason: "To debug."},
		"an exemption": workflow.ExemptionChange{
			Cluster: place.Cluster, Namespace: place.Name, Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: "app=cache", Until: "2026-03-20", Reason: "Until there is a copy.",
		},
		"a network exception": workflow.NetworkChange{
			Cluster: place.Cluster, Namespace: place.Name, Direction: workflow.Egress, Peer: workflow.PeerCIDR, CIDR: "10.20.0.0/16", Ports: "TCP 5432", Until: "2026-03-20", Reason: "The database.",
		},
		"a quota": widerQuota(),
	} {
		for when, committed := range map[string]bool{"once it is committed": true, "before that": false} {
			t.Run(name+" "+when, func(t *testing.T) {
				w := newWorld(t)
				first := w.submit(wanted())
				second := w.submit(change)
				w.approve(second.ID, olivia, sam)
				if _, err := w.review(first.ID, olivia, workflow.VoteChanges, "Say what it is for."); err != nil {
					t.Fatal(err)
				}
				other := wanted()
				other.PodSecurity, other.Purpose = workflow.LevelBaseline, "Something else altogether."
				if _, err := w.service.Resubmit(t.Context(), dana, first.ID, asks(other)); err != nil {
					t.Fatal(err)
				}
				if committed {
					publisher := w.newPublisher(onlyRequest{w.service.Store, first.ID}, w.service.Repository)
					w.approve(first.ID, olivia, sam)
					if err := publisher.PublishAll(t.Context()); err != nil {
						t.Fatal(err)
					}
					w.becomes(first.ID, workflow.StateCommitted)
				}
				w.publish()
				back := w.becomes(second.ID, workflow.StateInReview)
				if slices.ContainsFunc(back.Reviews, func(r workflow.Review) bool { return !r.Void }) {
					t.Errorf("these votes still count: %+v", back.Reviews)
				}
				if !committed {
					return
				}
				if back.Plan.WaitsFor != 0 {
					t.Errorf("it waits for %d, which is committed", back.Plan.WaitsFor)
				}
				w.approve(second.ID, olivia, sam)
				w.publish()
				w.committedOnce(second.ID)
				w.proves()
			})
		}
	}
}

// onlyRequest is a store in which nothing but one request is approved.
type onlyRequest struct {
	workflow.Store

	id int64
}

func (o onlyRequest) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	requests, err := o.Store.Requests(ctx, filter)
	return slices.DeleteFunc(requests, func(r workflow.Request) bool { return r.ID != o.id }), err
}

func TestWhatWaitsIsNoTrouble(t *testing.T) {
	w := newWorld(t)
	w.submit(wanted())
	w.approve(w.submit(widerQuota()).ID, olivia, sam)
	w.publish()
	if health := w.service.Health(t.Context()); len(health.Deferred) != 0 || health.Approved != 1 {
		t.Errorf("the health page lists %d, of %d approved", len(health.Deferred), health.Approved)
	}
}

func TestTheFormOffersNamespacesInReviewToThoseOfTheTenantOnly(t *testing.T) {
	w := newWorld(t)
	w.submit(wanted())
	for name, test := range map[string]struct {
		by   workflow.Actor
		want int
	}{"the tenant's own": {dana, 1}, "another tenant's": {lena, 0}} {
		choices, err := w.service.Choices(t.Context(), test.by)
		if err != nil || len(choices.Coming) != test.want {
			t.Errorf("%s: %+v, %v", name, choices.Coming, err)
		}
	}
	if _, err := w.service.Submit(t.Context(), lena, workflow.Draft{Tenant: "logistics", Change: widerQuota()}); err == nil {
		t.Error("another tenant asks for a quota of the namespace")
	}
}
