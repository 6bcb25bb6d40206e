package workflow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// The people of a team that has no tenant yet.
var (
	nora = workflow.Actor{Person: person(11, "Nora New"), Groups: []string{group(31)}}
	nils = workflow.Actor{Person: person(12, "Nils New"), Groups: []string{group(32)}}
	ari  = workflow.Actor{Person: person(13, "Ari Admin"), Roles: []workflow.Role{workflow.RoleAdmin}}
)

// newTeam is a change that nothing is wrong with, for a tenant shop.
func newTeam(change func(*workflow.TenantChange)) workflow.TenantChange {
	c := workflow.TenantChange{
		DisplayName: "The Shop", Owners: group(31), Members: group(32), Contact: "shop@example.com", CostCentre: "4711",
		CPU: "16", Memory: "64Gi", Storage: "500Gi", Namespaces: "6", Clusters: []string{"weu-1"},
		Repositories: []string{"https://git.example.com/shop/deploy"}, Reason: "We move the shop here.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// asPayments is a change of payments that changes nothing but what the test says.
func asPayments(change func(*workflow.TenantChange)) workflow.TenantChange {
	c := workflow.TenantChange{
		Existing: true, DisplayName: "Payments", Owners: group(1), Members: group(2), Contact: "payments@example.com", CostCentre: "0815",
		CPU: "12", Memory: "48Gi", Storage: "300Gi", Namespaces: "4", Clusters: []string{"neu-1", "weu-1"}, Reason: "It grows.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// grown is a state in which payments has a namespace on weu-1, with access for its
// owners, and says who it is.
func grown() *workflow.ApprovedState {
	state := approvedNow()
	tenancy := payments()
	tenancy.DisplayName, tenancy.Contact, tenancy.CostCentre = "Payments", "payments@example.com", "0815"
	n := held("payments-api", 3)
	n.Access = []workflow.Access{{Group: group(1), Role: workflow.AccessAdmin, Request: 3}}
	tenancy.Namespaces = []workflow.Namespace{n}
	state.Tenancies["payments"] = tenancy
	return state
}

// forTenant is Nora asking for a tenant, or for a change of one.
func forTenant(slug string, change workflow.TenantChange) workflow.Proposal {
	return workflow.Proposal{Request: 7, Tenant: slug, Change: change, RequestedBy: nora.ID, At: noon}
}

// wrongIn wants a field's message to contain a text.
func wrongIn(t *testing.T, err error, field, text string) {
	t.Helper()
	if found := messages(refused(t, err, workflow.Invalid).Fields); len(found) != 1 || !strings.Contains(found[field], text) {
		t.Errorf("it says %q, want of %s that %q", found, field, text)
	}
}

func TestANewTenantIsGivenAsItWasAskedForWithoutNamespaces(t *testing.T) {
	plan := planned(t, planner(), approvedNow(), forTenant("shop", newTeam(func(c *workflow.TenantChange) {
		c.Owners, c.Clusters = " "+strings.ToUpper(group(31)), []string{"weu-1", "neu-1", "weu-1"}
		c.Repositories = []string{"", "ssh://git@git.example.com/shop/web", " https://git.example.com/shop/deploy "}
	})))
	want := tenancy("shop", group(31), group(32))
	want.DisplayName, want.Contact, want.CostCentre, want.Request = "The Shop", "shop@example.com", "4711", 7
	want.Ceiling = workflow.Ceiling{CPU: amount("16"), Memory: amount("64Gi"), Storage: amount("500Gi"), Namespaces: 6}
	want.Repositories = []string{"https://git.example.com/shop/deploy", "ssh://git@git.example.com/shop/web"}
	same(t, "the tenancy", want, plan.After)
	same(t, "what was before", workflow.Tenancy{Name: "shop"}, plan.Before)
	var paths []string
	for _, f := range plan.Files {
		paths = append(paths, f.Path)
		if f.Before != nil {
			t.Errorf("%s is said to be there already", f.Path)
		}
	}
	same(t, "its files", []string{"approved/shop.yaml", "argocd/shop.yaml", "clusters/neu-1/shop/.gitkeep", "clusters/weu-1/shop/.gitkeep"}, paths)
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}}, plan.Stages)
	for _, want := range []string{
		`Makes The Shop a tenant, "shop": it may have namespaces on neu-1 and weu-1, whose names begin with "shop-".`,
		"All its namespaces together may have 16 CPU, 64Gi memory, 500Gi storage, in at most 6 namespaces.",
		"It is reached at shop@example.com, and cost centre 4711 pays.",
	} {
		if !slices.Contains(plan.Summary, want) {
			t.Errorf("the summary does not say %q: %q", want, plan.Summary)
		}
	}
}

func TestEachFieldOfATenantHasItsOwnMessage(t *testing.T) {
	for name, test := range map[string]struct {
		slug        string
		change      func(*workflow.TenantChange)
		field, says string
	}{
		"no slug":                      {"-", func(*workflow.TenantChange) {}, "tenant", "starts or ends with a hyphen"},
		"a slug with capitals":         {"Shop", nil, "tenant", "'S' cannot be in a name"},
		"a slug with a Cyrillic o":     {"sh\u043ep", nil, "tenant", "cannot be in a name"},
		"a long slug":                  {strings.Repeat("s", 31), nil, "tenant", "The slug has 31 characters; at most 30 are allowed."},
		"a slug that is taken":         {"logistics", nil, "tenant", `"logistics" is taken.`},
		"a slug that looks like one":   {"pay-rnents", nil, "tenant", "looks like the name of another tenant"},
		"a slug with a digit for an o": {"l0gistics", nil, "tenant", "looks like the name of another tenant"},
		"a reserved name":              {"payments-reserved", nil, "tenant", "is reserved for the platform (payments-reserved)"},
		"names that are all reserved":  {"istio", nil, "tenant", "is reserved for the platform (istio-*)"},
		"a namespace of the platform":  {"argocd", nil, "tenant", "is reserved for the platform (argocd)"},
		"no display name":              {"", func(c *workflow.TenantChange) { c.DisplayName = " " }, "displayName", "Say what people call the team"},
		"a long display name":          {"", func(c *workflow.TenantChange) { c.DisplayName = strings.Repeat("x", 101) }, "displayName", "at most 100"},
		"a name of two lines":          {"", func(c *workflow.TenantChange) { c.DisplayName = "The\nShop" }, "displayName", "U+000A"},
		"a name turned around":         {"", func(c *workflow.TenantChange) { c.DisplayName = "The \u202eShop" }, "displayName", "U+202E"},
		"a group by its name":          {"", func(c *workflow.TenantChange) { c.Owners = "shop-owners" }, "owners", "is not an object id"},
		"no members":                   {"", func(c *workflow.TenantChange) { c.Members = "" }, "members", "An object id is needed"},
		"one group for both":           {"", func(c *workflow.TenantChange) { c.Members = group(31) }, "members", "This is the owners' group."},
		"another tenant's owners":      {"", func(c *workflow.TenantChange) { c.Owners = group(3) }, "owners", "another tenant's already"},
		"another tenant's members":     {"", func(c *workflow.TenantChange) { c.Members = group(4) }, "members", "another tenant's already"},
		"a group with access to one":   {"", func(c *workflow.TenantChange) { c.Members = oncall }, "members", "another tenant's already"},
		"no contact":                   {"", func(c *workflow.TenantChange) { c.Contact = "" }, "contact", "Say where the team is reached"},
		"a script for a contact":       {"", func(c *workflow.TenantChange) { c.Contact = "javascript:x" }, "contact", "is not an e-mail address"},
		"no cost centre":               {"", func(c *workflow.TenantChange) { c.CostCentre = "" }, "costCentre", "Say which cost centre pays"},
		"a long cost centre":           {"", func(c *workflow.TenantChange) { c.CostCentre = strings.Repeat("4", 41) }, "costCentre", "at most 40"},
		"CPU in words":                 {"", func(c *workflow.TenantChange) { c.CPU = "16 cores" }, "cpu", `did you mean "16"?`},
		"no memory":                    {"", func(c *workflow.TenantChange) { c.Memory = "" }, "memory", "Say how much memory"},
		"storage with a space":         {"", func(c *workflow.TenantChange) { c.Storage = "1.5 TB" }, "storage", "did you mean"},
		"no namespaces":                {"", func(c *workflow.TenantChange) { c.Namespaces = "0" }, "namespaces", "0: a tenant may have from 1 to 10000 namespaces."},
		"half a namespace":             {"", func(c *workflow.TenantChange) { c.Namespaces = "2.5" }, "namespaces", "is not a whole number"},
		"no cluster":                   {"", func(c *workflow.TenantChange) { c.Clusters = nil }, "clusters", "at least one of neu-1 and weu-1"},
		"a cluster that is not there":  {"", func(c *workflow.TenantChange) { c.Clusters = []string{"weu-1", "moon-1"} }, "clusters", `There is no cluster "moon-1"`},
		"a repository with a wildcard": {"", func(c *workflow.TenantChange) { c.Repositories = []string{"", "https://git.example.com/*"} }, "repositories[1]", "A URL of a Git repository has letters"},
		"a repository with a password": {"", func(c *workflow.TenantChange) { c.Repositories = []string{"https://me:secret@git.example.com/x"} }, "repositories[0]", "credentials"},
		"a repository twice": {"", func(c *workflow.TenantChange) {
			c.Repositories = append(c.Repositories, "https://GIT.example.com/shop/deploy.git")
		}, "repositories[1]", "stands twice"},
		"the GitOps repository": {"", func(c *workflow.TenantChange) {
			c.Repositories = []string{"https://git.example.com/platform/GitOps.git"}
		}, "repositories[0]", "is the GitOps repository"},
		"too many repositories": {"", func(c *workflow.TenantChange) {
			for i := range 50 {
				c.Repositories = append(c.Repositories, "https://git.example.com/shop/"+group(i))
			}
		}, "repositories", "These are 51 repositories; at most 50 are allowed."},
		"no reason": {"", func(c *workflow.TenantChange) { c.Reason = "" }, "reason", "Reviewers read it first."},
	} {
		t.Run(name, func(t *testing.T) {
			state := approvedNow()
			holder := payments()
			n := held("payments-api", 3)
			n.Access = []workflow.Access{{Group: oncall, Role: workflow.AccessView, Request: 5}}
			holder.Namespaces = []workflow.Namespace{n}
			state.Tenancies["payments"] = holder
			if test.slug == "" {
				test.slug = "shop"
			}
			_, err := planner().Plan(t.Context(), state, forTenant(test.slug, newTeam(test.change)))
			wrongIn(t, err, test.field, test.says)
		})
	}
}

func TestEverythingWrongWithATenantIsSaidAtOnceInTheOrderOfItsForm(t *testing.T) {
	_, err := planner().Plan(t.Context(), approvedNow(), forTenant("", workflow.TenantChange{Repositories: []string{"x"}}))
	var fields []string
	for _, p := range refused(t, err, workflow.Invalid).Fields {
		fields = append(fields, p.Field)
	}
	same(t, "the fields", []string{"tenant", "displayName", "owners", "members", "contact", "costCentre", "cpu", "memory", "storage", "namespaces", "clusters", "repositories[0]", "reason"}, fields)
}

func TestAChangeOfATenantHoldsAgainstWhatItHas(t *testing.T) {
	for name, test := range map[string]struct {
		change      func(*workflow.TenantChange)
		field, says string
	}{
		"CPU below what is given":     {func(c *workflow.TenantChange) { c.CPU = "1" }, "cpu", "1 is below what payments's namespaces have already: 2 CPU."},
		"memory below it":             {func(c *workflow.TenantChange) { c.Memory = "8191Mi" }, "memory", "already: 8Gi memory."},
		"storage below it":            {func(c *workflow.TenantChange) { c.Storage = "0" }, "storage", "already: 20Gi storage."},
		"a cluster with a namespace":  {func(c *workflow.TenantChange) { c.Clusters = []string{"neu-1"} }, "clusters", "payments has namespaces on weu-1: payments-api."},
		"nothing":                     {nil, "reason", "Nothing of payments would change"},
		"another tenant's group":      {func(c *workflow.TenantChange) { c.Members = group(4) }, "members", "another tenant's already"},
		"a slug that says otherwise":  {func(c *workflow.TenantChange) { c.Existing = false }, "tenant", `"payments" is taken.`},
		"an amount that is not there": {func(c *workflow.TenantChange) { c.CPU = "" }, "cpu", "Say how much CPU"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := planner().Plan(t.Context(), grown(), forTenant("payments", asPayments(test.change)))
			problem := refused(t, err, workflow.Invalid)
			if found := messages(problem.Fields); !strings.Contains(found[test.field], test.says) {
				t.Errorf("it says %q, want of %s that %q", found, test.field, test.says)
			}
		})
	}
	exact := asPayments(func(c *workflow.TenantChange) {
		c.CPU, c.Memory, c.Storage, c.Namespaces, c.Clusters = "2", "8Gi", "20Gi", "1", []string{"weu-1"}
	})
	plan := planned(t, planner(), grown(), forTenant("payments", exact))
	same(t, "the namespaces", plan.Before.Namespaces, plan.After.Namespaces)
	for _, want := range []string{"Lowers the ceiling of payments in CPU from 12 to 2.", "Lowers the ceiling of payments in namespaces from 4 to 1.", "Takes from payments its place on neu-1."} {
		if !slices.Contains(plan.Summary, want) {
			t.Errorf("the summary does not say %q: %q", want, plan.Summary)
		}
	}
	if plan.After.Request != 0 {
		t.Errorf("the tenant is said to be given by request %d", plan.After.Request)
	}
}

