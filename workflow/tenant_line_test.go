package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// shopOf is a draft for the tenant shop.
func shopOf(change workflow.Change) workflow.Draft {
	return workflow.Draft{Tenant: "shop", Change: change}
}

// asked has somebody ask for something.
func (w *world) asked(actor workflow.Actor, draft workflow.Draft) workflow.Request {
	w.Helper()
	r, err := w.service.Submit(w.Context(), actor, draft)
	if err != nil {
		w.Fatalf("%s asks for %s: %v", actor.Name, draft.Change.Title(), err)
	}
	return r
}

// shopWorld is a world in which Nora's team was given the tenant shop.
func shopWorld(t *testing.T) (*world, workflow.Request) {
	t.Helper()
	w := newWorld(t)
	r := w.asked(nora, shopOf(newTeam(nil)))
	w.approve(r.ID, ada)
	w.publish()
	w.committedOnce(r.ID)
	return w, w.request(r.ID)
}

// leavingShop asks for the removal of the tenant.
func leavingShop() workflow.Draft {
	return shopOf(workflow.RemovalChange{Tenant: true, Confirmation: " shop ", Reason: "The shop closes."})
}

// closeShop takes the tenant away.
func (w *world) closeShop(by workflow.Actor) workflow.Request {
	w.Helper()
	r := w.asked(by, leavingShop())
	w.approve(r.ID, ada, sam) // the directory of these tests knows nobody who owns it, so that admins stand in
	w.publish()
	w.committedOnce(r.ID)
	return w.request(r.ID)
}

func TestTheWholeLineOfATenantFromNothingToNothing(t *testing.T) {
	w, given := shopWorld(t)
	w.proves()
	body := w.git("log", "-1", "--format=%B", "main")
	for _, want := range []string{"Tenant The Shop for shop (request 1)\n", "Tenure-Act: grant\n", "Tenure-Kind: tenant\n", "Tenure-Stages: admin=1\n", "stage=admin", "\nWhy: We move the shop here.\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("the commit does not say %q:\n%s", want, body)
		}
	}
	view, err := w.service.Tenant(t.Context(), nils, "shop")
	if err != nil || view.Tenancy.Request != given.ID || !view.MayAsk || !view.MayChange || len(view.Requests) != 1 {
		t.Errorf("a member sees %+v, %v", view, err)
	}
	for _, file := range view.Files {
		same(t, file.Path, w.git("show", "main:"+file.Path), strings.TrimSpace(string(file.Content)))
	}
	if len(view.Files) == 0 || view.Files[0].Path != "approved/shop.yaml" {
		t.Errorf("the files shown are %v", view.Files)
	}

	namespace := w.asked(nils, shopOf(with(func(c *workflow.NamespaceChange) { c.Name = "shop-web-dev" })))
	w.approve(namespace.ID, ada, sam)
	w.publish()
	w.committedOnce(namespace.ID)

	_, err = w.service.Submit(t.Context(), nora, leavingShop())
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["tenant"], "shop still has namespaces: shop-web-dev on weu-1.") {
		t.Errorf("it says %q", found)
	}
	bigger := newTeam(func(c *workflow.TenantChange) { c.Existing, c.CPU, c.Clusters = true, "20", []string{"neu-1", "weu-1"} })
	changed := w.asked(nora, shopOf(bigger))
	w.approve(changed.ID, ada)
	w.publish()
	w.committedOnce(changed.ID)
	w.proves()

	gone := w.asked(nora, shopOf(workflow.RemovalChange{Cluster: "weu-1", Namespace: "shop-web-dev", Confirmation: "shop-web-dev", Reason: "Replaced."}))
	w.approve(gone.ID, ada, sam)
	w.publish()
	w.committedOnce(gone.ID)
	removal := w.closeShop(nora)
	w.proves()
	body = w.git("log", "-1", "--format=%B", "main")
	for _, want := range []string{"Removal of the tenant for shop (request 5)\n", "Removes the tenant shop:", "Tenure-Act: end\n", "Tenure-Kind: removal\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("the commit does not say %q:\n%s", want, body)
		}
	}
	if files := w.git("ls-tree", "-r", "--name-only", "main"); strings.Contains(files, "shop") {
		t.Errorf("these files are left:\n%s", files)
	}
	if _, err := w.service.Tenant(t.Context(), ada, "shop"); err == nil {
		t.Error("it still has a page")
	}
	if dossier, err := w.service.Dossier(t.Context(), nora, removal.ID); err != nil || dossier.Tenancy.DisplayName != "" || dossier.Request.Plan.Before.DisplayName != "The Shop" {
		t.Errorf("who asked for its removal sees %+v, %v", dossier.Tenancy, err)
	}

	again := w.asked(liam, shopOf(newTeam(func(c *workflow.TenantChange) { c.Owners = group(41) })))
	w.approve(again.ID, ada)
	w.publish()
	w.committedOnce(again.ID)
	w.proves()
}

