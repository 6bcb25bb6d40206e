package workflow_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// equipped is a state in which payments has a namespace for development and one
// for production on weu-1, with the access that comes with them, and one on
// neu-1; logistics has one on weu-1.
func equipped() *workflow.ApprovedState {
	state, holder, other := approvedNow(), payments(), logistics()
	api, shop, far := held("payments-api", 30), held("payments-shop", 40), held("payments-far", 45)
	shop.Environment, far.Cluster = "prod", "neu-1"
	for _, n := range []*workflow.Namespace{&api, &shop, &far} {
		n.Access = []workflow.Access{
			{Group: group(1), Role: workflow.AccessAdmin, Request: n.Request}, {Group: group(2), Role: workflow.AccessEdit, Request: n.Request},
		}
	}
	holder.Namespaces = []workflow.Namespace{far, api, shop}
	other.Namespaces = []workflow.Namespace{held("logistics-db", 46)}
	state.Tenancies = map[string]workflow.Tenancy{"payments": holder, "logistics": other}
	return state
}

// having is equipped with something else in payments-api.
func having(change func(*workflow.Namespace)) *workflow.ApprovedState {
	state := equipped()
	change(&state.Tenancies["payments"].Namespaces[1])
	return state
}

// api is payments-api as a plan leaves it.
func api(t *testing.T, tenancy workflow.Tenancy) workflow.Namespace {
	t.Helper()
	n, found := tenancy.Namespace("weu-1", "payments-api")
	if !found {
		t.Fatal("payments-api is gone")
	}
	return n
}

