package workflow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestSeveralNamespacesAreGivenTogether(t *testing.T) {
	state := catalogued()
	change := threeOf(func(c *workflow.NamespaceChange) {
		c.Access = []workflow.AskedAccess{{Group: strings.ToUpper(oncall), Role: workflow.AccessView}}
		c.Registries, c.Hosts = []string{"quay", "docker-official"}, []string{"Pay.example.com", "app.example.com"}
		own("1500m", "2Gi", "0", "7")(&c.Also[1])
	})
	after, problems := change.Apply(state, state.Tenancies["payments"], 7)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	given := func(name, environment string, quota workflow.Quota, hosts ...string) workflow.Namespace {
		return workflow.Namespace{
			Name: name, Cluster: "weu-1", Environment: environment, PodSecurity: workflow.LevelRestricted, Purpose: "The API's development.",
			Classification: "confidential", Registries: []string{"docker-official", "quay"}, Hosts: hosts, Request: 7, Quota: quota,
			Access: []workflow.Access{
				{Group: group(2), Role: workflow.AccessEdit, Request: 7}, {Group: group(1), Role: workflow.AccessAdmin, Request: 7},
				{Group: oncall, Role: workflow.AccessView, Request: 7},
			},
		}
	}
	small := workflow.Quota{CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20, Request: 7}
	want := catalogued().Tenancies["payments"]
	want.Namespaces = []workflow.Namespace{
		given("payments-api-dev", "dev", small, "app.example.com", "pay.example.com"),
		given("payments-api-prod", "prod", workflow.Quota{CPU: amount("1500m"), Memory: amount("2Gi"), Storage: amount("0"), Pods: 7, Request: 7}),
		given("payments-api-test", "dev", small),
		want.Namespaces[0],
	}
	same(t, "the tenancy afterwards", want, after)
	same(t, "the state it was applied to", catalogued(), state)
	saidOf(t, append(after.Check(), state.Policy.Conforms(after)...), "", "")
}

func TestATitleNamesTheServiceOfSeveralNamespaces(t *testing.T) {
	for want, names := range map[string][]string{
		"Namespace payments-api-dev on weu-1": {"payments-api-dev"},
		"3 namespaces of payments-api":        {"payments-api-dev", "payments-api-test", "payments-api-prod"},
		"2 namespaces of payments":            {"payments-api", "payments-apx"},
		"2 namespaces of payments-api":        {"payments-api", "payments-api-dev"},
		"2 namespaces of a":                   {"a", "b"},
	} {
		change := named(names[0])
		for _, name := range names[1:] {
			also := change.AskedNamespace
			also.Name = name
			change.Also = append(change.Also, also)
		}
		if got := change.Title(); got != want {
			t.Errorf("the title is %q, want %q", got, want)
		}
	}
}