func TestAnybodyMayAskForATenantAndOnlyItsPeopleAndAdminsForAChange(t *testing.T) {
	w := newWorld(t)
	pipeline := workflow.Actor{Person: person(20, "Release"), Pipeline: true}
	for _, actor := range []workflow.Actor{nora, dana, ada, sam, audrey, pipeline} {
		if _, err := w.service.Plan(t.Context(), actor, shopOf(newTeam(nil))); err != nil {
			t.Errorf("%s may not: %v", actor.Name, err)
		}
	}
	changes := map[string]workflow.Change{
		"a change":  asPayments(nil),
		"a removal": workflow.RemovalChange{Tenant: true, Confirmation: "payments", Reason: "It closes."},
	}
	for name, change := range changes {
		for _, actor := range []workflow.Actor{dana, olivia, ada} {
			if _, err := w.service.Plan(t.Context(), actor, asks(change)); err != nil {
				t.Errorf("%s may not ask for %s: %v", actor.Name, name, err)
			}
		}
		for _, actor := range []workflow.Actor{nora, liam, sam, audrey} {
			_, err := w.service.Plan(t.Context(), actor, asks(change))
			if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["tenant"], `There is no tenant "payments" that you can ask for.`) {
				t.Errorf("%s asks for %s and reads %q", actor.Name, name, found)
			}
		}
		_, err := w.service.Plan(t.Context(), ada, shopOf(change))
		refused(t, err, workflow.Invalid) // there is no such tenant
	}
	for actor, want := range map[*workflow.Actor][]string{&nora: nil, &dana: {"payments"}, &ada: {"logistics", "payments"}, &sam: nil} {
		choices, err := w.service.Choices(t.Context(), *actor)
		var slugs []string
		for _, tenancy := range choices.Changeable {
			slugs = append(slugs, tenancy.Name)
		}
		if err != nil || !slices.Equal(slugs, want) || len(choices.Policy.Clusters) != 2 {
			t.Errorf("%s may change %q, %v", actor.Name, slugs, err)
		}
	}
}

func TestARequestForATenantIsSeenByWhoAskedAndByThoseWhoSeeAllAndByNobodyElse(t *testing.T) {
	w := newWorld(t)
	r := w.asked(nora, shopOf(newTeam(nil)))
	seenBy := func(actor workflow.Actor, want bool) {
		t.Helper()
		dossier, err := w.service.Dossier(t.Context(), actor, r.ID)
		list, listErr := w.service.Requests(t.Context(), actor, workflow.RequestFilter{})
		ofShop, _ := w.service.Requests(t.Context(), actor, workflow.RequestFilter{Tenants: []string{"shop"}})
		if (err == nil) != want || listErr != nil || (len(list) == 1) != want || (len(ofShop) == 1) != want {
			t.Errorf("%s sees %v, a list of %d and %d", actor.Name, err, len(list), len(ofShop))
		}
		if want && (len(dossier.Request.Plan.Files) == 0 || len(dossier.Request.Plan.Edits) == 0 || dossier.Request.Plan.After.DisplayName != "The Shop" || dossier.Tenancy.Name != "shop") {
			t.Errorf("%s sees only %+v", actor.Name, dossier.Request.Plan)
		}
	}
	for _, actor := range []workflow.Actor{nora, ada, sam, audrey} {
		seenBy(actor, true)
	}
	for _, actor := range []workflow.Actor{nils, dana, liam} {
		seenBy(actor, false)
	}
	home, err := w.service.Home(t.Context(), nora)
	if err != nil || len(home.Mine) != 1 || home.Mine[0].ID != r.ID || len(home.Tenants) != 0 {
		t.Errorf("her home is %+v, %v", home, err)
	}
	queue, err := w.service.Queue(t.Context(), nora)
	if err != nil || len(queue) != 1 || queue[0].MayReview {
		t.Errorf("her queue is %+v, %v", queue, err)
	}
	if queue, err := w.service.Queue(t.Context(), ada); err != nil || len(queue) != 1 || !queue[0].MayReview {
		t.Errorf("Ada's queue is %+v, %v", queue, err)
	}
	if queue, err := w.service.Queue(t.Context(), sam); err != nil || len(queue) != 1 || queue[0].MayReview {
		t.Errorf("Sam's queue is %+v, %v", queue, err)
	}
	w.approve(r.ID, ada)
	w.publish()
	for _, actor := range []workflow.Actor{nora, nils, ada} {
		seenBy(actor, true)
	}
	seenBy(dana, false)
	if _, err := w.service.Withdraw(t.Context(), dana, r.ID, ""); err == nil {
		t.Error("a stranger may withdraw it")
	}
}

