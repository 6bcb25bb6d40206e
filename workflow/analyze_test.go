package workflow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// analyst is an analyzer that says what the test wants, and remembers what it
// was asked.
type analyst struct {
	report workflow.NetworkReport
	err    error
	after  *[]string // the tenancies that it was to compare
	at     *time.Time
}

func (a analyst) Change(_ *workflow.ApprovedState, _ string, after []workflow.Tenancy, at time.Time) (workflow.NetworkReport, error) {
	for _, tenancy := range after {
		if a.after != nil {
			*a.after = append(*a.after, tenancy.Name)
			*a.at = at
		}
	}
	return a.report, a.err
}

func (a analyst) Now(_ *workflow.ApprovedState, tenant, cluster, namespace string, at time.Time) (workflow.Connectivity, error) {
	return a.report.Connectivity, a.err
}

// picture is a connectivity with an end of everybody's.
func picture() workflow.Connectivity {
	end := func(id, tenant string, kind workflow.EndKind) workflow.FlowEnd {
		return workflow.FlowEnd{ID: id, Kind: kind, Tenant: tenant, Namespace: id, Workloads: []string{"Deployment " + id}}
	}
	return workflow.Connectivity{
		Ends: []workflow.FlowEnd{
			end("payments-api", "payments", workflow.EndPods), end("payments-idle", "payments", workflow.EndPods), end("logistics-db", "logistics", workflow.EndPods),
			end("logistics-secret", "logistics", workflow.EndPods), {ID: "internet", Kind: workflow.EndInternet},
		},
		Flows: []workflow.Flow{
			{From: "payments-api", To: "logistics-db", Change: workflow.FlowOpened},
			{From: "payments-api", To: "internet"}, {From: "logistics-secret", To: "internet"}, {From: "logistics-secret", To: "logistics-db"},
		},
	}
}

func TestThePlanSaysWhatTheAnalyzerSaysOfBothTenancies(t *testing.T) {
	var after []string
	var at time.Time
	plans := planner()
	plans.Analyzer = analyst{after: &after, at: &at, report: workflow.NetworkReport{
		Connectivity: picture(), Sentences: []string{"Opens a way to the ledger."}, Notes: []string{"Cilium does it so."},
		Findings: []workflow.Finding{{Severity: workflow.SeverityDanger, Label: "another tenant", Message: "It reaches logistics."}},
	}}
	plan := planned(t, plans, connected(), asked(toNamespace("logistics-db")))
	same(t, "what was compared", []string{"payments", "logistics"}, after)
	same(t, "when", noon, at)
	same(t, "the summary", []string{"Opens a way to the ledger."}, plan.Summary)
	same(t, "the notes", []string{"Cilium does it so."}, plan.Notes)
	same(t, "the picture", ptr(picture()), plan.Connectivity)
	if len(plan.Findings) != 1 || plan.Findings[0].Label != "another tenant" {
		t.Errorf("the findings are %+v", plan.Findings)
	}
	if without := planned(t, planner(), connected(), asked(toNamespace("logistics-db"))); without.Digest != plan.Digest {
		t.Error("the digest covers what is advisory")
	}
}

func TestPlansOfNamespacesHaveAPictureToo(t *testing.T) {
	for name, change := range map[string]workflow.Change{
		"a new one":       named("payments-new"),
		"one that goes":   removing("payments-web"),
		"an exception":    exceptionFor(nil),
		"into its tenant": toNamespace("payments-web"),
	} {
		plans := planner()
		plans.Analyzer = analyst{report: workflow.NetworkReport{Connectivity: picture()}}
		if plan := planned(t, plans, connected(), asked(change)); plan.Connectivity == nil || len(plan.Summary) == 0 {
			t.Errorf("%s: the picture is %v, the summary %q", name, plan.Connectivity, plan.Summary)
		}
	}
}

func TestAnAnalyzerThatCannotSayStopsThePlan(t *testing.T) {
	plans := planner()
	plans.Analyzer = analyst{err: errors.New("a policy of no known form")}
	_, err := plans.Plan(t.Context(), connected(), asked(exceptionFor(nil)))
	if _, isProblem := workflow.AsProblem(err); err == nil || isProblem || !strings.Contains(err.Error(), "no known form") {
		t.Errorf("it says %v", err)
	}
}

