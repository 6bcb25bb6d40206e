package workflow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// newConnectedWorld is a world in which payments and logistics have namespaces.
func newConnectedWorld(t *testing.T) *world {
	t.Helper()
	state := connected()
	return newWorldOf(t, state.Tenancies["logistics"], state.Tenancies["payments"])
}

// rolesOf names the stages' roles, in their order.
func stagesText(stages []workflow.Stage) string { return workflow.StagesText(stages) }

func TestWhoMustAgreeFollowsFromWhatIsOpened(t *testing.T) {
	cidr := func(cidr string) workflow.NetworkChange {
		return exceptionFor(func(c *workflow.NetworkChange) { c.CIDR = cidr })
	}
	internet := exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR = workflow.PeerInternet, "" })
	name := exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR, c.FQDN = workflow.PeerFQDN, "", "api.example.com" })
	for what, test := range map[string]struct {
		change       workflow.NetworkChange
		stages, says string
	}{
		"the internet":               {internet, "security=2", "every network request that opens the internet (reviews, entry 2)"},
		"a name":                     {name, "security=2", "entry 2"},
		"a public range":             {cidr("20.60.0.0/16"), "security=2", "entry 2"},
		"a range that is partly so":  {cidr("192.160.0.0/11"), "security=2", "entry 2"},
		"a private range":            {cidr("10.20.0.0/16"), "owner=1", "every network request that opens private addresses (reviews, entry 1)"},
		"a namespace of the tenant":  {toNamespace("payments-web"), "owner=1 security=1", "every request (reviews, entry 4)"},
		"a namespace of another one": {toNamespace("logistics-db"), "peer-owner=1 security=1", "that opens another tenant (reviews, entry 3). An owner of logistics must agree"},
	} {
		t.Run(what, func(t *testing.T) {
			state := connected()
			state.Policy.Requests.Network.Refused = nil
			state.Policy.Reviews = []workflow.ReviewRule{
				{Opens: []workflow.Opens{workflow.OpensCIDR}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}},
				{Kinds: []workflow.Kind{workflow.KindNetwork}, Opens: []workflow.Opens{workflow.OpensInternet}, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 2}}},
				{Opens: []workflow.Opens{workflow.OpensTenant}, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 1}}},
				{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}},
			}
			plan := planned(t, planner(), state, asked(test.change))
			if got := stagesText(plan.Stages); got != test.stages || !strings.Contains(plan.Because, test.says) {
				t.Errorf("the stages are %s, because: %s", got, plan.Because)
			}
		})
	}
}

func TestARequestForSomethingElseFitsNoEntryAboutWhatIsOpened(t *testing.T) {
	state := connected()
	state.Policy.Reviews[0].Opens = workflow.AllOpens()
	state.Policy.Reviews[0].Environments = nil
	if plan := planned(t, planner(), state, asked(named("payments-more"))); !strings.Contains(plan.Because, "entry 2") {
		t.Errorf("it is reviewed because: %s", plan.Because)
	}
}

func TestProductionAtEitherEndAsksForItsStages(t *testing.T) {
	for _, production := range []string{"payments-api", "logistics-db"} {
		state := connected()
		for slug, tenancy := range state.Tenancies {
			tenancy.Namespaces = slices.Clone(tenancy.Namespaces)
			for i, n := range tenancy.Namespaces {
				if n.Name == production {
					tenancy.Namespaces[i].Environment = "prod"
				}
			}
			state.Tenancies[slug] = tenancy
		}
		plan := planned(t, planner(), state, asked(toNamespace("logistics-db")))
		same(t, production, "owner=1 peer-owner=1 security=2", stagesText(plan.Stages))
	}
}

