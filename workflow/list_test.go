package workflow_test

import (
	"testing"

	"tenure.dev/workflow"
)

func TestRequestsAreListedForThoseWhoseBusinessTheyAre(t *testing.T) {
	w := newWorld(t)
	w.submit(wanted())
	second := wanted()
	second.Name = "payments-web-dev"
	w.submit(second)
	for name, test := range map[string]struct {
		by     workflow.Actor
		filter workflow.RequestFilter
		want   []int64
	}{
		"a member":                    {dana, workflow.RequestFilter{}, []int64{2, 1}},
		"security":                    {sam, workflow.RequestFilter{}, []int64{2, 1}},
		"security, of a tenant":       {sam, workflow.RequestFilter{Tenants: []string{"payments"}}, []int64{2, 1}},
		"security, of another tenant": {sam, workflow.RequestFilter{Tenants: []string{"logistics"}}, nil},
		"security, of a tenant that there is not":  {sam, workflow.RequestFilter{Tenants: []string{"mars"}}, nil},
		"security, of no tenant":                   {sam, workflow.RequestFilter{Tenants: []string{}}, nil},
		"another tenant's member":                  {liam, workflow.RequestFilter{}, nil},
		"another tenant's member, by its name":     {liam, workflow.RequestFilter{Tenants: []string{"payments"}}, nil},
		"another tenant's, saying that it reaches": {liam, workflow.RequestFilter{Tenants: []string{"payments"}, Reaching: []string{"payments"}}, nil},
		"somebody else's":                          {dana, workflow.RequestFilter{RequestedBy: olivia.ID}, nil},
		"those before":                             {dana, workflow.RequestFilter{Before: 2}, []int64{1}},
		"nobody":                                   {workflow.Actor{}, workflow.RequestFilter{}, nil},
	} {
		requests, err := w.service.Requests(t.Context(), test.by, test.filter)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, r := range requests {
			ids = append(ids, r.ID)
		}
		same(t, name, test.want, ids)
	}
	for name, test := range map[string]struct {
		by   workflow.Actor
		want []string
	}{
		"a member": {dana, []string{"payments"}}, "an auditor": {audrey, []string{"logistics", "payments"}}, "nobody": {workflow.Actor{}, nil},
	} {
		tenants, err := w.service.Tenants(t.Context(), test.by)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tenancy := range tenants {
			names = append(names, tenancy.Name)
		}
		same(t, name, test.want, names)
	}
}

func TestAnEditOfAnOlderVersionStoresNothing(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	if _, err := w.review(r.ID, olivia, workflow.VoteChanges, "Smaller."); err != nil {
		t.Fatal(err)
	}
	version := w.request(r.ID).Version
	edited := wanted()
	edited.Purpose = "Another."
	for _, old := range []int64{version - 1, version + 1} {
		_, err := w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: edited, Version: old})
		refused(t, err, workflow.Conflict)
	}
	same(t, "the request", w.request(r.ID).Change, workflow.Change(wanted()))
	if _, err := w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: edited, Version: version}); err != nil {
		t.Fatal(err)
	}
}

func TestAListedRequestShowsTheOtherTenantsOwnersNoMoreThanItsPageDoes(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	for _, by := range []workflow.Actor{lena, dana, audrey} {
		requests, err := w.service.Requests(t.Context(), by, workflow.RequestFilter{})
		if err != nil || len(requests) != 1 {
			t.Fatalf("%s lists %+v (%v)", by.Name, requests, err)
		}
		dossier, err := w.service.Dossier(t.Context(), by, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the request as listed to "+by.Name, dossier.Request.Plan.Before, requests[0].Plan.Before)
	}
}
