package api_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

// orders is the draft of a tenant that nothing is wrong with.
func orders(changes object) object {
	change := object{
		"displayName": "Orders", "owners": group(5), "members": group(6), "contact": "orders@contoso.example", "costCentre": "CC-4711",
		"cpu": "16", "memory": "64Gi", "storage": "500Gi", "namespaces": "6", "clusters": []string{"weu-1"},
		"repositories": []string{"https://git.contoso.example/orders/deploy"}, "reason": "The order service moves here.",
	}
	for name, value := range changes {
		change[name] = value
	}
	return object{"kind": "tenant", "tenant": "orders", "change": change}
}

func TestAnybodyAsksForATenantAndAnAdminDecides(t *testing.T) {
	w := newWorld(t)
	var plan api.Plan
	w.post("nobody-much", "/plans", orders(nil)).into(200, &plan)
	if len(plan.Stages) != 1 || plan.Stages[0].Role != workflow.RoleAdmin || len(plan.Files) == 0 || plan.Files[0].Path != "approved/orders.yaml" || plan.Files[0].Before != nil {
		t.Errorf("plan %+v", plan)
	}
	w.post("pipeline", "/plans", orders(object{"owners": group(7)})).into(200, &plan)
	var request detail
	w.post("nobody-much", "/requests", orders(nil)).into(201, &request)
	if request.Tenant != "orders" || request.Kind != workflow.KindTenant || request.Change["costCentre"] != "CC-4711" {
		t.Errorf("%+v", request)
	}
	w.get("dana", "/requests/1").refused(404)
	w.get("nobody-much", "/tenants/orders").refused(404)
	vote := object{"vote": "approve", "digest": string(w.detail("ada", 1).Plan.Digest)}
	w.post("nobody-much", "/requests/1/reviews", vote).refused(403)
	w.post("ada", "/requests/1/reviews", vote).into(200, &request)
	if request.State != workflow.StateApproved {
		t.Errorf("after the vote %+v", request)
	}
}

func TestWhatIsWrongWithATenantIsNamedWhereItStands(t *testing.T) {
	w := newWorld(t)
	w.post("nobody-much", "/requests", orders(object{
		"displayName": "", "owners": "orders-owners", "members": "x", "contact": "x", "costCentre": "", "cpu": "x", "memory": "x", "storage": "x", "namespaces": "0",
		"clusters": []string{"mars"}, "repositories": []string{"https://git.contoso.example/a", "http://x"}, "reason": "",
	})).refused(422, "change.displayName", "change.owners", "change.members", "change.contact", "change.costCentre", "change.cpu", "change.memory", "change.storage",
		"change.namespaces", "change.clusters", "change.repositories[1]", "change.reason")
	taken := orders(nil)
	taken["tenant"] = "payments"
	w.post("nobody-much", "/plans", taken).refused(422, "tenant")
	w.post("nobody-much", "/plans", orders(object{"existing": true})).refused(422, "tenant")
	w.post("nobody-much", "/plans", orders(object{"clusters": "weu-1"})).refused(422, "change.clusters")
	w.post("nobody-much", "/plans", orders(object{"found": object{}})).refused(422, "change.found")
}

func TestATenantsOwnPeopleAndAdminsChangeIt(t *testing.T) {
	w := newWorld(t)
	change := orders(object{"displayName": "The payments", "owners": group(1), "members": group(2), "cpu": "64", "memory": "128Gi", "storage": "1Ti", "namespaces": "12",
		"clusters": []string{"neu-1", "weu-1"}, "existing": true})
	change["tenant"] = "payments"
	for as, may := range map[string]bool{"dana": true, "olivia": true, "ada": true, "pipeline": true, "max": false, "sam": false, "audrey": false} {
		if got := w.post(as, "/plans", change); (got.status == 200) != may {
			t.Errorf("%s: status %d: %s", as, got.status, got.body)
		}
		var tenant api.Tenant
		if answer := w.get(as, "/tenants/payments"); answer.status == 200 {
			if answer.into(200, &tenant); tenant.MayChange != may {
				t.Errorf("%s: it says that they may change it: %v", as, tenant.MayChange)
			}
		}
	}
	leave := object{"kind": "removal", "tenant": "payments", "change": object{"tenant": true, "confirmation": "payments", "reason": "Over."}}
	if problem := w.post("ada", "/requests", leave).problem(422); !strings.Contains(problem.Fields[0].Message, "payments-api-dev") {
		t.Errorf("of a tenant that is not empty it says %+v", problem)
	}
	empty := w.repository.state.Tenancies["payments"]
	empty.Namespaces, empty.Contact, empty.CostCentre, empty.Request = nil, "payments@contoso.example", "CC-1", 9
	w.repository.state.Tenancies["payments"] = empty
	var tenant api.Tenant
	w.get("dana", "/tenants/payments").into(200, &tenant)
	if tenant.Contact != "payments@contoso.example" || tenant.CostCentre != "CC-1" || tenant.Request != 9 {
		t.Errorf("%+v", tenant)
	}
	w.post("max", "/requests", leave).refused(422, "tenant")
	w.post("ada", "/requests", leave).into(201, &detail{})
}

// groups is a directory that has them.
type groups struct {
	workflow.Accounts
	named []workflow.DirectoryGroup
	away  error
}

func (g groups) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	return slices.DeleteFunc(slices.Clone(g.named), func(d workflow.DirectoryGroup) bool { return !strings.HasPrefix(d.Name, text) }), g.away
}

func TestGroupsAreFoundByTheirNames(t *testing.T) {
	w := newWorld(t)
	var found api.Groups
	if w.get("nobody-much", "/groups?name=orders").into(200, &found); found.Known || len(found.Groups) != 0 {
		t.Errorf("without a directory %+v", found)
	}
	directory := groups{named: []workflow.DirectoryGroup{{ID: group(5), Name: "orders-owners"}, {ID: group(1), Name: "payments-owners"}}}
	w.service.Accounts = directory
	if w.get("nobody-much", "/groups?name=orders").into(200, &found); !found.Known || len(found.Groups) != 1 || found.Groups[0] != (api.Account{ID: group(5), Name: "orders-owners"}) {
		t.Errorf("found %+v", found)
	}
	w.get("nobody-much", "/groups").refused(400, "name")
	w.get("", "/groups?name=orders").problem(401)
	directory.away = errors.New("dial tcp 10.0.0.1: no route")
	w.service.Accounts = directory
	if problem := w.get("nobody-much", "/groups?name=orders").problem(503); strings.Contains(problem.Detail, "10.0.0.1") {
		t.Errorf("it says %q", problem.Detail)
	}
}