func TestThePeersStageGoesToTheFallbackWhereNobodyCouldDecideIt(t *testing.T) {
	for name, test := range map[string]struct {
		directory directory
		stages    string
	}{
		"somebody owns it":                  {directory{group(1): {olivia.ID}, group(3): {lena.ID}}, "owner=1 peer-owner=1 security=1"},
		"nobody owns it":                    {directory{group(1): {olivia.ID}}, "owner=1 admin=1(peer-owner) security=1"},
		"only who asks owns it":             {directory{group(1): {olivia.ID}, group(3): {dana.ID}}, "owner=1 admin=1(peer-owner) security=1"},
		"one person owns both":              {directory{group(1): {olivia.ID}, group(3): {olivia.ID}}, "owner=1 admin=1(peer-owner) security=1"},
		"one owns both, and another theirs": {directory{group(1): {olivia.ID}, group(3): {olivia.ID, lena.ID}}, "owner=1 peer-owner=1 security=1"},
		"one owns both, and another ours":   {directory{group(1): {olivia.ID, oscar.ID}, group(3): {olivia.ID}}, "owner=1 peer-owner=1 security=1"},
		"nobody owns either":                {directory{}, "admin=2(owner) security=1"},
	} {
		t.Run(name, func(t *testing.T) {
			plans := planner()
			plans.Directory = test.directory
			same(t, "the stages", test.stages, stagesText(planned(t, plans, connected(), asked(toNamespace("logistics-db"))).Stages))
		})
	}
}

func TestAFlowIntoAnotherTenantNeedsItsOwnerAndIsCommittedAtBothEnds(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	same(t, "the stages", "owner=1 peer-owner=1 security=1", stagesText(r.Plan.Stages))
	for _, early := range []workflow.Actor{lena, sam} {
		_, err := w.review(r.ID, early, workflow.VoteApprove, "")
		if problem := refused(t, err, workflow.Forbidden); !strings.Contains(problem.Message, "This waits for an owner of payments") {
			t.Errorf("%s hears %q", early.Name, problem.Message)
		}
	}
	w.approve(r.ID, olivia)
	impostor := workflow.Actor{Person: audrey.Person, Roles: []workflow.Role{workflow.RoleAuditor, workflow.RolePeerOwner}}
	for _, other := range []workflow.Actor{oscar, sam, ada, impostor} {
		_, err := w.review(r.ID, other, workflow.VoteApprove, "")
		if problem := refused(t, err, workflow.Forbidden); !strings.Contains(problem.Message, "This waits for an owner of logistics") {
			t.Errorf("%s hears %q", other.Name, problem.Message)
		}
	}
	_, err := w.review(r.ID, liam, workflow.VoteApprove, "")
	refused(t, err, workflow.NotFound) // a member of the other tenant knows nothing of it
	w.approve(r.ID, lena, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	message := w.git("log", "-1", "--format=%B", "main")
	for _, line := range []string{"stage=peer-owner; name=Lena Logistics", "Tenure-Stages: owner=1 peer-owner=1 security=1", "Opens TCP 5432 from payments-api (app=api) to logistics-db (app=db)"} {
		if !strings.Contains(message, line) {
			t.Errorf("the commit does not say %q:\n%s", line, message)
		}
	}
	state := w.state()
	for slug, name := range map[string]string{"payments": "payments-api", "logistics": "logistics-db"} {
		if n, _ := state.Tenancies[slug].Namespace("weu-1", name); len(n.Network) != 1 || n.Network[0].Request != r.ID {
			t.Errorf("%s has the exceptions %+v", name, n.Network)
		}
	}
	changed := w.git("show", "--format=", "--name-only", "main")
	same(t, "the files that changed", []string{
		"approved/logistics.yaml", "approved/payments.yaml",
		"clusters/weu-1/logistics/logistics-db/30-networkpolicy-exception-1-ingress.yaml",
		"clusters/weu-1/payments/payments-api/30-networkpolicy-exception-1-egress.yaml",
	}, strings.Fields(changed))
}

func TestTheOtherTenantsOwnerCanRejectIt(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia)
	if _, err := w.review(r.ID, lena, workflow.VoteReject, "It is ours alone."); err != nil {
		t.Fatal(err)
	}
	w.becomes(r.ID, workflow.StateRejected)
	if _, err := w.service.Dossier(t.Context(), lena, r.ID); err != nil {
		t.Errorf("who rejected it does not see it: %v", err)
	}
}