// quotaFor is a change that nothing is wrong with: twice the CPU.
func quotaFor(change func(*workflow.QuotaChange)) workflow.QuotaChange {
	c := workflow.QuotaChange{
		Cluster: "weu-1", Namespace: "payments-api", CPU: "4", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "The sale begins.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// raiseFor is one that ends.
func raiseFor(change func(*workflow.QuotaChange)) workflow.QuotaChange {
	return quotaFor(func(c *workflow.QuotaChange) {
		c.Until = "2026-03-10"
		if change != nil {
			change(c)
		}
	})
}

// raised is a temporary increase to this much CPU, by request 50.
func raised(cpu string, until time.Time) *workflow.QuotaRaise {
	return &workflow.QuotaRaise{CPU: amount(cpu), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20, Until: until, Request: 50}
}

// saidOnce wants a proposal to be refused with messages of these fields, each
// with this part, and with no others; none means that it is not refused.
func saidOnce(t *testing.T, err error, want map[string]string) {
	t.Helper()
	if len(want) == 0 {
		if err != nil {
			t.Errorf("it is refused: %+v", err)
		}
		return
	}
	found := messages(refused(t, err, workflow.Invalid).Fields)
	same(t, "the fields", sortedKeys(want), sortedKeys(found))
	for field, says := range want {
		if !strings.Contains(found[field], says) {
			t.Errorf("of %s it says %q, want %q", field, found[field], says)
		}
	}
}

func TestEverythingWrongInAQuotaIsSaidBesideItsField(t *testing.T) {
	type change = func(*workflow.QuotaChange)
	type said = map[string]string
	until := func(text string) change { return func(c *workflow.QuotaChange) { c.Until = text } }
	objects := func(pairs ...string) change {
		return func(c *workflow.QuotaChange) {
			c.Objects = map[workflow.ObjectCount]string{}
			for i := 0; i < len(pairs); i += 2 {
				c.Objects[workflow.ObjectCount(pairs[i])] = pairs[i+1]
			}
		}
	}
	for what, test := range map[string]struct {
		change change
		want   said
	}{
		"nothing":                  {nil, nil},
		"nothing with an end":      {until("2026-03-10"), nil},
		"spaces around":            {func(c *workflow.QuotaChange) { c.CPU, c.Pods, c.Until, c.Reason = " 4 ", " 20", "  ", " It is.\n" }, nil},
		"no cluster":               {func(c *workflow.QuotaChange) { c.Cluster = "" }, said{"namespace": "Choose the cluster: neu-1 or weu-1."}},
		"another cluster":          {func(c *workflow.QuotaChange) { c.Cluster = "mars-1" }, said{"namespace": `There is no cluster "mars-1"`}},
		"no namespace":             {func(c *workflow.QuotaChange) { c.Namespace = "" }, said{"namespace": "Choose the namespace: payments-api or payments-shop."}},
		"no such namespace":        {func(c *workflow.QuotaChange) { c.Namespace = "payments-x" }, said{"namespace": `payments has no namespace "payments-x" on weu-1; choose payments-api or payments-shop.`}},
		"another tenant's":         {func(c *workflow.QuotaChange) { c.Namespace = "logistics-db" }, said{"namespace": `payments has no namespace "logistics-db" on weu-1`}},
		"one of another cluster":   {func(c *workflow.QuotaChange) { c.Namespace = "payments-far" }, said{"namespace": `payments has no namespace "payments-far" on weu-1`}},
		"no CPU":                   {func(c *workflow.QuotaChange) { c.CPU = "" }, said{"cpu": "Say how much CPU"}},
		"CPU in another way":       {func(c *workflow.QuotaChange) { c.CPU = "2 cores" }, said{"cpu": "did you mean"}},
		"no memory":                {func(c *workflow.QuotaChange) { c.Memory = " " }, said{"memory": "Say how much memory"}},
		"memory in another way":    {func(c *workflow.QuotaChange) { c.Memory = "8 GB" }, said{"memory": "did you mean"}},
		"no storage":               {func(c *workflow.QuotaChange) { c.Storage = "" }, said{"storage": "Say how much storage"}},
		"negative storage":         {func(c *workflow.QuotaChange) { c.Storage = "-1Gi" }, said{"storage": "is negative"}},
		"no pods":                  {func(c *workflow.QuotaChange) { c.Pods = "" }, said{"pods": "Say how many"}},
		"half a pod":               {func(c *workflow.QuotaChange) { c.Pods = "1.5" }, said{"pods": "is not a whole number"}},
		"too many pods":            {func(c *workflow.QuotaChange) { c.Pods = "99999999999999999999" }, said{"pods": "is too many"}},
		"counts":                   {objects("services", "5", "configmaps", ""), nil},
		"a count that is none":     {objects("services", "five"), said{"objects.services": "is not a whole number"}},
		"what is not counted":      {objects("nodes", "5"), said{"objects": `"nodes" is nothing that a quota counts; it counts configmaps,`}},
		"a long name of a count":   {objects(strings.Repeat("x", 5000), "5"), said{"objects": "xxx…"}},
		"node ports":               {objects("services.nodeports", "1"), said{"objects": `"services.nodeports" is nothing that a quota counts`}},
		"an end that is none":      {until("soon"), said{"until": `"soon" is neither a date`}},
		"a past end":               {until("2026-03-01"), said{"until": "2026-03-01 has passed. Choose a day from 2026-03-03 to 2026-04-01."}},
		"an end at once":           {until("2026-03-02T12:59:59Z"), said{"until": "is too soon"}},
		"an end in an hour":        {until("2026-03-02T13:00:00Z"), nil},
		"the last moment":          {until("2026-04-01T12:00:00Z"), nil},
		"an end too far off":       {until("2026-04-01T12:00:01Z"), said{"until": "is too far off: a temporary increase lasts at most 30 days. The last day allowed is 2026-04-01."}},
		"no reason":                {func(c *workflow.QuotaChange) { c.Reason = "\n" }, said{"reason": "Say in a sentence what the amounts are for."}},
		"a hidden reason":          {func(c *workflow.QuotaChange) { c.Reason = "Just\u202eevil" }, said{"reason": "U+202E"}},
		"the same":                 {func(c *workflow.QuotaChange) { c.CPU = "2" }, said{"cpu": "payments-api has exactly these amounts already, since request 30. Change at least one."}},
		"the same in other words":  {func(c *workflow.QuotaChange) { c.CPU, c.Memory = "2000m", "8192Mi" }, said{"cpu": "has exactly these amounts already"}},
		"no load balancers as now": {func(c *workflow.QuotaChange) { c.CPU = "2"; objects("services.loadbalancers", "0")(c) }, said{"cpu": "has exactly these amounts already"}},
		"the same for a time":      {func(c *workflow.QuotaChange) { c.CPU, c.Until = "2000m", "2026-03-10" }, said{"cpu": "A temporary increase gives more of something than the namespace has."}},
		"less for a time":          {func(c *workflow.QuotaChange) { c.Memory, c.Until = "4Gi", "2026-03-10" }, said{"memory": "4Gi is less than the lasting 8Gi. A temporary increase lowers nothing: write 8Gi or more."}},
		"a limit for a time":       {func(c *workflow.QuotaChange) { objects("secrets", "10")(c); c.Until = "2026-03-10" }, said{"objects.secrets": "The lasting amounts set no limit for secrets. A temporary increase lowers nothing: leave it empty."}},
		"over the ceiling":         {func(c *workflow.QuotaChange) { c.CPU, c.Storage = "8500m", "1Ti" }, said{"cpu": "With this payments would have 12500m CPU in all; its ceiling is 12. Ask for less", "storage": "storage in all; its ceiling is 300Gi"}},
		"over it for a time":       {func(c *workflow.QuotaChange) { c.Memory, c.Until = "33Gi", "2026-03-10" }, said{"memory": "49Gi memory in all; its ceiling is 48Gi"}},
		"exactly the ceiling":      {func(c *workflow.QuotaChange) { c.CPU, c.Memory, c.Storage = "8", "32Gi", "260Gi" }, nil},
		"more than a machine word": {func(c *workflow.QuotaChange) { c.Memory = "1Ei" }, said{"memory": "its ceiling is 48Gi"}},
		"everything": {func(c *workflow.QuotaChange) {
			*c = workflow.QuotaChange{Cluster: "weu-1", Namespace: "x", CPU: "x", Memory: "x", Storage: "x", Pods: "x", Until: "x", Objects: map[workflow.ObjectCount]string{"services": "x", "x": ""}}
		}, said{"namespace": "", "cpu": "", "memory": "", "storage": "", "pods": "", "until": "", "objects": "", "objects.services": "", "reason": ""}},
		"a date among others":  {func(c *workflow.QuotaChange) { c.Until, c.CPU, c.Namespace = "2020-01-01", "", "x" }, said{"until": "has passed", "cpu": "Say how much", "namespace": "no namespace"}},
		"a date and a ceiling": {func(c *workflow.QuotaChange) { c.Until, c.CPU = "2020-01-01", "100" }, said{"until": "has passed", "cpu": "its ceiling"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := planner().Plan(t.Context(), equipped(), asked(quotaFor(test.change)))
			saidOnce(t, err, test.want)
		})
	}
}

// What people typed into a form of a tenant that is none of theirs is checked,
// and nothing is said of any tenant.
func TestWhoMayNotAskSeesOnlyWhatIsWrongWithEachField(t *testing.T) {
	w := newWorldOf(t, equipped().Tenancies["payments"], equipped().Tenancies["logistics"])
	for kind, test := range map[workflow.Kind]struct {
		change workflow.Change
		want   []string
	}{
		workflow.KindQuota:     {quotaFor(func(c *workflow.QuotaChange) { c.Namespace, c.CPU, c.Until = "", "x", "2020-01-01" }), []string{"cpu", "namespace", "tenant", "until"}},
		workflow.KindAccess:    {accessFor(func(c *workflow.AccessChange) { c.Namespace, c.Role, c.Until = "", "x", "2020-01-01" }), []string{"namespace", "role", "tenant", "until"}},
		workflow.KindExemption: {exemptionFor(func(c *workflow.ExemptionChange) { c.Namespace, c.Rule, c.Until = "", "x", "2020-01-01" }), []string{"namespace", "rule", "tenant", "until"}},
	} {
		_, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "logistics", Change: test.change})
		same(t, "the fields of "+string(kind), test.want, sortedKeys(messages(refused(t, err, workflow.Invalid).Fields)))
		if problems := slices.DeleteFunc(refused(t, err, workflow.Invalid).Fields, func(p workflow.FieldProblem) bool { return !strings.Contains(p.Message, "logistics-") }); len(problems) > 0 {
			t.Errorf("%s: Dana reads %v", kind, problems)
		}
	}
}