// finding gives the message of the finding with a label; empty where there is none.
func finding(plan workflow.Plan, label string) string {
	for _, f := range plan.Findings {
		if f.Label == label {
			return string(f.Severity) + ": " + f.Message
		}
	}
	return ""
}

func TestAReviewerIsToldWhoGainsAndWhoLosesByOtherGroups(t *testing.T) {
	plan := planned(t, planner(), grown(), forTenant("payments", asPayments(func(c *workflow.TenantChange) {
		c.Owners, c.CPU = group(31), "200"
		c.Repositories = []string{"https://git.example.com/else/where"}
	})))
	for label, want := range map[string]string{
		"other owners":  "danger: Other people become payments's owners: the group " + group(31) + " can ask for things, agree to what others ask for, and administer what the tenant gets from now on. The group " + group(1) + " loses that. Access that it was given in payments-api stays until it is ended.",
		"not looked up": "warning: Nobody can be looked up here",
		"large ceiling": "warning: The ceiling in CPU, 200, is 25 times what the policy's largest size gives a namespace, 8.",
		"repositories":  "warning: Whoever can write to https://git.example.com/else/where can deploy into payments's namespaces.",
		"other members": "",
		"outsider":      "",
	} {
		if got := finding(plan, label); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("of %q it says %q, want %q", label, got, want)
		}
	}
}

