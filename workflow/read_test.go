package workflow_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// verbs are all that can be asked of a service, each by somebody who may.
func verbs(w *world, id int64) map[string]func(context.Context) error {
	draft := workflow.Draft{Tenant: "payments", Change: named("payments-web-dev")}
	digest := w.request(id).Plan.Digest
	return map[string]func(context.Context) error{
		"Choices":  func(ctx context.Context) error { _, err := w.service.Choices(ctx, dana); return err },
		"Plan":     func(ctx context.Context) error { _, err := w.service.Plan(ctx, dana, draft); return err },
		"Submit":   func(ctx context.Context) error { _, err := w.service.Submit(ctx, dana, draft); return err },
		"Resubmit": func(ctx context.Context) error { _, err := w.service.Resubmit(ctx, dana, id, draft); return err },
		"Withdraw": func(ctx context.Context) error { _, err := w.service.Withdraw(ctx, dana, id, ""); return err },
		"Review": func(ctx context.Context) error {
			_, err := w.service.Review(ctx, olivia, id, workflow.Ballot{Vote: workflow.VoteApprove, Digest: digest})
			return err
		},
		"Dossier": func(ctx context.Context) error { _, err := w.service.Dossier(ctx, dana, id); return err },
		"Queue":   func(ctx context.Context) error { _, err := w.service.Queue(ctx, dana); return err },
		"Home":    func(ctx context.Context) error { _, err := w.service.Home(ctx, dana); return err },
		"Tenant":  func(ctx context.Context) error { _, err := w.service.Tenant(ctx, dana, "payments"); return err },
		"Namespace": func(ctx context.Context) error {
			_, err := w.service.Namespace(ctx, dana, "weu-1", "payments-api")
			return err
		},
		"Connectivity": func(ctx context.Context) error {
			_, err := w.service.Connectivity(ctx, dana, "payments", "", "")
			return err
		},
		"Try": func(ctx context.Context) error {
			_, err := w.service.Try(ctx, dana, workflow.Question{Cluster: "weu-1"})
			return err
		},
	}
}

func TestWithoutADatabaseEachVerbSaysSoAndNoCauseReachesThePage(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	verbs := verbs(w, r.ID)
	away, stop := context.WithCancel(t.Context())
	stop() // what the database then answers is an error of its driver
	for _, name := range []string{"Plan", "Submit", "Resubmit", "Withdraw", "Review", "Dossier", "Queue", "Home", "Tenant"} {
		problem := refused(t, verbs[name](away), workflow.Unavailable)
		if !strings.Contains(problem.Message, "database does not answer") || strings.Contains(problem.Message, "context") || problem.Unwrap() == nil {
			t.Errorf("%s says %q because of %v", name, problem.Message, problem.Unwrap())
		}
	}
	if health := w.service.Health(away); !strings.Contains(health.Database, "does not answer") {
		t.Errorf("the health page shows %+v", health)
	}
	if got := w.request(r.ID); got.Version != r.Version {
		t.Errorf("the request was changed: %+v", got)
	}
}

