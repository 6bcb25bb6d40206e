package admission

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// People and groups with access of their own in grantState.
const (
	guest  = "5b5b0000-0000-4000-8000-000000000001"
	onCall = "66dd0000-0000-4000-8000-000000000001"
)

// grantState gives testSpace a temporary increase, request 91, access for a time to
// a person, request 92, and to a group, request 93, and standing access to a person,
// request 94. All that ends does so at grantedUntil.
func grantState(state *workflow.ApprovedState) {
	namespace := &state.Tenancies["payments"].Namespaces[1]
	namespace.Quota.Objects = map[workflow.ObjectCount]int64{workflow.CountServices: 5, workflow.CountSecrets: 40, workflow.CountJobs: 7}
	namespace.Quota.Raise = &workflow.QuotaRaise{
		CPU: resource.MustParse("16"), Memory: resource.MustParse("32Gi"), Storage: resource.MustParse("50Gi"), Pods: 80,
		Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 10, workflow.CountLoadBalancers: 1, workflow.CountJobs: 7},
		Until:   grantedUntil, Request: 91,
	}
	namespace.Access = append(namespace.Access,
		workflow.Access{Person: guest, User: guest, Role: workflow.AccessAdmin, Until: grantedUntil, Request: 92},
		workflow.Access{Group: onCall, Role: workflow.AccessEdit, Until: grantedUntil, Request: 93},
		workflow.Access{Person: "5a5a0000-0000-4000-8000-000000000001", User: developer, Role: workflow.AccessView, Request: 94},
	)
}

// hardOf is a copy of a quota with some amounts changed; nil takes one away.
func hardOf(t *testing.T, quota tree, changes map[string]any) tree {
	t.Helper()
	changed := clone(t, quota)
	for name, amount := range changes {
		if set(changed, amount, "spec", "hard", name); amount == nil {
			delete(at(changed, "spec", "hard").(tree), name)
		}
	}
	return changed
}