func TestEachFieldOfTheFullerFormHasItsMessage(t *testing.T) {
	hosts := func(hosts ...string) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) { c.Hosts = hosts })
	}
	registries := func(names ...string) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) { c.Registries = names })
	}
	access := func(asked ...workflow.AskedAccess) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) { c.Access = asked })
	}
	numbers := func(cpu, memory, storage, pods string) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) { own(cpu, memory, storage, pods)(&c.AskedNamespace) })
	}
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprintf("h%d.example.com", i)
	}
	for name, test := range map[string]struct {
		change      workflow.NamespaceChange
		field, says string
	}{
		"nothing wrong":      {fuller(nil), "", ""},
		"three of them":      {threeOf(nil), "", ""},
		"nothing but a name": {fuller(func(c *workflow.NamespaceChange) { c.Hosts, c.Registries = nil, nil }), "", ""},

		"seven of them": {threeOf(func(c *workflow.NamespaceChange) {
			c.Also = append(c.Also, c.Also...)
			c.Also = append(c.Also, c.Also[:2]...)
		}), "also", "at most 6 namespaces, and this one asks for 7"},
		"one of them wrong":               {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Name = "payments_x" }), "also[1].name", "cannot be in a name"},
		"one without a cluster":           {threeOf(func(c *workflow.NamespaceChange) { c.Also[0].Cluster = "" }), "also[0].cluster", "Choose the cluster"},
		"one without an environment":      {threeOf(func(c *workflow.NamespaceChange) { c.Also[0].Environment = "" }), "also[0].environment", "Choose the environment"},
		"one at too low a level":          {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].PodSecurity = workflow.LevelBaseline }), "also[1].podSecurity", `"baseline" is too low for prod`},
		"one of a size that there is not": {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Size = "xxl" }), "also[1].size", `There is no size "xxl"`},
		"one twice":                       {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Name = c.Name }), "also[1].name", `"payments-api-dev" on weu-1 stands twice in this request.`},
		"one name on two clusters":        {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Name, c.Also[1].Cluster = c.Name, "neu-1" }), "", ""},
		"one that there is":               {threeOf(func(c *workflow.NamespaceChange) { c.Also[0].Name = "payments-web" }), "also[0].name", "your tenant has it since request 4"},

		"own numbers":        {numbers("500m", "1Gi", "0", "5"), "", ""},
		"no CPU":             {numbers("", "1Gi", "1Gi", "5"), "cpu", "Say how much CPU"},
		"CPU with a unit":    {numbers("2 cores", "1Gi", "1Gi", "5"), "cpu", `did you mean "2"?`},
		"memory in bytes":    {numbers("1", "2", "1Gi", "5"), "memory", "is only 2 bytes"},
		"storage in words":   {numbers("1", "1Gi", "much", "5"), "storage", "is not an amount of storage"},
		"no pods":            {numbers("1", "1Gi", "1Gi", ""), "pods", "Say how many"},
		"not a single pod":   {numbers("1", "1Gi", "1Gi", "0"), "pods", "write 1 or more"},
		"numbers of another": {threeOf(func(c *workflow.NamespaceChange) { own("x", "1Gi", "1Gi", "1")(&c.Also[0]) }), "also[0].cpu", "is not an amount of CPU"},
		"too much CPU":       {numbers("11", "1Gi", "1Gi", "5"), "cpu", "payments would have 13 CPU in all; its ceiling is 12. Ask for less"},
		"too much memory":    {numbers("1", "41Gi", "1Gi", "5"), "memory", "49Gi memory in all; its ceiling is 48Gi"},
		"too much storage":   {numbers("1", "1Gi", "281Gi", "5"), "storage", "301Gi storage in all; its ceiling is 300Gi"},
		"too much together":  {threeOf(func(c *workflow.NamespaceChange) { own("7", "1Gi", "1Gi", "5")(&c.Also[0]) }), "also[0].cpu", "payments would have 13 CPU in all; its ceiling is 12. Ask for less"},
		"too many": {threeOf(func(c *workflow.NamespaceChange) {
			also := c.Also[0]
			also.Name = "payments-api-x"
			c.Also = append(c.Also, also)
		}), "size", "5 namespaces in all; its ceiling is 4"},

		"a host wrong":                  {hosts("pay.example.com", "*.example.com"), "hosts[1]", "stands for many names"},
		"a host twice":                  {hosts("pay.example.com", "PAY.example.com."), "hosts[1]", `"pay.example.com" stands twice.`},
		"another tenant's host":         {hosts("logistics.example.com"), "hosts[0]", `"logistics.example.com" is taken. Choose another host.`},
		"its own other namespace's":     {hosts("web.example.com"), "hosts[0]", `"web.example.com" is taken on weu-1: your namespace payments-web has it.`},
		"the same on another cluster":   {fuller(func(c *workflow.NamespaceChange) { c.Hosts, c.Cluster = []string{"web.example.com"}, "neu-1" }), "", ""},
		"another's on another cluster":  {fuller(func(c *workflow.NamespaceChange) { c.Hosts, c.Cluster = []string{"logistics.example.com"}, "neu-1" }), "hosts[0]", "is taken"},
		"the portal's host":             {hosts("tenure.example.com"), "hosts[0]", `"tenure.example.com" is reserved for the platform.`},
		"an API server's host":          {hosts("neu-1.example.com"), "hosts[0]", "is reserved for the platform"},
		"a reserved host":               {hosts("status.example.com"), "hosts[0]", "is reserved for the platform"},
		"a host beneath a reserved one": {hosts("a.b.platform.example.com"), "hosts[0]", "is reserved for the platform"},
		"one beside a reserved one":     {hosts("myplatform.example.com"), "", ""},
		"20 hosts":                      {hosts(many[:20]...), "", ""},
		"21 hosts":                      {hosts(many...), "hosts", "21 hosts are named; at most 20 can be."},
		"a host of two of them":         {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Hosts = []string{"a.example.com", "pay.example.com"} }), "also[1].hosts[1]", `"pay.example.com" stands twice on weu-1 in this request.`},
		"a host of two on two clusters": {threeOf(func(c *workflow.NamespaceChange) { c.Also[1].Hosts, c.Also[1].Cluster = c.Hosts, "neu-1" }), "", ""},

		"no class":               {fuller(func(c *workflow.NamespaceChange) { c.Classification = "" }), "classification", "Choose the classification: internal, confidential or secret."},
		"a class there is not":   {fuller(func(c *workflow.NamespaceChange) { c.Classification = "top-secret" }), "classification", `There is no classification "top-secret"; choose internal, confidential or secret.`},
		"a registry there isn't": {registries("quay", "ghcr"), "registries[1]", `There is no registry "ghcr" in the catalogue; choose docker-official or quay.`},
		"a registry twice":       {registries("quay", "quay"), "registries[1]", `"quay" stands twice.`},

		"a group's name":          {access(workflow.AskedAccess{Group: "payments-oncall", Role: workflow.AccessView}), "access[0].group", "is not an object id"},
		"no role":                 {access(workflow.AskedAccess{Group: oncall, Role: ""}), "access[0].role", "Choose the role: admin, edit or view."},
		"a role there is not":     {access(workflow.AskedAccess{Group: oncall, Role: "cluster-admin"}), "access[0].role", `There is no role "cluster-admin"`},
		"a role for a time only":  {access(workflow.AskedAccess{Group: oncall, Role: workflow.AccessAdmin}), "access[0].role", "The role admin is given for a time only, and what comes with a namespace has no end."},
		"the tenant's members":    {access(workflow.AskedAccess{Group: group(2), Role: workflow.AccessView}), "access[0].group", "without being named here"},
		"the tenant's owners":     {access(workflow.AskedAccess{Group: group(1), Role: workflow.AccessView}), "access[0].group", "without being named here"},
		"another tenant's group":  {access(workflow.AskedAccess{Group: group(3), Role: workflow.AccessView}), "access[0].group", "It is a group of another tenant"},
		"a group twice":           {access(workflow.AskedAccess{Group: oncall, Role: workflow.AccessView}, workflow.AskedAccess{Group: oncall, Role: workflow.AccessView}), "access[1].group", "The group stands twice with the role view."},
		"a group in two roles":    {access(workflow.AskedAccess{Group: oncall, Role: workflow.AccessView}, workflow.AskedAccess{Group: oncall, Role: workflow.AccessEdit}), "", ""},
		"ids that begin alike":    {access(workflow.AskedAccess{Group: oncall, Role: workflow.AccessView}, workflow.AskedAccess{Group: oncall[:35] + "9", Role: workflow.AccessView}), "access[1].group", "starts alike"},
		"an id like the members'": {access(workflow.AskedAccess{Group: group(2)[:35] + "9", Role: workflow.AccessEdit}), "access[0].group", "starts alike"},
		"11 groups":               {access(slices.Repeat([]workflow.AskedAccess{{Group: oncall, Role: workflow.AccessView}}, 11)...), "access", "11 groups are named; at most 10 can be."},
	} {
		t.Run(name, func(t *testing.T) {
			state := catalogued()
			after, problems := test.change.Apply(state, state.Tenancies["payments"], 7)
			saidOf(t, problems, test.field, test.says)
			if test.field != "" && len(after.Namespaces) != 1 && !strings.Contains(test.says, "in all") {
				t.Errorf("it is given all the same: %+v", after.Namespaces)
			}
		})
	}
}