func TestThePolicySaysHowLongEachKindLasts(t *testing.T) {
	state := equipped()
	state.Policy.Requests = workflow.RequestLimits{
		Quota: workflow.TermLimits{MaxDuration: workflow.Duration(24 * time.Hour)}, Access: workflow.AccessLimits{MaxDuration: workflow.Duration(48 * time.Hour)},
		Exemption: workflow.TermLimits{MaxDuration: workflow.Duration(72 * time.Hour)},
	}
	for want, change := range map[string]workflow.Change{
		"a temporary increase lasts at most 1 day. The last day allowed is 2026-03-03.": raiseFor(nil),
		"access with an end lasts at most 2 days. The last day allowed is 2026-03-04.":  accessFor(func(c *workflow.AccessChange) { c.Until = "2026-03-10" }),
		"an exemption lasts at most 3 days. The last day allowed is 2026-03-05.":        exemptionFor(nil),
	} {
		_, err := planner().Plan(t.Context(), state, asked(change))
		saidOnce(t, err, map[string]string{"until": want})
	}
}

func TestAQuotaIsSetForGoodOrRaisedForATime(t *testing.T) {
	size := func(cpu string) workflow.Size {
		return workflow.Size{CPU: amount(cpu), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}
	}
	until := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	soon := noon.Add(3 * time.Hour)
	for name, test := range map[string]struct {
		has            *workflow.QuotaRaise
		change         workflow.QuotaChange
		lasting, holds workflow.Size
		by, raisedBy   int64
		raisedUntil    time.Time
	}{
		"for good":                   {nil, quotaFor(nil), size("4"), size("4"), 7, 0, time.Time{}},
		"less for good":              {nil, quotaFor(func(c *workflow.QuotaChange) { c.CPU = "500m" }), size("500m"), size("500m"), 7, 0, time.Time{}},
		"for a time":                 {nil, raiseFor(nil), size("2"), size("4"), 30, 7, until},
		"for good under a raise":     {raised("6", soon), quotaFor(nil), size("4"), size("6"), 7, 50, soon},
		"for good above a raise":     {raised("3", soon), quotaFor(nil), size("4"), size("4"), 7, 50, soon},
		"for a time, later":          {raised("4", soon), raiseFor(nil), size("2"), size("4"), 30, 7, until},
		"for a time, more":           {raised("4", until), raiseFor(func(c *workflow.QuotaChange) { c.CPU = "5" }), size("2"), size("5"), 30, 7, until},
		"for a time, less than that": {raised("6", until), raiseFor(nil), size("2"), size("4"), 30, 7, until},
		"more pods for a time":       {nil, raiseFor(func(c *workflow.QuotaChange) { c.CPU, c.Pods = "2", "30" }), size("2"), morePods(size("2"), 30), 30, 7, until},
		"after a raise that is over": {raised("4", noon.Add(-time.Hour)), raiseFor(nil), size("2"), size("4"), 30, 7, until},
	} {
		t.Run(name, func(t *testing.T) {
			state := having(func(n *workflow.Namespace) { n.Quota.Raise = test.has })
			plan := planned(t, planner(), state, asked(test.change))
			quota := api(t, plan.After).Quota
			sameSize(t, "what lasts", test.lasting, quota.Lasting())
			sameSize(t, "what holds", test.holds, quota.Effective())
			same(t, "who gave what lasts", test.by, quota.Request)
			if test.raisedBy == 0 {
				same(t, "the raise", true, quota.Raise == nil)
			} else {
				same(t, "who raised it", test.raisedBy, quota.Raise.Request)
				same(t, "until when", test.raisedUntil, quota.Raise.Until)
				sameSize(t, "what holds a moment before the end", test.holds, quota.At(quota.Raise.Until.Add(-time.Second)))
				sameSize(t, "what holds at the end", test.lasting, quota.At(quota.Raise.Until))
			}
			if problems := slices.Concat(plan.After.Check(), state.Policy.Conforms(plan.After)); len(problems) > 0 {
				t.Errorf("the tenancy is not in order: %v", problems)
			}
			if len(plan.Others) > 0 || len(plan.After.Namespaces) != 3 {
				t.Errorf("something else changes: %v", plan.Edits)
			}
		})
	}
}