func TestAQuotaIncreaseIsGivenUntilItsEndAndNoLonger(t *testing.T) {
	snapshot := testSnapshot(t, grantState)
	raised := live(t, approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"])
	lasting := live(t, approvedObjects(t, testSnapshot(t, grantState, func(state *workflow.ApprovedState) {
		state.Tenancies["payments"] = state.Tenancies["payments"].WithoutGrants(91)
	}), testSpace)["ResourceQuota/tenure"])
	again := clone(t, raised)
	set(again, "12346", "metadata", "resourceVersion")
	set(again, "2026-07-03T00:00:00Z", "metadata", "annotations", "tenure.dev/until")
	for name, c := range map[string]struct {
		user           string
		before, now    tree
		during, beyond bool // whether it is let in before the end, and from it on
	}{
		"the increased amounts, made anew":      {gitOps, nil, raised, true, false},
		"the lasting amounts, made anew":        {gitOps, nil, lasting, true, true},
		"the increased amounts, applied again":  {gitOps, raised, raised, true, true},
		"the same, as another revision says it": {gitOps, raised, again, true, true},
		"a controller's write":                  {developer, raised, raised, true, true},
		"the commit of the end":                 {gitOps, raised, lasting, true, true},
		"half of the way back":                  {gitOps, raised, hardOf(t, raised, map[string]any{"limits.cpu": "8", "secrets": "40"}), true, true},
		"something between, while raised":       {gitOps, raised, hardOf(t, raised, map[string]any{"limits.cpu": "12"}), true, true},
		"an older revision":                     {gitOps, lasting, raised, true, false},
		"something between":                     {gitOps, lasting, hardOf(t, lasting, map[string]any{"limits.cpu": "8001m"}), true, false},
		"a load balancer":                       {gitOps, lasting, hardOf(t, lasting, map[string]any{"services.loadbalancers": "1"}), true, false},
		"Secrets no longer counted":             {gitOps, lasting, hardOf(t, lasting, map[string]any{"secrets": nil}), true, false},
		"less than lasting":                     {gitOps, lasting, hardOf(t, lasting, map[string]any{"pods": "1"}), true, true},
		"a repair to the lasting amounts":       {gitOps, hardOf(t, raised, map[string]any{"pods": "9000"}), lasting, true, true},
		"a repair to the increased amounts":     {gitOps, hardOf(t, lasting, map[string]any{"pods": "9000"}), raised, true, false},
		"more than the increase":                {gitOps, raised, hardOf(t, raised, map[string]any{"limits.cpu": "16001m"}), false, false},
		"Jobs no longer counted":                {gitOps, raised, hardOf(t, raised, map[string]any{"count/jobs.batch": nil}), false, false},
		"node ports":                            {gitOps, raised, hardOf(t, raised, map[string]any{"services.nodeports": "1"}), false, false},
		"its deletion":                          {gitOps, raised, nil, false, false},
		"the lasting amounts, by others":        {developer, raised, lasting, false, false},
	} {
		for moment, m := range moments {
			want := c.beyond
			if m.given {
				want = c.during
			}
			if decision := Evaluate(snapshot, judgedAt(m.at, write(t, c.user, c.before, c.now))); decision.Allowed != want {
				t.Errorf("%s, %s: allowed is %v:\n%s", name, moment, decision.Allowed, DenialText(decision.Violations))
			}
		}
	}
	for moment, request := range map[time.Time]int64{grantedUntil.Add(-1): 91, grantedUntil: 57} {
		if decision := Evaluate(snapshot, judgedAt(moment, write(t, gitOps, raised, lasting))); decision.Request != request {
			t.Errorf("at %s the quota rests on request %d, not on %d", moment, decision.Request, request)
		}
	}
}

func TestADenialAfterTheEndOfAnIncreaseSaysWhatHoldsNowAndWhatEnded(t *testing.T) {
	snapshot := testSnapshot(t, grantState)
	raised := approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"]
	delete(at(raised, "spec", "hard").(tree), "pods")
	set(raised, []any{"BestEffort"}, "spec", "scopes")
	text := expectRefused(t, snapshot, judgedAt(grantedUntil, write(t, gitOps, nil, raised)), "governed")
	for _, want := range []string{
		`spec.hard[limits.cpu] "16": approved is 8; what request 91 gave ended at 2026-07-02T12:00:00Z.`,
		`spec.hard[pods]: approved is a limit of 60; what request 91 gave ended at 2026-07-02T12:00:00Z.`,
		`spec.hard[secrets]: approved is a limit of 40; what request 91 gave ended at 2026-07-02T12:00:00Z.`,
		`spec.scopes: this is not what was approved.`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the denial does not say %q:\n%s", want, text)
		}
	}
	set(raised, "17", "spec", "hard", "limits.cpu")
	if text := expectRefused(t, snapshot, write(t, gitOps, nil, raised), "governed"); !strings.Contains(text, `"17": approved is 16. `) || strings.Contains(text, "ended") {
		t.Errorf("before the end the denial is\n%s", text)
	}
}