func TestAPolicyWithoutClassesOrRegistriesIsAskedForNone(t *testing.T) {
	for name, test := range map[string]struct {
		change      workflow.NamespaceChange
		field, says string
	}{
		"none":       {wanted(), "", ""},
		"a class":    {with(func(c *workflow.NamespaceChange) { c.Classification = "internal" }), "classification", "The policy classifies no data. Leave this empty."},
		"registries": {with(func(c *workflow.NamespaceChange) { c.Registries = []string{"a", "b"} }), "registries", "The policy has no catalogue of registries to choose from."},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := test.change.Apply(approvedNow(), payments(), 7)
			saidOf(t, problems, test.field, test.says)
		})
	}
}

func TestNumbersThatArePutInTakeTheCountsThatEverySizeHas(t *testing.T) {
	state := catalogued()
	state.Policy.Sizes["small"] = workflow.Size{CPU: amount("2"), Memory: amount("8Gi"), Pods: 20, Objects: map[workflow.ObjectCount]int64{workflow.CountSecrets: 50, workflow.CountServices: 5, workflow.CountLoadBalancers: 1}}
	state.Policy.Sizes["large"] = workflow.Size{CPU: amount("8"), Memory: amount("32Gi"), Pods: 80, Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 20}}
	change := fuller(func(c *workflow.NamespaceChange) { own("1", "1Gi", "1Gi", "5")(&c.AskedNamespace) })
	after, problems := change.Apply(state, state.Tenancies["payments"], 7)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	n, _ := after.Namespace("weu-1", "payments-api-dev")
	same(t, "what is counted", map[workflow.ObjectCount]int64{workflow.CountServices: 20}, n.Quota.Objects)
}

