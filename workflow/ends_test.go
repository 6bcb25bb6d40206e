package workflow_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

func TestWhateverEndsGoesAtBothOfItsEndsAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		tenant string
		change workflow.Change
		left   []string
		others []string // whose tenancies change, too
		closes []string
	}{
		"to addresses": {"payments", ending(61),
			[]string{"62 logistics-api", "62 payments-web", "63 payments-shop", "63 payments-web", "64 payments-web", "64 search-api"}, nil,
			[]string{"Closes TCP 5432 from payments-web to 10.20.0.0/16 (request 61)."}},
		"to another tenant": {"payments", ending(62),
			[]string{"61 payments-web", "63 payments-shop", "63 payments-web", "64 payments-web", "64 search-api"}, []string{"logistics"},
			[]string{"Closes TCP 8080 from payments-web to logistics-api (request 62)."}},
		"to another tenant, asked by that": {"logistics", ending(62),
			[]string{"61 payments-web", "63 payments-shop", "63 payments-web", "64 payments-web", "64 search-api"}, []string{"payments"},
			[]string{"Closes TCP 8080 from payments-web to logistics-api (request 62)."}},
		"within a tenant": {"payments", ending(63),
			[]string{"61 payments-web", "62 logistics-api", "62 payments-web", "64 payments-web", "64 search-api"}, nil,
			[]string{"Closes TCP 443 from payments-web to payments-shop (request 63)."}},
		"with its namespace, and with one of another tenant": {"payments", removing("payments-web"),
			nil, []string{"logistics", "search"},
			[]string{"Closes TCP 5432 from payments-web to 10.20.0.0/16 (request 61).", "Closes TCP 8080 from payments-web to logistics-api (request 62).",
				"Closes TCP 443 from payments-web to payments-shop (request 63).", "Closes TCP 9090 from search-api to payments-web (request 64)."}},
		"with the namespace at its far end": {"payments", removing("payments-shop"),
			[]string{"61 payments-web", "62 logistics-api", "62 payments-web", "64 payments-web", "64 search-api"}, nil,
			[]string{"Closes TCP 443 from payments-web to payments-shop (request 63)."}},
		"with the other tenant's namespace": {"search", workflow.RemovalChange{Cluster: "weu-1", Namespace: "search-api", Confirmation: "search-api", Reason: "x"},
			[]string{"61 payments-web", "62 logistics-api", "62 payments-web", "63 payments-shop", "63 payments-web"}, []string{"payments"},
			[]string{"Closes TCP 9090 from search-api to payments-web (request 64)."}},
	} {
		t.Run(name, func(t *testing.T) {
			state := opened()
			asked := proposal(test.change)
			asked.Tenant = test.tenant
			plan := planned(t, planner(), state, asked)
			same(t, "what is left open", test.left, requestsOpen(sidesOf(state, plan)))
			var others []string
			for _, side := range plan.Others {
				others = append(others, side.After.Name)
				same(t, side.After.Name+" before", state.Tenancies[side.After.Name], side.Before)
			}
			same(t, "whose tenancies change, too", test.others, others)
			same(t, "what it closes", test.closes, slices.DeleteFunc(slices.Clone(plan.Summary), func(line string) bool { return !strings.HasPrefix(line, "Closes ") }))
			for _, slug := range append(test.others, test.tenant) {
				if !slices.ContainsFunc(plan.Files, func(f workflow.FileChange) bool { return f.Path == "approved/"+slug+".yaml" }) {
					t.Errorf("the document of %s is not among the files", slug)
				}
			}
			for _, file := range plan.Files {
				if file.Before == nil {
					t.Errorf("an end makes the file %s", file.Path)
				}
			}
			same(t, "the stages", false, slices.ContainsFunc(plan.Stages, func(s workflow.Stage) bool { return s.Role == workflow.RolePeerOwner }))
			same(t, "the state, which nobody may change", opened(), state)
			approvals := votes(plan.Stages)
			if objections := workflow.ProveEnd(proofOf(state, asked, plan, approvals...)); len(objections) > 0 {
				t.Errorf("it is objected to: %q", objections)
			}
		})
	}
}