func TestWhatIsAllowedAlreadyIsRefusedNamingWhatAllowsIt(t *testing.T) {
	state := connected()
	holder := state.Tenancies["payments"]
	holder.Namespaces = slices.Clone(holder.Namespaces)
	holder.Namespaces[1].Network = []workflow.NetworkException{
		egress(61, workflow.FlowPeer{CIDR: "10.20.0.0/17"}, 5432, noon.Add(60*24*time.Hour)),
		egress(62, workflow.FlowPeer{CIDR: "10.20.128.0/17"}, 5432, noon.Add(70*24*time.Hour)),
	}
	state.Tenancies["payments"] = holder
	for name, test := range map[string]struct {
		redundant []int64
		says      string
	}{
		"by one":                        {[]int64{61}, "All of this is already allowed by request 61, until 2026-05-01T12:00:00Z. Ask only for what is missing."},
		"by two":                        {[]int64{62, 61}, "by requests 61 and 62, until 2026-05-01T12:00:00Z."},
		"by the platform":               {[]int64{0}, "All of this is already allowed by the platform's own flows. Ask only for what is missing."},
		"by the platform and a request": {[]int64{0, 62}, "by the platform's own flows and request 62, until 2026-05-11T12:00:00Z."},
		"by nothing":                    {nil, ""},
	} {
		plans := planner()
		plans.Analyzer = analyst{report: workflow.NetworkReport{Redundant: test.redundant}}
		_, err := plans.Plan(t.Context(), state, asked(exceptionFor(nil)))
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: it is refused: %v", name, err)
			}
			continue
		}
		saidOf(t, refused(t, err, workflow.Invalid).Fields, "ports", test.says)
	}
	plans := planner()
	plans.Analyzer = analyst{report: workflow.NetworkReport{Redundant: []int64{61}}}
	if _, err := plans.Plan(t.Context(), state, asked(removing("payments-web"))); err != nil {
		t.Errorf("a removal is refused for what is allowed elsewhere: %v", err)
	}
}

func TestANamespacesPageShowsWhatItMayTalkToAndItsRequests(t *testing.T) {
	w := newConnectedWorld(t)
	w.service.Analyzer = analyst{report: workflow.NetworkReport{Connectivity: picture()}}
	first, other := w.submit(exceptionFor(nil)), w.submit(named("payments-new"))
	into := w.submit(toNamespace("logistics-db"))
	view, err := w.service.Namespace(t.Context(), dana, "weu-1", "payments-api")
	if err != nil {
		t.Fatal(err)
	}
	if view.Tenancy.Name != "payments" || view.Namespace.Name != "payments-api" || !view.MayAsk || !view.Now.Equal(noon) || view.Commit == "" {
		t.Errorf("the page shows %+v", view)
	}
	same(t, "the requests about it", []int64{into.ID, first.ID}, idsOf(view.Requests))
	if slices.Contains(idsOf(view.Requests), other.ID) {
		t.Error("a request about another namespace is shown")
	}
	for who, want := range map[*workflow.Actor][]int64{&lena: {into.ID}, &liam: nil, &sam: {into.ID}} {
		theirs, err := w.service.Namespace(t.Context(), *who, "weu-1", "logistics-db")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what "+who.Name+" sees about theirs", want, idsOf(theirs.Requests))
	}
	for _, stranger := range []workflow.Actor{liam, lena, {Person: una.Person}} {
		_, err := w.service.Namespace(t.Context(), stranger, "weu-1", "payments-api")
		refused(t, err, workflow.NotFound)
	}
	_, err = w.service.Namespace(t.Context(), sam, "weu-1", "payments-nowhere")
	refused(t, err, workflow.NotFound)
}

func idsOf(requests []workflow.Request) []int64 {
	var ids []int64
	for _, r := range requests {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestThePictureShowsOthersOnlyWhereTheyMeet(t *testing.T) {
	w := newConnectedWorld(t)
	w.service.Analyzer = analyst{report: workflow.NetworkReport{Connectivity: picture()}}
	ends := func(c *workflow.Connectivity) (names []string, workloads int) {
		for _, end := range c.Ends {
			names = append(names, end.ID)
			workloads += len(end.Workloads)
		}
		return names, workloads
	}
	for name, test := range map[string]struct {
		actor  workflow.Actor
		tenant string
		ends   []string
		flows  int
		with   int // ends with their workloads
	}{
		"a member":                 {dana, "payments", []string{"payments-api", "payments-idle", "logistics-db", "internet"}, 2, 2},
		"security":                 {sam, "payments", []string{"payments-api", "payments-idle", "logistics-db", "logistics-secret", "internet"}, 4, 4},
		"a member of the other":    {liam, "logistics", []string{"payments-api", "logistics-db", "logistics-secret", "internet"}, 3, 2},
		"somebody who is in both ": {workflow.Actor{Person: dana.Person, Groups: []string{group(2), group(4)}}, "payments", []string{"payments-api", "payments-idle", "logistics-db", "logistics-secret", "internet"}, 4, 4},
	} {
		shown, err := w.service.Connectivity(t.Context(), test.actor, test.tenant, "", "")
		if err != nil {
			t.Fatal(err)
		}
		names, with := ends(shown)
		same(t, name+": the ends", test.ends, names)
		if len(shown.Flows) != test.flows || with != test.with {
			t.Errorf("%s: %d flows, %d ends with workloads", name, len(shown.Flows), with)
		}
	}
	for _, ask := range []struct {
		actor              workflow.Actor
		tenant, cl, nspace string
	}{{liam, "payments", "", ""}, {sam, "nobody", "", ""}, {dana, "payments", "weu-1", "logistics-db"}, {dana, "payments", "neu-1", "payments-api"}} {
		_, err := w.service.Connectivity(t.Context(), ask.actor, ask.tenant, ask.cl, ask.nspace)
		refused(t, err, workflow.NotFound)
	}
	w.service.Analyzer = nil
	if shown, err := w.service.Connectivity(t.Context(), dana, "payments", "", ""); shown != nil || err != nil {
		t.Errorf("without an analyzer it shows %v, %v", shown, err)
	}
}
