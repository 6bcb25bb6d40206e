package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// givenWorld is a world in which payments has been given a namespace.
func givenWorld(t *testing.T) (*world, workflow.Request) {
	t.Helper()
	w := newWorld(t)
	r := w.approved(wanted())
	w.publish()
	w.committedOnce(r.ID)
	return w, r
}

func asks(change workflow.Change) workflow.Draft {
	return workflow.Draft{Tenant: "payments", Change: change}
}

func TestTheWholeLineOfARemovalAndThenOfTheSameNameAgain(t *testing.T) {
	w, given := givenWorld(t)
	r := w.submit(removing("payments-api-dev"))
	if queue, err := w.service.Queue(t.Context(), olivia); err != nil || len(queue) != 1 || !queue[0].MayReview {
		t.Errorf("Olivia's queue is %+v, %v", queue, err)
	}
	if w.approve(r.ID, olivia, sam).State != workflow.StateApproved {
		t.Fatal("the votes do not suffice")
	}
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	body := w.git("log", "-1", "--format=%B", "main")
	for _, want := range []string{
		"Removal of payments-api-dev on weu-1 for payments (request 2)\n", "\nWhy: It is replaced by another.\n", "Tenure-Act: end\n", "Tenure-Kind: removal\n",
		"Tenure-Approved-By: " + olivia.ID.String() + "; stage=owner", "Tenure-Approved-By: " + sam.ID.String() + "; stage=security", "Tenure-Plan: " + string(r.Plan.Digest),
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the commit does not say %q:\n%s", want, body)
		}
	}
	if files := w.git("ls-tree", "-r", "--name-only", "main"); strings.Contains(files, "payments-api-dev") {
		t.Errorf("these files are left:\n%s", files)
	}
	if view, err := w.service.Tenant(t.Context(), dana, "payments"); err != nil || len(view.Tenancy.Namespaces) != 0 || view.Given.Namespaces != 0 {
		t.Errorf("the tenant's page shows %+v, %v", view, err)
	}
	verdicts, err := w.service.Try(t.Context(), dana, workflow.Question{Cluster: "weu-1", User: "dana", Manifest: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: payments-api-dev}\n")})
	if err != nil || len(verdicts) != 1 || verdicts[0].Request == given.ID {
		t.Errorf("the webhook still rests a verdict on the grant: %+v, %v", verdicts, err)
	}

	again := w.approved(wanted())
	w.publish()
	w.committedOnce(again.ID)
	w.proves()
}

func TestWhoMayAskForANamespaceMayAskForItsRemovalAndNobodyElse(t *testing.T) {
	w, _ := givenWorld(t)
	for _, other := range []workflow.Actor{liam, sam, ada, audrey} {
		_, err := w.service.Submit(t.Context(), other, asks(removing("payments-api-dev")))
		if found := messages(refused(t, err, workflow.Invalid).Fields); len(found) != 1 || found["tenant"] == "" {
			t.Errorf("%s reads %v", other.Name, found)
		}
	}
	// Another tenant's name in one's own tenant's request finds nothing.
	_, err := w.service.Submit(t.Context(), liam, workflow.Draft{Tenant: "logistics", Change: removing("payments-api-dev")})
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["namespace"], `logistics has no namespace "payments-api-dev" on weu-1`) {
		t.Errorf("Liam reads %v", found)
	}
	if r, err := w.service.Submit(t.Context(), olivia, asks(removing("payments-api-dev"))); err != nil || r.State != workflow.StateInReview {
		t.Errorf("an owner's request is %s, %v", r.State, err)
	}
}