// votes are as many approvals as the stages ask for, of people who may give them.
func votes(stages []workflow.Stage) []workflow.Approval {
	var approvals []workflow.Approval
	for _, stage := range stages {
		for i, voter := range map[workflow.Role][]workflow.Actor{workflow.RoleOwner: {olivia, oscar}, workflow.RoleSecurity: {sam, sofia}, workflow.RoleAdmin: {ada}}[stage.Role] {
			if i < stage.Needed {
				approvals = append(approvals, workflow.Approval{Person: voter.Person, Stage: stage.Role})
			}
		}
	}
	return approvals
}

func TestTheSentenceOfAnEndNamesPodsPeersAndPorts(t *testing.T) {
	labelled := egress(61, workflow.FlowPeer{Namespace: "payments-shop", PodLabels: map[string]string{"tier": "db", "app": "shop"}}, 443, firstEnd)
	labelled.Pods = map[string]string{"app": "web"}
	labelled.Ports = append(labelled.Ports, workflow.FlowPort{Protocol: "UDP", Port: 8000, EndPort: 8100})
	for want, exception := range map[string]workflow.NetworkException{
		"Closes TCP 443, UDP 8000-8100 from payments-web (app=web) to payments-shop (app=shop, tier=db) (request 61).": labelled,
		"Closes TCP 443 from payments-web to the internet (request 61).":                                               egress(61, workflow.FlowPeer{Internet: true}, 443, firstEnd),
		"Closes TCP 443 from payments-web to api.example.com (request 61).":                                            egress(61, workflow.FlowPeer{FQDN: "api.example.com"}, 443, firstEnd),
		"Closes TCP 443 from payments-web to 10.0.0.0/8 (except 10.1.0.0/16, 10.2.0.0/16) (request 61).":               egress(61, workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16", "10.2.0.0/16"}}, 443, firstEnd),
		"Closes TCP 443 from payments-far to payments-web (request 61).":                                               ingress(61, "payments-far", 443, firstEnd),
	} {
		state := opened()
		holder := state.Tenancies["payments"]
		holder.Namespaces[1].Network = []workflow.NetworkException{exception}
		state.Tenancies["payments"] = holder
		plan := planned(t, planner(), state, proposal(ending(61)))
		if !slices.Contains(plan.Summary, want) {
			t.Errorf("the summary is %q, want %q", plan.Summary, want)
		}
	}
}

func TestWhatIsWrongWithTheEndOfAnExceptionIsSaidAtItsField(t *testing.T) {
	for name, test := range map[string]struct {
		tenant string
		change workflow.RemovalChange
		want   map[string]string
	}{
		"nothing is wrong":       {"payments", ending(61), map[string]string{}},
		"nothing else is needed": {"payments", workflow.RemovalChange{Exception: 61, Namespace: "payments-x", Reason: "x"}, map[string]string{}},
		"no reason":              {"payments", workflow.RemovalChange{Exception: 61}, map[string]string{"reason": "Say in a sentence why it can go. Reviewers read it first."}},
		"there is none":          {"payments", ending(60), map[string]string{"exception": "payments has nothing that request 60 gave and that could end by itself. It may have ended already."}},
		"it is between others":   {"logistics", ending(63), map[string]string{"exception": "logistics has nothing that request 63 gave and that could end by itself. It may have ended already."}},
		"a namespace's request":  {"payments", ending(3), map[string]string{"exception": "payments has nothing that request 3 gave and that could end by itself. It may have ended already."}},
		"no number of a request": {"payments", ending(-61), map[string]string{"exception": "-61 is not the number of a request."}},
	} {
		t.Run(name, func(t *testing.T) {
			state := opened()
			after, problems := test.change.Apply(state, state.Tenancies[test.tenant], 7)
			same(t, "the messages", test.want, messages(problems))
			if len(problems) > 0 {
				same(t, "the tenancy", state.Tenancies[test.tenant], after)
			}
		})
	}
}

// Argo CD's objects are told by these names, and the renderer gives them.
func TestTheObjectsOfAnExceptionHaveTheNamesTheyAreFollowedBy(t *testing.T) {
	plan := planned(t, planner(), opened(), proposal(ending(62)))
	for _, name := range []string{"tenure-exception-62-egress", "tenure-exception-62-ingress"} {
		if !slices.ContainsFunc(plan.Files, func(f workflow.FileChange) bool {
			return strings.HasPrefix(f.Path, "clusters/") && f.After == nil && strings.Contains(string(f.Before), "name: "+name+"\n")
		}) {
			t.Errorf("no manifest that goes is named %s", name)
		}
	}
}
