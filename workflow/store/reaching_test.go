package store_test

import (
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"tenure.dev/migrations"
	"tenure.dev/workflow"
)

// reaching is a request that gives another tenant an end of an exception.
func reaching(tenant, peer string) workflow.Request {
	request := smallRequest(tenant)
	request.Plan = fullPlan()
	request.Plan.Others[0].Before.Name, request.Plan.Others[0].After.Name = peer, peer
	return request
}

func TestRequestsThatReachIntoATenantAreFoundWithItsOwn(t *testing.T) {
	cases := map[string]struct {
		filter workflow.RequestFilter
		want   []int64
	}{
		"its own only":                   {workflow.RequestFilter{Tenants: []string{"search"}}, []int64{3}},
		"its own and those that reach":   {workflow.RequestFilter{Tenants: []string{"search"}, Reaching: []string{"search"}}, []int64{3, 2}},
		"those that reach only":          {workflow.RequestFilter{Reaching: []string{"search"}}, []int64{2}},
		"reaching into several":          {workflow.RequestFilter{Reaching: []string{"search", "logistics"}}, []int64{4, 2}},
		"reaching into none":             {workflow.RequestFilter{Reaching: []string{}}, nil},
		"its own and reaching into none": {workflow.RequestFilter{Tenants: []string{"search"}, Reaching: []string{}}, []int64{3}},
		"one that stays within":          {workflow.RequestFilter{Reaching: []string{""}}, nil},
		"with a state":                   {workflow.RequestFilter{Tenants: []string{"search"}, Reaching: []string{"search"}, States: []workflow.State{workflow.StateRejected}}, []int64{2}},
	}
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		for i, request := range []workflow.Request{smallRequest("payments"), reaching("payments", "search"), smallRequest("search"), reaching("payments", "logistics")} {
			if i == 1 {
				request.State = workflow.StateRejected
			}
			create(t, s, request, submitted())
		}
		for name, c := range cases {
			requests, err := s.Requests(t.Context(), c.filter)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var ids []int64
			for _, request := range requests {
				ids = append(ids, request.ID)
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%s: got %v; want %v", name, ids, c.want)
			}
		}
	})
}

func TestARequestThatIsEditedReachesIntoWhatItsNewPlanSays(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		request := create(t, s, smallRequest("payments"), submitted())
		request.Plan = reaching("payments", "search").Plan
		if _, err := s.UpdateRequest(t.Context(), request, []workflow.Event{fullEvent()}); err != nil {
			t.Fatal(err)
		}
		found, err := s.Requests(t.Context(), workflow.RequestFilter{Reaching: []string{"search"}})
		if err != nil || len(found) != 1 {
			t.Errorf("found %d requests, %v; want the one", len(found), err)
		}
	})
}

func TestVotesFromBeforeThereWerePeersAreKept(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		goMigration, err := migrations.AppendOnly(db.dialect())
		if err != nil {
			t.Fatal(err)
		}
		provider, err := goose.NewProvider(db.dialect(), db.sql(t), migrations.FS, goose.WithGoMigrations(goMigration))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.UpTo(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		db.exec(t,
			`INSERT INTO requests (id, version, kind, tenant, state, requester_tid, requester_oid, requester_name, requester_username, change_json, plan_json, commit_id, reason, created_at, updated_at)
			VALUES (1, 1, 'namespace', 'payments', 'in-review', 't', 'o', 'Dana', 'dana', '{}', '{}', '', '', 0, 0)`,
			`INSERT INTO reviews (request, position, person_tid, person_oid, person_name, person_username, stage, vote, reason, digest, at, void)
			VALUES (1, 1, 't', 'p', 'Olga', 'olga', 'owner', 'approve', 'Fine.', 'sha256:01', 7, FALSE)`)
		request, err := db.migrated(t).Request(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(request.Reviews) != 1 || request.Reviews[0].Person.Name != "Olga" || request.Reviews[0].Reason != "Fine." {
			t.Errorf("the votes are %+v", request.Reviews)
		}
		_, err = db.sql(t).ExecContext(t.Context(), `INSERT INTO reviews (request, position, person_tid, person_oid, person_name, person_username, stage, vote, reason, digest, at, void)
			VALUES (1, 2, 't', 'p', 'Olga', 'olga', 'peer-owner', 'approve', '', 'sha256:01', 8, FALSE)`)
		if err == nil {
			t.Error("somebody has two votes")
		}
	})
}