func morePods(s workflow.Size, pods int64) workflow.Size {
	s.Pods = pods
	return s
}

func TestWhatARaiseGivesAlreadyIsNotAskedForAgainUnlessForLonger(t *testing.T) {
	until := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for end, want := range map[string]map[string]string{
		"2026-03-10":           {"until": "Request 50 gives exactly this until 2026-03-10 already."},
		"2026-03-09T23:59:59Z": {"until": "Request 50 gives exactly this until 2026-03-10 already."},
		"2026-03-10T00:00:01Z": nil,
	} {
		state := having(func(n *workflow.Namespace) { n.Quota.Raise = raised("4", until) })
		_, err := planner().Plan(t.Context(), state, asked(raiseFor(func(c *workflow.QuotaChange) { c.CPU, c.Until = "4000m", end })))
		t.Run(end, func(t *testing.T) { saidOnce(t, err, want) })
	}
}

// The document has one form for the same amounts.
func TestWhatIsNotCountedStandsNowhere(t *testing.T) {
	for name, objects := range map[string]map[workflow.ObjectCount]string{
		"nothing": nil, "empty fields": {"services": " ", "secrets": ""}, "no load balancers": {workflow.CountLoadBalancers: "0"},
	} {
		plan := planned(t, planner(), equipped(), asked(quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Objects = "4000m", objects })))
		if quota := api(t, plan.After).Quota; quota.Objects != nil || quota.CPU.String() != "4" {
			t.Errorf("%s: the quota is %+v", name, quota)
		}
	}
}