func TestTheOtherTenantsOwnersSeeTheRequestAndNothingElseOfTheTenant(t *testing.T) {
	w := newConnectedWorld(t)
	ours := w.submit(exceptionFor(nil))
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia)
	home, err := w.service.Home(t.Context(), lena)
	if err != nil {
		t.Fatal(err)
	}
	if len(home.Waiting) != 1 || home.Waiting[0].ID != r.ID {
		t.Errorf("these wait for the owner: %+v", home.Waiting)
	}
	dossier, err := w.service.Dossier(t.Context(), lena, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !dossier.MayReview || dossier.Stage != workflow.RolePeerOwner {
		t.Errorf("the owner may review: %t as %s (%s)", dossier.MayReview, dossier.Stage, dossier.WhyNot)
	}
	_, err = w.service.Dossier(t.Context(), lena, ours.ID)
	refused(t, err, workflow.NotFound)
	_, err = w.service.Tenant(t.Context(), lena, "payments")
	refused(t, err, workflow.NotFound)
	_, err = w.service.Namespace(t.Context(), lena, "weu-1", "payments-api")
	refused(t, err, workflow.NotFound)
	for _, member := range []workflow.Actor{liam, {Person: liam.Person}} {
		_, err = w.service.Dossier(t.Context(), member, r.ID)
		refused(t, err, workflow.NotFound)
		if queue, err := w.service.Queue(t.Context(), member); len(queue) > 0 || err != nil {
			t.Errorf("who is no owner has the queue %+v, %v", queue, err)
		}
	}
	mustNotHold(t, "the other owner's page", dossier, "payments-web", "payments-far", "What payments does.", group(1), group(2))
	queue, err := w.service.Queue(t.Context(), lena)
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, "the other owner's queue", queue, "payments-web", "What payments does.", group(2))
	mustHold(t, "the other owner's page", dossier, "tenure-exception-2-egress", "tenure-exception-2-ingress", `app`, "logistics-secret")
}

func TestWhoAsksSeesNoMoreOfTheOtherTenantThanWhatTheyTyped(t *testing.T) {
	w := newConnectedWorld(t)
	secrets := []string{"logistics-secret", "Where nobody else should look", group(3), group(4)}
	draft := workflow.Draft{Tenant: "payments", Change: toNamespace("logistics-db")}
	plan, err := w.service.Plan(t.Context(), dana, draft)
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, "the preview", plan, secrets...)
	mustHold(t, "the preview", plan, "tenure-exception-0-ingress", "approved/payments.yaml")
	r := w.submit(draft.Change)
	mustNotHold(t, "what was submitted", r, secrets...)
	voted, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, "what the owner voted on", voted, secrets...)
	for name, read := range map[string]func(workflow.Actor) (any, error){
		"the dossier": func(a workflow.Actor) (any, error) { return w.service.Dossier(t.Context(), a, r.ID) },
		"the queue":   func(a workflow.Actor) (any, error) { return w.service.Queue(t.Context(), a) },
		"the home":    func(a workflow.Actor) (any, error) { return w.service.Home(t.Context(), a) },
		"the tenant":  func(a workflow.Actor) (any, error) { return w.service.Tenant(t.Context(), a, "payments") },
		"the namespace": func(a workflow.Actor) (any, error) {
			return w.service.Namespace(t.Context(), a, "weu-1", "payments-api")
		},
	} {
		for _, actor := range []workflow.Actor{dana, oscar} {
			shown, err := read(actor)
			if err != nil {
				t.Fatal(err)
			}
			mustNotHold(t, name+" of "+actor.Name, shown, secrets...)
		}
	}
	dossier, err := w.service.Dossier(t.Context(), sam, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	mustHold(t, "what security sees", dossier, "logistics-secret", "payments-web")
	withdrawn, err := w.service.Withdraw(t.Context(), dana, r.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, "what was withdrawn", withdrawn, secrets...)
	// What is stored is whole: the votes cover it.
	mustHold(t, "what is stored", w.request(r.ID), "logistics-secret")
}

// everything is all that a value holds, files' contents included.
func everything(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, plan := range plansIn(value) {
		for _, f := range plan.Files {
			text += "\n" + f.Path + "\n" + string(f.Before) + string(f.After)
		}
	}
	return text
}