func TestAccessIsGivenUntilItsEndAndNoLonger(t *testing.T) {
	snapshot := testSnapshot(t, grantState)
	objects := approvedObjects(t, snapshot, testSpace)
	for key, ends := range map[string]bool{
		"RoleBinding/tenure-admin-person-5b5b0000-0000": true,
		"RoleBinding/tenure-edit-66dd0000-0000":         true,
		"RoleBinding/tenure-view-person-5a5a0000-0000":  false,
		"RoleBinding/tenure-edit-77de0000-0000":         false,
	} {
		if objects[key] == nil {
			t.Fatalf("%s was not rendered", key)
		}
		kept := live(t, objects[key])
		wider, nobody, other, later := clone(t, kept), clone(t, kept), clone(t, kept), clone(t, kept)
		wider["subjects"] = append(wider["subjects"].([]any), tree{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"})
		nobody["subjects"] = []any{}
		set(other, "Group", "subjects", 0, "kind")
		set(other, "eve", "subjects", 0, "name")
		set(later, "2027-01-01T00:00:00Z", "metadata", "annotations", "tenure.dev/until")
		for moment, m := range moments {
			given := m.given || !ends
			for what, c := range map[string]struct {
				user        string
				before, now tree
				allowed     bool
			}{
				"creation":                  {gitOps, nil, kept, given},
				"creation by others":        {developer, nil, kept, false},
				"writing again":             {developer, kept, kept, true},
				"applying again":            {gitOps, kept, kept, true},
				"with a later end":          {gitOps, kept, later, true}, // it is the approved state that says until when
				"another subject":           {gitOps, kept, other, false},
				"one more subject":          {gitOps, kept, wider, false},
				"a foreign subject taken":   {gitOps, wider, kept, true},
				"nobody":                    {gitOps, kept, nobody, true},
				"bringing the subject back": {gitOps, nobody, kept, given},
				"deletion":                  {gitOps, kept, nil, true},
				"deletion by others":        {developer, kept, nil, false},
			} {
				if decision := Evaluate(snapshot, judgedAt(m.at, write(t, c.user, c.before, c.now))); decision.Allowed != c.allowed {
					t.Errorf("%s of %s, %s: allowed is %v:\n%s", what, key, moment, decision.Allowed, DenialText(decision.Violations))
				}
			}
		}
	}
}

func TestADenialAfterTheEndOfAccessSaysThatItEnded(t *testing.T) {
	snapshot := testSnapshot(t, grantState)
	binding := approvedObjects(t, snapshot, testSpace)["RoleBinding/tenure-admin-person-5b5b0000-0000"]
	if text := expectRefused(t, snapshot, judgedAt(grantedUntil, write(t, gitOps, nil, binding)), "governed"); !strings.Contains(text, "what request 92 gave ended at 2026-07-02T12:00:00Z.") {
		t.Errorf("the denial is\n%s", text)
	}
	wider := live(t, binding)
	wider["subjects"] = append(wider["subjects"].([]any), tree{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"})
	if text := expectRefused(t, snapshot, judgedAt(grantedUntil, write(t, gitOps, live(t, binding), wider)), "governed"); !strings.Contains(text,
		`subjects[1] "eve": what request 92 gave ended at 2026-07-02T12:00:00Z; as long as it is there, it can only grant less.`) {
		t.Errorf("the denial is\n%s", text)
	}
	for request, key := range map[int64]string{92: "RoleBinding/tenure-admin-person-5b5b0000-0000", 93: "RoleBinding/tenure-edit-66dd0000-0000", 94: "RoleBinding/tenure-view-person-5a5a0000-0000", 42: "RoleBinding/tenure-edit-77de0000-0000"} {
		if decision := Evaluate(snapshot, write(t, gitOps, nil, approvedObjects(t, snapshot, testSpace)[key])); decision.Request != request {
			t.Errorf("%s rests on request %d, not on %d", key, decision.Request, request)
		}
	}
}

func TestAPersonWithAccessIsOfTheTenantWhereClusterAdminIsGiven(t *testing.T) {
	snapshot := testSnapshot(t, grantState)
	for name, tenants := range map[string]bool{
		developer: true, strings.ToUpper(developer): true, guest: true, "5a5a0000-0000-4000-8000-000000000001": true,
		"eve@contoso.example": false, clusterAdmin: false, onCall: false,
	} {
		request := write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "cluster-admin", subjectOf("User", "", name)))
		if !tenants {
			expectAllowed(t, snapshot, request)
			continue
		}
		if text := expectRefused(t, snapshot, request, "rbac-cluster-admin"); !strings.Contains(text, "this User is of tenant payments") {
			t.Errorf("the denial is\n%s", text)
		}
		expectAllowed(t, snapshot, write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "cluster-admin", subjectOf("Group", "", name))))
	}
}

func TestAPersonOfTwoTenantsIsOfTheFirstByName(t *testing.T) {
	both := func(state *workflow.ApprovedState) {
		grantState(state)
		state.Tenancies["search"].Namespaces[0].Access = state.Tenancies["payments"].Namespaces[1].Access
	}
	for range 10 { // maps have no order
		request := write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "cluster-admin", subjectOf("User", "", developer)))
		if text := expectRefused(t, testSnapshot(t, both), request, "rbac-cluster-admin"); !strings.Contains(text, "of tenant payments") {
			t.Errorf("the denial is\n%s", text)
		}
	}
}