func TestAnotherOpenRequestForTheSameRemovalIsRefused(t *testing.T) {
	w, _ := givenWorld(t)
	first := w.submit(removing("payments-api-dev"))
	takenBy := func(err error) {
		t.Helper()
		if found := messages(refused(t, err, workflow.Invalid).Fields); found["namespace"] != `Request 2 by Dana Developer already asks to remove "payments-api-dev" on weu-1.` {
			t.Errorf("it says %v", found)
		}
	}
	_, err := w.service.Plan(t.Context(), olivia, asks(removing("payments-api-dev")))
	takenBy(err)
	w.approve(first.ID, olivia, sam)
	_, err = w.service.Submit(t.Context(), olivia, asks(removing("payments-api-dev")))
	takenBy(err)

	w2, _ := givenWorld(t)
	r := w2.submit(removing("payments-api-dev"))
	if _, err := w2.service.Withdraw(t.Context(), dana, r.ID, "Still needed."); err != nil {
		t.Fatal(err)
	}
	w2.submit(removing("payments-api-dev")) // the one before was taken back
}

func TestWhileARemovalIsBeingChangedAnotherMayOvertakeIt(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.submit(removing("payments-api-dev"))
	if _, err := w.review(r.ID, olivia, workflow.VoteChanges, "Say more."); err != nil {
		t.Fatal(err)
	}
	second := w.submit(removing("payments-api-dev")) // the first is being changed
	w.approve(second.ID, olivia, sam)
	edited := removing("payments-api-dev")
	edited.Reason = "It is replaced by payments-api-test."
	_, err := w.service.Resubmit(t.Context(), dana, r.ID, asks(edited))
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["namespace"], "Request 3 by Dana Developer already asks to remove") {
		t.Errorf("it says %v", found)
	}
	w.publish()
	w.committedOnce(second.ID)
	_, err = w.service.Resubmit(t.Context(), dana, r.ID, asks(edited))
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["namespace"], "may have been removed already") {
		t.Errorf("it says %v", found)
	}
	w.proves()
}

func TestARemovalOfWhatIsGoneMeanwhileGoesBackSayingSo(t *testing.T) {
	w, _ := givenWorld(t)
	first := w.approved(removing("payments-api-dev"))
	// Two votes at the same moment, on another replica: it did not see the first.
	w.service.Store = without{w.service.Store, first.ID}
	second, err := w.service.Submit(t.Context(), dana, asks(removing("payments-api-dev")))
	if err != nil {
		t.Fatal(err)
	}
	w.approve(second.ID, olivia, sam)
	w.publish()
	w.committedOnce(first.ID)
	back := w.becomes(second.ID, workflow.StateChangesRequested)
	if !strings.Contains(back.Reason, "no longer possible") || !strings.Contains(back.Reason, "may have been removed already") {
		t.Errorf("it went back because %q", back.Reason)
	}
	w.proves()
}

func TestAnEditedRemovalIsReviewedAnewAndStaysARemoval(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.submit(removing("payments-api-dev"))
	w.approve(r.ID, olivia)
	if _, err := w.review(r.ID, sam, workflow.VoteChanges, "Say by what."); err != nil {
		t.Fatal(err)
	}
	_, err := w.service.Resubmit(t.Context(), dana, r.ID, asks(named("payments-other-dev")))
	if problem := refused(t, err, workflow.Invalid); !strings.Contains(problem.Message, "of kind removal and stays so") {
		t.Errorf("it says %q", problem.Message)
	}
	edited := removing("payments-api-dev")
	edited.Reason = "It is replaced by payments-api-test."
	again, err := w.service.Resubmit(t.Context(), dana, r.ID, asks(edited))
	if err != nil || again.State != workflow.StateInReview || again.Change.Why() != edited.Reason || !again.Reviews[0].Void {
		t.Fatalf("it is %+v, %v", again, err)
	}
	w.approve(r.ID, olivia, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestACrashInARemovalEndsAfterARestartInExactlyOneCommit(t *testing.T) {
	for point, pushed := range map[string]int{"before-push": 0, "after-push": 1} {
		t.Run(point, func(t *testing.T) {
			w, _ := givenWorld(t)
			r := w.approved(removing("payments-api-dev"))
			w.crashAt(point)
			if commits := w.grants(r.ID); len(commits) != pushed {
				t.Fatalf("after the crash these commits name it: %q", commits)
			}
			w.start()
			w.publish()
			w.committedOnce(r.ID)
			w.start()
			w.publish()
			w.committedOnce(r.ID)
			w.proves()
		})
	}
}
