package workflow_test

import (
	"testing"

	"tenure.dev/workflow"
)

// bounded is a state whose policy has a quota that stays within half of the
// ceiling decided by an owner, and one within the ceiling by security.
func bounded() *workflow.ApprovedState {
	state := equipped()
	quota := []workflow.Kind{workflow.KindQuota}
	state.Policy.Reviews = []workflow.ReviewRule{
		{Kinds: quota, Environments: []string{"prod"}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}},
		{Kinds: quota, Within: workflow.WithinHalf, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}},
		{Kinds: quota, Within: workflow.WithinCeiling, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 1}}},
		{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}},
	}
	return state
}

func TestWhoMustAgreeToAQuotaFollowsFromWhatTheTenantStaysWithin(t *testing.T) {
	const half, whole = "every quota request that stays within half of the tenant's ceiling (reviews, entry 2)", "every quota request that stays within the tenant's ceiling (reviews, entry 3)"
	balancers := func(count string) func(*workflow.QuotaChange) {
		return func(c *workflow.QuotaChange) {
			c.CPU, c.Objects = "1", map[workflow.ObjectCount]string{workflow.CountLoadBalancers: count}
		}
	}
	for name, test := range map[string]struct {
		change      workflow.Change
		stages, why string
	}{
		"less":                         {quotaFor(func(c *workflow.QuotaChange) { c.CPU = "1" }), "owner=1", half},
		"exactly half":                 {quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Storage = "2000m", "21Gi" }), "owner=1", half},
		"a little more than half":      {quotaFor(func(c *workflow.QuotaChange) { c.CPU = "2001m" }), "security=1", whole},
		"more than half of the memory": {quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Memory = "1", "8193Mi" }), "security=1", whole},
		"more of the storage":          {quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Storage = "1", "111Gi" }), "security=1", whole},
		"more than half for a time":    {raiseFor(nil), "security=1", whole},
		"all of it":                    {quotaFor(func(c *workflow.QuotaChange) { c.CPU = "8" }), "security=1", whole},
		"in production":                {quotaFor(func(c *workflow.QuotaChange) { c.Namespace, c.CPU = "payments-shop", "1" }), "owner=1 security=2", "every quota request in prod (reviews, entry 1)"},
		"a load balancer":              {quotaFor(balancers("1")), "owner=1 security=1", "every request (reviews, entry 4)"},
		"a load balancer for a time":   {raiseFor(func(c *workflow.QuotaChange) { balancers("1")(c); c.CPU = "2" }), "owner=1 security=1", "entry 4"},
		"another kind":                 {accessFor(nil), "owner=1 security=1", "entry 4"},
		"an end":                       {workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api", Subject: group(2), Role: workflow.AccessEdit, Reason: "No more."}, "owner=1 security=1", "entry 4"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planned(t, planner(), bounded(), asked(test.change))
			same(t, "the stages", test.stages, stagesText(plan.Stages))
			mustHold(t, "why", plan.Because, test.why)
		})
	}
}

func TestLoadBalancersThatAreThereAlreadyAreNoneMore(t *testing.T) {
	state := bounded()
	state.Tenancies["payments"].Namespaces[1].Quota.Objects = map[workflow.ObjectCount]int64{workflow.CountLoadBalancers: 2}
	for count, want := range map[string]string{"2": "owner=1", "1": "owner=1", "": "owner=1", "3": "owner=1 security=1"} {
		plan := planned(t, planner(), state, asked(quotaFor(func(c *workflow.QuotaChange) {
			c.CPU, c.Objects = "1", map[workflow.ObjectCount]string{workflow.CountLoadBalancers: count}
		})))
		same(t, count+" load balancers", want, stagesText(plan.Stages))
	}
}

// No policy that was checked has such an entry.
func TestABoundFitsNoOtherKindThanQuota(t *testing.T) {
	state := bounded()
	state.Policy.Reviews[0] = workflow.ReviewRule{Within: workflow.WithinHalf, Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}}}
	same(t, "the stages of access", "owner=1 security=1", stagesText(planned(t, planner(), state, asked(accessFor(nil))).Stages))
}