func TestWithoutAnApprovedStateEachVerbSaysSo(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	verbs := verbs(w, r.ID)
	if err := os.Rename(w.remote, w.remote+".away"); err != nil {
		t.Fatal(err)
	}
	w.service.Repository = w.openRepository("empty-clone")
	for name, verb := range verbs {
		if problem := refused(t, verb(t.Context()), workflow.Unavailable); !strings.Contains(problem.Message, "approved state cannot be read") {
			t.Errorf("%s says %q", name, problem.Message)
		}
	}
	if health := w.service.Health(t.Context()); health.Repository.Problem == "" || health.Repository.Verified != "" {
		t.Errorf("the health page shows %+v", health)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	w := newWorld(t)
	for name, verb := range map[string]func() error{
		"a request": func() error { _, err := w.service.Dossier(t.Context(), sam, 4711); return err },
		"a tenant":  func() error { _, err := w.service.Tenant(t.Context(), sam, "nobody"); return err },
	} {
		t.Run(name, func(t *testing.T) { refused(t, verb(), workflow.NotFound) })
	}
}

func TestATenantsPageListsWhatIsOpenFirstAndThenTheNewest(t *testing.T) {
	w := newWorld(t)
	open := w.submit(named("payments-a"))
	rejected, withdrawn := w.submit(named("payments-b")), w.submit(named("payments-c"))
	newest := w.submit(named("payments-d"))
	if _, err := w.review(rejected.ID, olivia, workflow.VoteReject, "We do not need it."); err != nil {
		t.Fatal(err)
	}
	if _, err := w.service.Withdraw(t.Context(), dana, withdrawn.ID, ""); err != nil {
		t.Fatal(err)
	}
	view, err := w.service.Tenant(t.Context(), audrey, "payments")
	if err != nil {
		t.Fatal(err)
	}
	var order []int64
	for _, r := range view.Requests {
		order = append(order, r.ID)
	}
	same(t, "the order", []int64{newest.ID, open.ID, withdrawn.ID, rejected.ID}, order)
	if view.MayAsk || view.Commit == "" {
		t.Errorf("the auditor is shown %+v", view)
	}
}

func TestAHomeHoldsWhatWaitsForAPersonAndWhatTheyAskedFor(t *testing.T) {
	w := newWorld(t)
	mine := w.submit(named("payments-a"))
	theirs, err := w.service.Submit(t.Context(), oscar, workflow.Draft{Tenant: "payments", Change: named("payments-b")})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		who     workflow.Actor
		waiting []int64
		mine    []int64
		tenants []string
	}{
		"Dana, who asked":        {dana, nil, []int64{mine.ID}, []string{"payments"}},
		"Oscar, an owner, too":   {oscar, []int64{mine.ID}, []int64{theirs.ID}, []string{"payments"}},
		"Olivia, an owner":       {olivia, []int64{mine.ID, theirs.ID}, nil, []string{"payments"}},
		"Sam, who is not yet up": {sam, nil, nil, []string{"logistics", "payments"}},
		"Liam, of another":       {liam, nil, nil, []string{"logistics"}},
	} {
		t.Run(name, func(t *testing.T) {
			home, err := w.service.Home(t.Context(), test.who)
			if err != nil {
				t.Fatal(err)
			}
			numbers := func(requests []workflow.Request) (list []int64) {
				for _, r := range requests {
					list = append(list, r.ID)
				}
				return list
			}
			var tenants []string
			for _, tenancy := range home.Tenants {
				tenants = append(tenants, tenancy.Name)
			}
			same(t, "what waits", test.waiting, numbers(home.Waiting))
			same(t, "what was asked for", test.mine, numbers(home.Mine))
			same(t, "the tenants", test.tenants, tenants)
		})
	}
}

func TestAQueueBeginsWithWhatThePersonMayDecideTheLongestWaitingFirst(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"payments-a", "payments-b", "payments-c", "payments-d"} {
		w.submit(named(name))
	}
	w.approve(2, olivia)
	w.approve(4, olivia)
	queue, err := w.service.Queue(t.Context(), sam)
	if err != nil {
		t.Fatal(err)
	}
	var order []int64
	for _, item := range queue {
		order = append(order, item.Request.ID)
		if item.MayReview != (item.WhyNot == "") || item.MayReview != (item.Open.Stage.Role == workflow.RoleSecurity) {
			t.Errorf("request %d is shown as %+v", item.Request.ID, item)
		}
	}
	same(t, "the order", []int64{2, 4, 1, 3}, order)
}

func TestWhatADossierLetsAPersonDo(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	for name, test := range map[string]struct {
		who                workflow.Actor
		mayReview, mayEdit bool
	}{
		"Dana, who asked": {dana, false, true},
		"an owner":        {olivia, true, false},
		"security, later": {sam, false, false},
		"an auditor":      {audrey, false, false},
	} {
		dossier, err := w.service.Dossier(t.Context(), test.who, r.ID)
		if err != nil || dossier.MayReview != test.mayReview || dossier.MayEdit != test.mayEdit || (dossier.WhyNot == "") != test.mayReview {
			t.Errorf("%s is offered %+v, %v", name, dossier, err)
		}
		if len(dossier.Events) != 2 || dossier.Tenancy.Name != "payments" {
			t.Errorf("%s is shown %+v", name, dossier)
		}
	}
	w.approve(r.ID, olivia, sam)
	if dossier, err := w.service.Dossier(t.Context(), dana, r.ID); err != nil || dossier.MayEdit || dossier.MayReview || dossier.WhyNot != "" {
		t.Errorf("of an approved request Dana is offered %+v, %v", dossier, err)
	}
}

func TestAChangeIsReadBackAsItWasStored(t *testing.T) {
	data, err := json.Marshal(wanted())
	if err != nil {
		t.Fatal(err)
	}
	change, err := workflow.DecodeChange(workflow.KindNamespace, data)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what is read", workflow.Change(wanted()), change)
	if !slices.Contains(workflow.Kinds(), change.Kind()) || change.Title() != "Namespace payments-api-dev on weu-1" {
		t.Errorf("it is a %s titled %q", change.Kind(), change.Title())
	}
	for kind, text := range map[workflow.Kind]string{workflow.KindNamespace: `{"name":1}`, "everything": `{}`} {
		if change, err := workflow.DecodeChange(kind, []byte(text)); err == nil || change != nil {
			t.Errorf("%s of kind %s is taken for %+v", text, kind, change)
		}
	}
}