func TestGroupsThatComeWithNamespacesAreOfTheTenantsPeople(t *testing.T) {
	away := known()
	away.err = errors.New("dial tcp: connection refused")
	asks := func(groups ...string) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) {
			for _, id := range groups {
				c.Access = append(c.Access, workflow.AskedAccess{Group: id, Role: workflow.AccessView})
			}
		})
	}
	for name, test := range map[string]struct {
		accounts workflow.Accounts
		change   workflow.NamespaceChange
		fields   map[string]string
	}{
		"of the tenant's people":    {known(), asks(oncall), nil},
		"one with a stranger":       {known(), asks(oncall, mixed), map[string]string{"access[1].group": "Somebody in this group is in none of payments's groups."}},
		"one with nobody":           {known(), asks(empty), map[string]string{"access[0].group": "has nobody in it"}},
		"one that there is not":     {known(), asks(group(99)), map[string]string{"access[0].group": "The directory has no group"}},
		"two that will not do":      {known(), asks(empty, mixed), map[string]string{"access[0].group": "has nobody in it", "access[1].group": "Somebody in this group"}},
		"wrong beside others":       {known(), fuller(func(c *workflow.NamespaceChange) { c.Access, c.Name = asks(mixed).Access, "x" }), map[string]string{"access[0].group": "Somebody", "name": "start with"}},
		"no directory":              {nil, asks(oncall), map[string]string{"access[0].group": "Nobody can be looked up here"}},
		"no directory, and no need": {nil, asks(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lookingUp(test.accounts).Plan(t.Context(), catalogued(), proposal(test.change))
			found := map[string]string{}
			if err != nil {
				found = messages(refused(t, err, workflow.Invalid).Fields)
			}
			if len(found) != len(test.fields) {
				t.Errorf("it says %q, want of %q", found, test.fields)
			}
			for field, says := range test.fields {
				if !strings.Contains(found[field], says) {
					t.Errorf("of %s it says %q, want %q", field, found[field], says)
				}
			}
		})
	}
	_, err := lookingUp(away).Plan(t.Context(), catalogued(), proposal(asks(oncall)))
	refused(t, err, workflow.Unavailable)
}

func TestAPlanForSeveralNamespacesSaysWhatEachIsGiven(t *testing.T) {
	change := threeOf(func(c *workflow.NamespaceChange) {
		c.Access = []workflow.AskedAccess{{Group: oncall, Role: workflow.AccessView}}
		c.Also[1].Hosts = []string{"live.example.com"}
		c.Classification = "secret"
		own("9", "1Gi", "1Gi", "5")(&c.Also[0])
		c.Also[1].Size = "small"
	})
	state := catalogued()
	roomy := state.Tenancies["payments"]
	roomy.Ceiling.CPU = amount("20")
	state.Tenancies["payments"] = roomy
	plan := planned(t, lookingUp(known()), state, proposal(change))
	same(t, "the summary", []string{
		"Creates namespace payments-api-dev on weu-1, in environment dev, at pod security level restricted.",
		"Gives it 2 CPU, 8Gi memory, 20Gi storage and 20 pods.",
		"Lets its Ingresses and HTTPRoutes serve pay.example.com.",
		"Creates namespace payments-api-prod on weu-1, in environment prod, at pod security level restricted.",
		"Gives it 2 CPU, 8Gi memory, 20Gi storage and 20 pods.",
		"Lets its Ingresses and HTTPRoutes serve live.example.com.",
		"Creates namespace payments-api-test on weu-1, in environment dev, at pod security level restricted.",
		"Gives it 9 CPU, 1Gi memory, 1Gi storage and 5 pods.",
		"Lets payments's members edit in each of them and its owners administer it.",
		"Gives the group payments-oncall (" + oncall + ") the role view in each of them, without an end: they may " + workflow.AccessView.Gains() + ".",
		"Lets each of them run images of docker-official: docker.io/library/*.",
		"Its data are classified secret.",
		"Denies all network traffic in and out, except DNS and the platform's own flows.",
	}, plan.Summary)
	labels := map[string]string{}
	for _, f := range plan.Findings {
		labels[f.Label] = string(f.Severity) + ": " + f.Message
	}
	for label, says := range map[string]string{
		"production":          "warning: payments-api-prod is a production namespace.",
		"hosts in production": "warning: payments-api-prod is to serve live.example.com.",
		"own numbers":         "warning: payments-api-test would have more than any size of the policy gives: 9 CPU where the largest gives 8.",
		"another group":       "info: The group " + oncall + " gets the role view beside the tenant's own.",
		"more images":         "warning: Images of docker-official may run that may not otherwise: docker.io/library/*.",
		"data secret":         "warning: The data are secret, the most confidential class of the policy.",
		"75% of CPU":          "warning: payments would hold 75% of its ceiling in CPU: 15 of 20.",
	} {
		if labels[label] != says {
			t.Errorf("the finding %q is %q, want %q (of %v)", label, labels[label], says, sortedKeys(labels))
		}
	}
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}, plan.Stages)
}