func TestANameThatBeginsAsAnotherTenantsIsToldToReviewers(t *testing.T) {
	for slug, want := range map[string]bool{"payments-eu": true, "pay": false, "logi": false, "shop": false} {
		plan := planned(t, planner(), approvedNow(), forTenant(slug, newTeam(nil)))
		if got := finding(plan, "shared names"); (got != "") != want || strings.Contains(got, `"payments"`) {
			t.Errorf("of %s it says %q", slug, got)
		}
	}
}

// newcomers is a directory that knows the groups of the new team, too.
func newcomers() accounts {
	directory := known()
	directory.people[group(31)] = []workflow.Account{account(nora, "nora@contoso.example")}
	directory.people[group(32)] = []workflow.Account{account(nora, "nora@contoso.example"), account(nils, "nils@contoso.example")}
	directory.names[group(31)], directory.names[group(32)] = "shop-owners", "shop-\u200bteam"
	return directory
}

func TestTheGroupsOfATenantAreLookedUpWhereSomebodyCan(t *testing.T) {
	plan := planned(t, lookingUp(newcomers()), approvedNow(), forTenant("shop", newTeam(nil)))
	for _, want := range []string{
		`Its owners, who agree to what it asks for, are the group "shop-owners" (` + group(31) + `, 1 person).`,
		"Its members, who ask for things and edit in its namespaces, are the group " + group(32) + " (2 people).", // its name cannot be shown
	} {
		if !slices.Contains(plan.Summary, want) {
			t.Errorf("the summary does not say %q: %q", want, plan.Summary)
		}
	}
	if got := finding(plan, "not looked up") + finding(plan, "outsider") + finding(plan, "empty group"); got != "" {
		t.Errorf("it finds %q", got)
	}
	asked := forTenant("shop", newTeam(func(c *workflow.TenantChange) { c.Members = empty }))
	asked.RequestedBy = dana.ID
	plan = planned(t, lookingUp(newcomers()), approvedNow(), asked)
	if finding(plan, "outsider") == "" || finding(plan, "empty group") == "" {
		t.Errorf("it finds only %+v", plan.Findings)
	}

	_, err := lookingUp(newcomers()).Plan(t.Context(), approvedNow(), forTenant("shop", newTeam(func(c *workflow.TenantChange) { c.Owners = group(99) })))
	wrongIn(t, err, "owners", "The directory has no group "+group(99))
	_, err = lookingUp(newcomers()).Plan(t.Context(), approvedNow(), forTenant("shop", newTeam(func(c *workflow.TenantChange) { c.Owners, c.CPU = group(99), "" })))
	if found := messages(refused(t, err, workflow.Invalid).Fields); len(found) != 2 || found["cpu"] == "" {
		t.Errorf("it says %q", found)
	}
	away := newcomers()
	away.err = errors.New("dial tcp: connection refused")
	_, err = lookingUp(away).Plan(t.Context(), approvedNow(), forTenant("shop", newTeam(nil)))
	refused(t, err, workflow.Unavailable)

	// A group that the directory has lost keeps nobody from changing something else.
	lost := newcomers()
	delete(lost.people, group(1))
	planned(t, lookingUp(lost), grown(), forTenant("payments", asPayments(func(c *workflow.TenantChange) { c.CPU = "14" })))
}