func plansIn(value any) []workflow.Plan {
	switch v := value.(type) {
	case workflow.Plan:
		return []workflow.Plan{v}
	case workflow.Request:
		return []workflow.Plan{v.Plan}
	case workflow.Dossier:
		return []workflow.Plan{v.Request.Plan}
	case workflow.TenantView:
		return plansOf(v.Requests)
	case workflow.NamespaceView:
		return plansOf(v.Requests)
	case workflow.Home:
		return plansOf(append(v.Mine, v.Waiting...))
	case []workflow.QueueItem:
		var requests []workflow.Request
		for _, item := range v {
			requests = append(requests, item.Request)
		}
		return plansOf(requests)
	}
	return nil
}

func plansOf(requests []workflow.Request) []workflow.Plan {
	var plans []workflow.Plan
	for _, r := range requests {
		plans = append(plans, r.Plan)
	}
	return plans
}

func mustNotHold(t *testing.T, what string, value any, secrets ...string) {
	t.Helper()
	text := everything(t, value)
	for _, secret := range secrets {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s holds %q: …%s…", what, secret, text[max(0, i-80):min(len(text), i+40)])
		}
	}
}

func mustHold(t *testing.T, what string, value any, parts ...string) {
	t.Helper()
	text := everything(t, value)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not hold %q", what, part)
		}
	}
}

func TestExceptionsOfOneNamespaceDoNotVoidEachOthersVotes(t *testing.T) {
	w := newConnectedWorld(t)
	first := w.approved(exceptionFor(nil))
	second := w.submit(exceptionFor(func(c *workflow.NetworkChange) { c.Ports = "5433" }))
	w.approve(second.ID, olivia)
	w.publish()
	w.committedOnce(first.ID)
	w.approve(second.ID, sam)
	w.publish()
	w.committedOnce(second.ID)
	w.proves()
}

func TestWhatMovedOnTheOtherSideSendsTheRequestBack(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia, lena)
	removal, err := w.service.Submit(t.Context(), liam, workflow.Draft{Tenant: "logistics", Change: workflow.RemovalChange{
		Cluster: "weu-1", Namespace: "logistics-db", Confirmation: "logistics-db", Reason: "It is not used.",
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.approve(removal.ID, lena, sam)
	w.publish()
	_, err = w.review(r.ID, sam, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, `There is no namespace "logistics-db" of a tenant on weu-1`) {
		t.Errorf("it says %q", problem.Message)
	}
	dossier, err := w.service.Dossier(t.Context(), dana, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, "what who asked reads", dossier, "logistics-secret", "Where nobody else should look", group(3), group(4))
	if sent := w.becomes(r.ID, workflow.StateChangesRequested); slices.ContainsFunc(sent.Reviews, func(v workflow.Review) bool { return !v.Void }) {
		t.Errorf("votes still count: %+v", sent.Reviews)
	}
}

func TestAVoteOfWhoNoLongerOwnsTheOtherTenantDoesNotCount(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia, lena, sam)
	w.directory[group(3)] = []workflow.PersonID{liam.ID}
	w.publish()
	if sent := w.becomes(r.ID, workflow.StateInReview); !strings.Contains(sent.Reason, "Lena Logistics no longer holds the role peer-owner") {
		t.Errorf("it was sent back because: %s", sent.Reason)
	}
}

// state is the approved state as the service has it.
func (w *world) state() *workflow.ApprovedState {
	w.Helper()
	state, err := w.service.Repository.State()
	if err != nil {
		w.Fatal(err)
	}
	return state
}

func TestTheOtherTenantDoesNotLearnWhatElseTheAskingOneHas(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia)
	removal, err := w.service.Submit(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: workflow.RemovalChange{
		Cluster: "weu-1", Namespace: "payments-api", Confirmation: "payments-api", Reason: "It is not used.",
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.approve(removal.ID, olivia, sam)
	w.publish()
	_, err = w.review(r.ID, lena, workflow.VoteApprove, "")
	heard := refused(t, err, workflow.Conflict).Message
	sent := w.becomes(r.ID, workflow.StateChangesRequested)
	for _, text := range []string{heard, sent.Reason} {
		if !strings.Contains(text, "payments no longer has what it asked this for") || strings.Contains(text, "payments-web") {
			t.Errorf("it says %q", text)
		}
	}
}