func TestNothingComesAlongWithWhatFewerPeopleDecide(t *testing.T) {
	owner, security := workflow.Stage{Role: workflow.RoleOwner, Needed: 1}, workflow.Stage{Role: workflow.RoleSecurity, Needed: 1}
	two := workflow.Stage{Role: workflow.RoleSecurity, Needed: 2}
	state := func() *workflow.ApprovedState {
		state := catalogued()
		state.Policy.Reviews = []workflow.ReviewRule{
			{Kinds: []workflow.Kind{workflow.KindAccess}, Stages: []workflow.Stage{security, owner}},
			{Kinds: []workflow.Kind{workflow.KindQuota}, Within: workflow.WithinHalf, Stages: []workflow.Stage{owner}},
			{Kinds: []workflow.Kind{workflow.KindQuota}, Stages: []workflow.Stage{owner, security}},
			{Environments: []string{"dev"}, Stages: []workflow.Stage{owner}},
			{Environments: []string{"prod"}, Stages: []workflow.Stage{owner, two}},
			{Stages: []workflow.Stage{owner, security}},
		}
		return state
	}
	dev := func(change func(*workflow.AskedNamespace)) workflow.NamespaceChange {
		return fuller(func(c *workflow.NamespaceChange) {
			if change != nil {
				change(&c.AskedNamespace)
			}
		})
	}
	for name, test := range map[string]struct {
		change      workflow.NamespaceChange
		stages, why string
	}{
		"dev alone":     {dev(nil), "owner=1", "asks for this of every request in dev (reviews, entry 4)."},
		"dev with prod": {threeOf(nil), "owner=1 security=2", "of every request in dev (reviews, entry 4) and of every request in prod (reviews, entry 5)."},
		"access comes along": {fuller(func(c *workflow.NamespaceChange) {
			c.Access = []workflow.AskedAccess{{Group: oncall, Role: workflow.AccessView}}
		}), "owner=1 security=1", "of every access request (reviews, entry 1, for the access that comes along)."},
		"numbers of its own":   {dev(own("1", "1Gi", "1Gi", "3")), "owner=1", "within half of the tenant's ceiling (reviews, entry 2, for its own numbers)."},
		"more than half of it": {dev(own("5", "1Gi", "1Gi", "3")), "owner=1 security=1", "of every quota request (reviews, entry 3, for its own numbers)."},
		"a million pods":       {dev(own("1", "1Gi", "1Gi", "1000000")), "owner=1 security=1", "of every quota request (reviews, entry 3, for its own numbers)."},
	} {
		t.Run(name, func(t *testing.T) {
			asked := proposal(test.change)
			plan, err := lookingUp(known()).Plan(t.Context(), state(), asked)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the stages", test.stages, stagesText(plan.Stages))
			mustHold(t, "why", plan.Because, test.why)
			forged := proofOf(state(), asked, plan, byOlivia)
			forged.Message.Stages = []workflow.Stage{owner}
			if test.stages != "owner=1" {
				objects(t, workflow.ProveGrant(forged), "are not those of the policy")
			}
		})
	}
}

func TestVotesCoverTheImagesOfARegistryAndNotOnlyItsName(t *testing.T) {
	digest := func(change workflow.Change, images ...string) workflow.Digest {
		state := catalogued()
		state.Policy.Registries["docker-official"] = workflow.Registry{Images: images}
		plan, err := lookingUp(known()).Plan(t.Context(), state, proposal(change))
		if err != nil {
			t.Fatal(err)
		}
		return plan.Digest
	}
	if digest(fuller(nil), "docker.io/library/*") == digest(fuller(nil), "docker.io/*") {
		t.Error("who voted for the images of one catalogue gave those of another")
	}
	without := fuller(func(c *workflow.NamespaceChange) { c.Registries = nil })
	if digest(without, "docker.io/library/*") != digest(without, "docker.io/*") {
		t.Error("a catalogue that the request takes nothing of voids its votes")
	}
}