func TestWhoDecidesATenantFollowsFromEntriesThatNameItAndFromNoOthers(t *testing.T) {
	admins := func(n int) []workflow.Stage { return []workflow.Stage{{Role: workflow.RoleAdmin, Needed: n}} }
	for name, test := range map[string]struct {
		reviews []workflow.ReviewRule
		want    []workflow.Stage
	}{
		"none names it": {[]workflow.ReviewRule{{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}}}, admins(1)},
		"one does":      {[]workflow.ReviewRule{{Kinds: []workflow.Kind{workflow.KindTenant}, Stages: admins(2)}, {Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}}}, admins(2)},
		"another kind":  {[]workflow.ReviewRule{{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: admins(2)}, {Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}}}, admins(1)},
	} {
		state := grown()
		state.Policy.Reviews = test.reviews
		state.Policy.Reviewers[workflow.RoleAdmin] = registered(ada, ari)
		for slug, change := range map[string]workflow.TenantChange{"shop": newTeam(nil), "payments": asPayments(func(c *workflow.TenantChange) { c.CPU = "14" })} {
			same(t, name+", "+slug, test.want, planned(t, planner(), state, forTenant(slug, change)).Stages)
		}
	}
}

func TestAnEntryForTenantsOrPoliciesHasAdminsAndNoOwners(t *testing.T) {
	admin, owner := workflow.Stage{Role: workflow.RoleAdmin, Needed: 1}, workflow.Stage{Role: workflow.RoleOwner, Needed: 1}
	for name, test := range map[string]struct {
		rule workflow.ReviewRule
		says string
	}{
		"admins":          {workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindTenant}, Stages: []workflow.Stage{admin}}, ""},
		"no admins":       {workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindTenant}, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 1}}}, "a stage of admins is needed"},
		"owners, too":     {workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: []workflow.Stage{owner, admin}}, "there is no stage of owners"},
		"with others":     {workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindQuota, workflow.KindTenant}, Stages: []workflow.Stage{owner}}, "a stage of admins is needed"},
		"in environments": {workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindTenant}, Environments: []string{"prod"}, Stages: []workflow.Stage{admin}}, "are in no environment"},
	} {
		p := policy()
		p.Reviews = append([]workflow.ReviewRule{test.rule}, p.Reviews...)
		var all string
		for _, problem := range append(p.Check(), p.CheckNew()...) {
			all += problem.Field + ": " + problem.Message + "\n"
		}
		if test.says == "" && all != "" || !strings.Contains(all, test.says) || test.says != "" && !strings.Contains(all, "spec.reviews[0]") {
			t.Errorf("%s: it says %q, want %q", name, all, test.says)
		}
	}
}

func TestListsThatAreFarTooLongAreNotComparedEntryByEntry(t *testing.T) {
	many := make([]string, 40_000)
	for i := range many {
		many[i] = fmt.Sprintf("https://git.example.com/shop/%d", i)
	}
	_, err := planner().Plan(t.Context(), grown(), forTenant("shop", newTeam(func(c *workflow.TenantChange) { c.Repositories = many })))
	wrongIn(t, err, "repositories", "These are 40000 repositories; at most 50 are allowed.")
	_, err = planner().Plan(t.Context(), grown(), forTenant("shop", newTeam(func(c *workflow.TenantChange) { c.Clusters = many })))
	wrongIn(t, err, "clusters", "These are 40000 clusters; at most 100 can be named.")
}