func sameSize(t *testing.T, what string, want, got workflow.Size) {
	t.Helper()
	for _, pair := range [][2]string{
		{want.CPU.String(), got.CPU.String()}, {want.Memory.String(), got.Memory.String()}, {want.Storage.String(), got.Storage.String()},
	} {
		w, g := amount(pair[0]), amount(pair[1])
		if w.Cmp(g) != 0 {
			t.Errorf("%s: %s, want %s", what, pair[1], pair[0])
		}
	}
	same(t, what+": pods", want.Pods, got.Pods)
	if !maps.Equal(want.Objects, got.Objects) {
		t.Errorf("%s: the objects are %v, want %v", what, got.Objects, want.Objects)
	}
}

func TestObjectsAreCountedWhereTheyAreNamedAndLoadBalancersAlways(t *testing.T) {
	type counts = map[workflow.ObjectCount]int64
	const services, balancers, secrets = workflow.CountServices, workflow.CountLoadBalancers, workflow.CountSecrets
	for name, test := range map[string]struct{ lasting, raise, most counts }{
		"neither":                         {nil, nil, nil},
		"both":                            {counts{services: 5}, counts{services: 8}, counts{services: 8}},
		"both, the lasting one more":      {counts{services: 9}, counts{services: 8}, counts{services: 9}},
		"the lasting only":                {counts{services: 5, secrets: 3}, counts{secrets: 4}, counts{secrets: 4}},
		"the raise only":                  {nil, counts{services: 8}, nil},
		"load balancers of the raise":     {nil, counts{balancers: 2}, counts{balancers: 2}},
		"load balancers that last":        {counts{balancers: 2}, nil, counts{balancers: 2}},
		"load balancers of both":          {counts{balancers: 2}, counts{balancers: 1, services: 1}, counts{balancers: 2}},
		"load balancers that there are 0": {counts{balancers: 0}, nil, counts{balancers: 0}},
	} {
		quota := workflow.Quota{CPU: amount("1"), Memory: amount("1Gi"), Storage: amount("0"), Pods: 1, Objects: test.lasting}
		quota.Raise = raised("1", secondEnd)
		quota.Raise.Objects = test.raise
		if got := quota.Effective().Objects; len(got) != len(test.most) || !maps.Equal(got, test.most) {
			t.Errorf("%s: together there may be %v, want %v", name, got, test.most)
		}
		if !maps.Equal(quota.Objects, test.lasting) || !maps.Equal(quota.Raise.Objects, test.raise) {
			t.Errorf("%s: what was given changed", name)
		}
	}
}