func TestOfTwoWhoAskForOneNameTheSecondIsNotToldOfTheFirst(t *testing.T) {
	w := newWorld(t)
	first := w.asked(nora, shopOf(newTeam(nil)))
	other := newTeam(func(c *workflow.TenantChange) { c.Owners, c.Members = group(41), group(42) })
	_, err := w.service.Submit(t.Context(), liam, shopOf(other))
	found := messages(refused(t, err, workflow.Invalid).Fields)
	if len(found) != 1 || !strings.Contains(found["tenant"], "Somebody has asked for a tenant of this name already.") || strings.Contains(found["tenant"], "Nora") {
		t.Errorf("it says %q", found)
	}
	if _, err := w.review(first.ID, ada, workflow.VoteChanges, "Which shop?"); err != nil {
		t.Fatal(err)
	}
	second := w.asked(liam, shopOf(other)) // the first is being changed
	w.approve(second.ID, ada)
	w.publish()
	w.committedOnce(second.ID)
	_, err = w.service.Resubmit(t.Context(), nora, first.ID, shopOf(newTeam(nil)))
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["tenant"], `"shop" is taken.`) {
		t.Errorf("it says %q", found)
	}
	ofShop := workflow.Actor{Person: person(14, "Mona Member"), Groups: []string{group(42)}}
	if _, err := w.service.Dossier(t.Context(), ofShop, first.ID); err == nil {
		t.Error("the tenant that got the name sees what the other one wanted")
	}
	if list, err := w.service.Requests(t.Context(), ofShop, workflow.RequestFilter{}); err != nil || len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("it lists %d, %v", len(list), err)
	}
	if _, err := w.service.Dossier(t.Context(), nora, first.ID); err != nil {
		t.Errorf("who asked no longer sees it: %v", err)
	}
	if _, err := w.service.Withdraw(t.Context(), nora, first.ID, "They were faster."); err != nil {
		t.Error(err)
	}
}

func TestOfTwoApprovedForOneNameOneIsCommitted(t *testing.T) {
	w := newWorld(t)
	first := w.asked(nora, shopOf(newTeam(nil)))
	if _, err := w.review(first.ID, ada, workflow.VoteChanges, "Which shop?"); err != nil {
		t.Fatal(err)
	}
	second := w.asked(liam, workflow.Draft{Tenant: "shop-2", Change: newTeam(nil)}) // the same groups
	w.approve(second.ID, ada)
	if _, err := w.service.Resubmit(t.Context(), nora, first.ID, shopOf(newTeam(nil))); err != nil {
		t.Fatal(err)
	}
	w.approve(first.ID, ada)
	w.publish()
	w.committedOnce(first.ID)
	back := w.becomes(second.ID, workflow.StateChangesRequested)
	if !strings.Contains(back.Reason, "another tenant's already") {
		t.Errorf("it went back because %q", back.Reason)
	}
	w.proves()
}

func TestTwoChangesOfOneTenantWaitForEachOther(t *testing.T) {
	w := newWorld(t)
	w.asked(dana, asks(asPayments(nil)))
	_, err := w.service.Submit(t.Context(), olivia, asks(asPayments(func(c *workflow.TenantChange) { c.CPU = "20" })))
	wrongIn(t, err, "tenant", "Request 1 by Dana Developer already asks for changes of this tenant.")
	closing := asks(workflow.RemovalChange{Tenant: true, Confirmation: "payments", Reason: "It closes."})
	w.asked(dana, closing)
	_, err = w.service.Submit(t.Context(), olivia, closing)
	wrongIn(t, err, "tenant", "Request 2 by Dana Developer already asks to remove this tenant.")
}

func TestNothingCanBeAskedForATenantThatIsStillAskedFor(t *testing.T) {
	w := newWorld(t)
	w.asked(nora, shopOf(newTeam(nil)))
	wants := shopOf(with(func(c *workflow.NamespaceChange) { c.Name = "shop-web-dev" }))
	_, err := w.service.Plan(t.Context(), nora, wants)
	wrongIn(t, err, "tenant", `The tenant "shop" is not there yet: request 1 asks for it and is in-review.`)
	_, err = w.service.Plan(t.Context(), nils, wants)
	wrongIn(t, err, "tenant", `There is no tenant "shop" that you can ask for.`)
}

