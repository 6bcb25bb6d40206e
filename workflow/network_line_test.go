package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/k8s/analyzer"
	"tenure.dev/workflow"
)

func TestTheCommitSaysWhatOpensAndWhatItAllowsIsNotAskedForAgain(t *testing.T) {
	w := newConnectedWorld(t)
	w.service.Analyzer, w.publisher.Planner.Analyzer = analyzer.Analyzer{}, analyzer.Analyzer{}
	r := w.submit(toNamespace("logistics-db"))
	if r.Plan.Connectivity == nil || len(r.Plan.Summary) == 0 {
		t.Fatalf("the plan says %q, and has the picture %v", r.Plan.Summary, r.Plan.Connectivity)
	}
	w.approve(r.ID, olivia, lena, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	if message := w.git("log", "-1", "--format=%B", "main"); !strings.Contains(message, r.Plan.Summary[0]) {
		t.Errorf("the commit does not say %q:\n%s", r.Plan.Summary[0], message)
	}
	again := toNamespace("logistics-db")
	again.Until = "2026-04-01"
	_, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: again})
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "ports", "All of this is already allowed by request "+number(r.ID)+", until 2026-05-01.")
	longer := toNamespace("logistics-db")
	longer.Until = "2026-05-30"
	if _, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: longer}); err != nil {
		t.Errorf("it cannot be prolonged: %v", err)
	}
	view, err := w.service.Namespace(t.Context(), dana, "weu-1", "payments-api")
	if err != nil || view.Connectivity == nil || len(view.Connectivity.Flows) == 0 {
		t.Errorf("the namespace's page shows %+v, %v", view.Connectivity, err)
	}
}

func TestOfTwoRequestsForTheSameTheLaterOneIsSentBackWhenTheFirstIsGiven(t *testing.T) {
	w := newConnectedWorld(t)
	w.service.Analyzer, w.publisher.Planner.Analyzer = analyzer.Analyzer{}, analyzer.Analyzer{}
	first := w.submit(exceptionFor(nil))
	second := w.submit(exceptionFor(func(c *workflow.NetworkChange) { c.CIDR, c.Until = "10.20.7.0/24", "2026-04-01" }))
	w.approve(first.ID, olivia, sam)
	w.publish()
	_, err := w.review(second.ID, olivia, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "already allowed by request "+number(first.ID)) {
		t.Errorf("it says %q", problem.Message)
	}
	w.becomes(second.ID, workflow.StateChangesRequested)
}

func TestAPlanSaysOnceWhatItCloses(t *testing.T) {
	for name, test := range map[string]struct {
		platform string // a flow that every namespace has, to these addresses
		want     []string
	}{
		"all of it":   {"", []string{"Closes TCP 5432 from payments-web to 10.20.0.0/16 (request 61)."}},
		"a part":      {"10.20.0.0/17", []string{"Closes TCP 5432 from payments-web to 10.20.0.0/16 (request 61)."}},
		"some ports":  {"10.20.0.0/16", []string{"Closes TCP 5434 from payments-web to 10.20.0.0/16 (request 61)."}},
		"in all ways": {"10.0.0.0/8", []string{"Closes TCP 5434 from payments-web to 10.20.0.0/16 (request 61)."}},
	} {
		t.Run(name, func(t *testing.T) {
			state := opened()
			if test.platform != "" {
				state.Policy.PlatformFlows = append(state.Policy.PlatformFlows, workflow.PlatformFlow{
					Name: "database", Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: test.platform}, Ports: port(5432),
				})
			}
			if strings.Contains(test.want[0], "5434") {
				web := state.Tenancies["payments"].Namespaces[1]
				web.Network[0].Ports = append(port(5432), port(5434)...)
			}
			plans := planner()
			plans.Analyzer = analyzer.Analyzer{}
			same(t, "the summary", test.want, planned(t, plans, state, proposal(ending(61))).Summary)
		})
	}
}