func TestASentenceSaysWhatAQuotaChanges(t *testing.T) {
	objects := func(pairs map[workflow.ObjectCount]string) func(*workflow.QuotaChange) {
		return func(c *workflow.QuotaChange) { c.CPU, c.Objects = "2", pairs }
	}
	const balancers = "load balancers: payments-api may have 2 load balancers: each is a way in past the platform's ingress."
	const half = "58% of CPU: payments would hold 58% of its ceiling in CPU: 7 of 12."
	for name, test := range map[string]struct {
		has      *workflow.QuotaRaise
		change   workflow.QuotaChange
		summary  []string
		findings []string
	}{
		"more and less": {nil, quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Memory, c.Pods = "2500m", "12Gi", "10" }),
			[]string{"Raises the quota of payments-api on weu-1: CPU from 2 to 2500m and memory from 8Gi to 12Gi.", "Lowers the quota of payments-api on weu-1: pods from 20 to 10."},
			[]string{"54% of CPU: payments would hold 54% of its ceiling in CPU: 6500m of 12.", "58% of memory: payments would hold 58% of its ceiling in memory: 28Gi of 48Gi."}},
		"below what is in use": {nil, quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Confirmed = "1", true }),
			[]string{"Lowers the quota of payments-api on weu-1: CPU from 2 to 1."}, []string{"below use: The person who asks confirmed that something may be in use beyond these amounts: what runs goes on, and nothing new starts until enough of it has gone."}},
		"confirmed in vain": {nil, quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Confirmed = "3", true }),
			[]string{"Raises the quota of payments-api on weu-1: CPU from 2 to 3."}, []string{half}},
		"for a time": {nil, raiseFor(func(c *workflow.QuotaChange) { c.CPU, c.Until = "3", "2026-03-16T12:00:00Z" }),
			[]string{"Raises the quota of payments-api on weu-1, until 16 Mar 2026 12:00 UTC: CPU from 2 to 3."}, []string{half}},
		"for long": {nil, raiseFor(func(c *workflow.QuotaChange) { c.CPU, c.Until = "3", "2026-03-16T12:00:01Z" }),
			[]string{"Raises the quota of payments-api on weu-1, until 16 Mar 2026 12:00:01 UTC: CPU from 2 to 3."}, []string{"long duration: It lasts 14 days, until 16 Mar 2026 12:00:01 UTC.", half}},
		"as much for longer": {raised("3", secondEnd), raiseFor(func(c *workflow.QuotaChange) { c.CPU = "3" }),
			[]string{"Keeps the temporary quota of payments-api on weu-1, until 10 Mar 2026 00:00 UTC: 3 CPU."}, nil},
		"less than the raise gave": {raised("4", secondEnd), raiseFor(func(c *workflow.QuotaChange) { c.CPU = "3" }),
			[]string{"Lowers the quota of payments-api on weu-1, until 10 Mar 2026 00:00 UTC: CPU from 4 to 3."}, nil},
		"for good beside a raise": {raised("3", secondEnd), quotaFor(func(c *workflow.QuotaChange) { c.CPU = "1" }),
			[]string{"Lowers the quota of payments-api on weu-1: CPU from 2 to 1.", "The temporary increase of request 50 holds beside it until 4 Mar 2026 12:00 UTC: 3 CPU."}, nil},
		"for good above a raise": {raised("3", secondEnd), quotaFor(nil),
			[]string{"Raises the quota of payments-api on weu-1: CPU from 2 to 4.", "The temporary increase of request 50 holds beside it until 4 Mar 2026 12:00 UTC: nothing beyond the lasting amounts."},
			[]string{"66% of CPU: payments would hold 66% of its ceiling in CPU: 8 of 12."}},
		"load balancers": {nil, quotaFor(objects(map[workflow.ObjectCount]string{"services.loadbalancers": "2", "count/jobs.batch": "5"})),
			[]string{"Raises the quota of payments-api on weu-1: load balancers from 0 to 2.", "Lowers the quota of payments-api on weu-1: jobs from no limit to 5."}, []string{balancers}},
		"load balancers for a time": {nil, raiseFor(objects(map[workflow.ObjectCount]string{"services.loadbalancers": "2"})),
			[]string{"Raises the quota of payments-api on weu-1, until 10 Mar 2026 00:00 UTC: load balancers from 0 to 2."}, []string{balancers}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planned(t, planner(), having(func(n *workflow.Namespace) { n.Quota.Raise = test.has }), asked(test.change))
			same(t, "the summary", test.summary, plan.Summary)
			var findings []string
			for _, f := range plan.Findings {
				findings = append(findings, f.Label+": "+f.Message)
			}
			same(t, "the findings", test.findings, findings)
		})
	}
}

func TestOneRequestForEachQuotaOfANamespaceIsOpenAtATime(t *testing.T) {
	w := newWorldOf(t, equipped().Tenancies["payments"], equipped().Tenancies["logistics"])
	first := w.submit(quotaFor(nil))
	for name, test := range map[string]struct {
		change workflow.Change
		want   map[string]string
	}{
		"the same":          {quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Until = "5", " " }), map[string]string{"namespace": "Request " + number(first.ID) + ` by Dana Developer already asks for another quota of "payments-api".`}},
		"for a time":        {raiseFor(nil), nil},
		"another namespace": {quotaFor(func(c *workflow.QuotaChange) { c.Namespace = "payments-shop" }), nil},
	} {
		_, err := w.service.Plan(t.Context(), dana, asks(test.change))
		if t.Run(name, func(t *testing.T) { saidOnce(t, err, test.want) }); t.Failed() {
			return
		}
	}
}