func TestWhoHasANameAfterAnotherTenantSeesNothingOfTheEarlierOne(t *testing.T) {
	w, given := shopWorld(t)
	open := w.asked(nils, shopOf(with(func(c *workflow.NamespaceChange) { c.Name = "shop-web-dev" })))
	removal := w.asked(nora, leavingShop())
	if got := finding(removal.Plan, "open requests"); got != "warning: What else is asked for shop comes to nothing with it: request 2." {
		t.Errorf("it finds %q", got)
	}
	approved := w.asked(nils, shopOf(newTeam(func(c *workflow.TenantChange) { c.Existing, c.CPU = true, "20" })))
	w.approve(removal.ID, ada, sam)
	w.approve(approved.ID, ada)
	w.publish()
	w.committedOnce(removal.ID)
	// The same directory groups again, by other people's request: only the tenant is another.
	again := w.asked(liam, shopOf(newTeam(nil)))
	w.approve(again.ID, ada)
	w.publish()
	w.committedOnce(again.ID)
	if back := w.becomes(approved.ID, workflow.StateChangesRequested); !strings.Contains(back.Reason, "There is no tenant") {
		t.Errorf("it went back because %q", back.Reason)
	}
	mona := workflow.Actor{Person: person(14, "Mona Member"), Groups: []string{group(32)}}
	view, err := w.service.Tenant(t.Context(), mona, "shop")
	if err != nil || len(view.Requests) != 1 || view.Requests[0].ID != again.ID {
		t.Errorf("the page lists %d requests, %v", len(view.Requests), err)
	}
	for _, id := range []int64{given.ID, open.ID, approved.ID, removal.ID} {
		if _, err := w.service.Dossier(t.Context(), mona, id); err == nil {
			t.Errorf("she sees request %d", id)
		}
	}
	if choices, err := w.service.Choices(t.Context(), mona); err != nil || len(choices.Coming) != 0 {
		t.Errorf("she is offered %+v, %v", choices.Coming, err)
	}
	if list, err := w.service.Requests(t.Context(), mona, workflow.RequestFilter{Limit: 1}); err != nil || len(list) != 1 || list[0].ID != again.ID {
		t.Errorf("she lists %+v, %v", list, err)
	}
	// What was asked of the earlier one is no rival, and cannot be voted through.
	if _, err := w.service.Plan(t.Context(), mona, shopOf(with(func(c *workflow.NamespaceChange) { c.Name = "shop-web-dev" }))); err != nil {
		t.Error(err)
	}
	if _, err := w.review(open.ID, ada, workflow.VoteApprove, ""); err == nil {
		t.Error("what was asked of the earlier tenant is voted on")
	}
	if back := w.becomes(open.ID, workflow.StateChangesRequested); !strings.Contains(back.Reason, "was removed, and another one has its name by now") {
		t.Errorf("it went back because %q", back.Reason)
	}
	if _, err := w.service.Withdraw(t.Context(), nils, open.ID, ""); err != nil {
		t.Errorf("who asked cannot take it back: %v", err)
	}
}

func TestWhoseGroupBecomesATenantsDoesNotDecideThat(t *testing.T) {
	w := newWorldOf(t, payments())
	among := ada
	among.Groups = []string{group(51)}
	for name, change := range map[string]func(*workflow.TenantChange){
		"owners":  func(c *workflow.TenantChange) { c.Owners = group(51) },
		"members": func(c *workflow.TenantChange) { c.Members = group(51) },
	} {
		r := w.asked(dana, asks(asPayments(change)))
		_, err := w.review(r.ID, among, workflow.VoteApprove, "")
		mustHold(t, name, refused(t, err, workflow.Forbidden).Message, "This makes a group that you are in the tenant's owners or members")
		if _, err := w.service.Withdraw(t.Context(), dana, r.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	among.Groups = []string{payments().Members.Group}
	promoted := w.asked(dana, asks(asPayments(func(c *workflow.TenantChange) { c.Owners, c.Members = payments().Members.Group, group(51) })))
	_, err := w.review(promoted.ID, among, workflow.VoteApprove, "")
	mustHold(t, "members who become owners", refused(t, err, workflow.Forbidden).Message, "This makes a group")
	w.approve(promoted.ID, ada)
}