// What is given in production needs production's stages, whatever its kind.
func TestTheEnvironmentOfTheNamespaceDecidesWhoMustAgree(t *testing.T) {
	state := equipped()
	state.Tenancies["payments"].Namespaces[2].Quota.Raise = raised("3", secondEnd)
	for name, change := range map[string]func(namespace string) workflow.Change{
		"quota":  func(n string) workflow.Change { return quotaFor(func(c *workflow.QuotaChange) { c.Namespace = n }) },
		"raise":  func(n string) workflow.Change { return raiseFor(func(c *workflow.QuotaChange) { c.Namespace = n }) },
		"access": func(n string) workflow.Change { return accessFor(func(c *workflow.AccessChange) { c.Namespace = n }) },
		"exemption": func(n string) workflow.Change {
			return exemptionFor(func(c *workflow.ExemptionChange) { c.Namespace = n })
		},
		"end of access": func(n string) workflow.Change {
			return workflow.RemovalChange{Cluster: "weu-1", Namespace: n, Subject: group(2), Role: workflow.AccessEdit, Reason: "No more."}
		},
	} {
		for namespace, want := range map[string]string{"payments-api": "owner=1 security=1", "payments-shop": "owner=1 security=2"} {
			same(t, name+" in "+namespace, want, stagesText(planned(t, planner(), state, asked(change(namespace))).Stages))
		}
	}
	same(t, "the end of a raise in production", "owner=1 security=2", stagesText(planned(t, planner(), state, asked(ending(50))).Stages))
}

func TestWhatIsWrongWithBoundsAndTermsInAPolicyIsSaidWithItsField(t *testing.T) {
	bound := func(rule workflow.ReviewRule) func(*workflow.Policy) {
		rule.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}
		return func(p *workflow.Policy) { p.Reviews = append([]workflow.ReviewRule{rule}, p.Reviews...) }
	}
	quota := []workflow.Kind{workflow.KindQuota}
	for name, test := range map[string]struct {
		change      func(*workflow.Policy)
		field, says string
	}{
		"within the ceiling":   {bound(workflow.ReviewRule{Kinds: quota, Within: workflow.WithinCeiling}), "", ""},
		"within half of it":    {bound(workflow.ReviewRule{Kinds: quota, Within: workflow.WithinHalf, Environments: []string{"dev"}}), "", ""},
		"within another bound": {bound(workflow.ReviewRule{Kinds: quota, Within: "third"}), "spec.reviews[0].within", `"third" is not one of ceiling or half`},
		"of another kind":      {bound(workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindAccess}, Within: workflow.WithinHalf}), "spec.reviews[0].within", "only requests of kind quota have a bound"},
		"of another kind, too": {bound(workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindQuota, workflow.KindAccess}, Within: workflow.WithinHalf}), "spec.reviews[0].within", "only requests of kind quota have a bound"},
		"of every kind":        {bound(workflow.ReviewRule{Within: workflow.WithinHalf}), "spec.reviews[0].within", "only requests of kind quota have a bound"},
		"as the last entry": {func(p *workflow.Policy) {
			p.Reviews = []workflow.ReviewRule{{Kinds: quota, Within: workflow.WithinCeiling, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}}}
		}, "spec.reviews", "the last entry must fit every request"},
		"days":                       {func(p *workflow.Policy) { p.Requests = limits(24*3600e9, 48*3600e9, 72*3600e9) }, "", ""},
		"too short an increase":      {func(p *workflow.Policy) { p.Requests = limits(3600e9, 0, 0) }, "spec.requests.quota.maxDuration", "1h0m0s is too short"},
		"too short an access":        {func(p *workflow.Policy) { p.Requests = limits(0, 24*3600e9-1, 0) }, "spec.requests.access.maxDuration", "is too short"},
		"too short an exemption":     {func(p *workflow.Policy) { p.Requests = limits(0, 0, -1) }, "spec.requests.exemption.maxDuration", "-1ns is too short"},
		"standing roles":             {standing("view", "edit", "admin"), "", ""},
		"a role that there is not":   {standing("view", "cluster-admin"), "spec.requests.access.standing[1]", `"cluster-admin" is not one of admin, edit or view`},
		"a standing role twice":      {standing("view", "view"), "spec.requests.access.standing[1]", `"view" stands twice`},
		"a size that counts":         {sized(map[workflow.ObjectCount]int64{"services": 5, "services.loadbalancers": 1}), "", ""},
		"a size that counts nothing": {sized(map[workflow.ObjectCount]int64{"nodes": 5}), "spec.sizes.small.objects", `"nodes" is nothing that a quota counts`},
		"a size with fewer than no":  {sized(map[workflow.ObjectCount]int64{"services": -5}), "spec.sizes.small.objects.services", "-5 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy()
			test.change(&p)
			saidOf(t, p.Check(), test.field, test.says)
		})
	}
}

func limits(quota, access, exemption workflow.Duration) workflow.RequestLimits {
	return workflow.RequestLimits{
		Quota: workflow.TermLimits{MaxDuration: quota}, Access: workflow.AccessLimits{MaxDuration: access}, Exemption: workflow.TermLimits{MaxDuration: exemption},
	}
}

func standing(roles ...workflow.AccessRole) func(*workflow.Policy) {
	return func(p *workflow.Policy) { p.Requests.Access.Standing = roles }
}

func sized(objects map[workflow.ObjectCount]int64) func(*workflow.Policy) {
	return func(p *workflow.Policy) {
		size := p.Sizes["small"]
		size.Objects = objects
		p.Sizes["small"] = size
	}
}

// What no ceiling bounds is decided by those who decide everything else: an
// increase that was agreed to for a time makes nothing lasting, and none longer.
func TestWhatNoCeilingBoundsIsWithinNone(t *testing.T) {
	for name, test := range map[string]struct {
		has  func(*workflow.Quota)
		asks workflow.Change
		want string
	}{
		"load balancers become lasting": {func(q *workflow.Quota) {
			q.Raise = raised("3", secondEnd)
			q.Raise.Objects = map[workflow.ObjectCount]int64{workflow.CountLoadBalancers: 5}
		}, quotaFor(func(c *workflow.QuotaChange) {
			c.CPU, c.Objects = "1", map[workflow.ObjectCount]string{workflow.CountLoadBalancers: "5"}
		}), "owner=1 security=1"},
		"load balancers for longer": {func(q *workflow.Quota) {
			q.Raise = raised("2", firstEnd)
			q.Raise.Objects = map[workflow.ObjectCount]int64{workflow.CountLoadBalancers: 5}
		}, raiseFor(func(c *workflow.QuotaChange) {
			c.CPU, c.Objects = "2", map[workflow.ObjectCount]string{workflow.CountLoadBalancers: "5"}
		}), "owner=1 security=1"},
		"a count that is dropped": {func(q *workflow.Quota) { q.Objects = map[workflow.ObjectCount]int64{workflow.CountSecrets: 5} },
			quotaFor(func(c *workflow.QuotaChange) { c.CPU = "1" }), "owner=1 security=1"},
		"a count that rises": {func(q *workflow.Quota) { q.Objects = map[workflow.ObjectCount]int64{workflow.CountSecrets: 5} },
			quotaFor(func(c *workflow.QuotaChange) {
				c.CPU, c.Objects = "1", map[workflow.ObjectCount]string{workflow.CountSecrets: "6"}
			}), "owner=1 security=1"},
		"a count that falls": {func(q *workflow.Quota) { q.Objects = map[workflow.ObjectCount]int64{workflow.CountSecrets: 5} },
			quotaFor(func(c *workflow.QuotaChange) {
				c.CPU, c.Objects = "1", map[workflow.ObjectCount]string{workflow.CountSecrets: "4"}
			}), "owner=1"},
		"very many pods": {func(*workflow.Quota) {},
			quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Pods = "1", "1000000" }), "owner=1 security=1"},
	} {
		t.Run(name, func(t *testing.T) {
			state := bounded()
			test.has(&state.Tenancies["payments"].Namespaces[1].Quota)
			plan := planned(t, planner(), state, asked(test.asks))
			same(t, "the stages", test.want, stagesText(plan.Stages))
		})
	}
}
