package analyzer

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

var (
	noon     = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	december = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	january  = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	february = time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
)

func testPolicy() workflow.Policy {
	return workflow.Policy{
		Clusters: map[string]workflow.Cluster{
			"weu-1": {Server: "https://kubernetes.default.svc", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce},
		},
		PlatformNamespaces: []string{"kube-system", "ingress-nginx", "monitoring"},
		PlatformFlows: []workflow.PlatformFlow{
			{Name: "ingress-controller", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "ingress-nginx"}},
			{Name: "monitoring", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "monitoring", PodLabels: labelled("app=prometheus")}, Ports: ports("TCP", 9090)},
			{Name: "entra", Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: "20.190.128.0/18"}, Ports: ports("TCP", 443)},
		},
		Environments: map[string]workflow.Environment{"dev": {PodSecurity: workflow.LevelBaseline}, "prod": {PodSecurity: workflow.LevelRestricted}},
		Requests: workflow.RequestLimits{Network: workflow.NetworkLimits{
			MaxDuration: workflow.Duration(90 * 24 * time.Hour), Refused: []workflow.AddressName{{CIDR: "10.0.0.0/24", Name: "the nodes of weu-1"}},
		}},
		GitOpsIdentity: "system:serviceaccount:argocd:gitops", Portal: "https://tenure.example.com",
	}
}

// labelled reads "app=api" and, as none, "".
func labelled(text string) map[string]string {
	if text == "" {
		return nil
	}
	var key, value string
	for i := range text {
		if text[i] == '=' {
			key, value = text[:i], text[i+1:]
		}
	}
	return map[string]string{key: value}
}

// ports gives one port, or a range of two.
func ports(protocol string, numbers ...int32) []workflow.FlowPort {
	port := workflow.FlowPort{Protocol: protocol, Port: numbers[0]}
	if len(numbers) > 1 {
		port.EndPort = numbers[1]
	}
	return []workflow.FlowPort{port}
}

func namespace(name, environment string, exceptions ...workflow.NetworkException) workflow.Namespace {
	amount := resource.MustParse("2")
	return workflow.Namespace{
		Name: name, Cluster: "weu-1", Environment: environment, PodSecurity: workflow.LevelRestricted, Request: 1,
		Quota: workflow.Quota{CPU: amount, Memory: amount, Storage: amount, Pods: 10, Request: 1}, Network: exceptions,
	}
}

func tenancy(name string, namespaces ...workflow.Namespace) workflow.Tenancy {
	return workflow.Tenancy{Name: name, Owners: workflow.Group{Group: "o"}, Members: workflow.Group{Group: "m"}, Clusters: []string{"weu-1"}, Namespaces: namespaces}
}

func stateOf(tenancies ...workflow.Tenancy) *workflow.ApprovedState {
	state := &workflow.ApprovedState{Commit: "c0", Policy: testPolicy(), Tenancies: map[string]workflow.Tenancy{}}
	for _, t := range tenancies {
		state.Tenancies[t.Name] = t
	}
	return state
}

func egress(request int64, pods string, to workflow.FlowPeer, until time.Time, on []workflow.FlowPort) workflow.NetworkException {
	return workflow.NetworkException{Direction: workflow.Egress, Pods: labelled(pods), To: &to, Ports: on, Until: until, Request: request}
}

func ingress(request int64, pods string, from workflow.FlowPeer, until time.Time, on []workflow.FlowPort) workflow.NetworkException {
	return workflow.NetworkException{Direction: workflow.Ingress, Pods: labelled(pods), From: &from, Ports: on, Until: until, Request: request}
}

// pods are the pods of a namespace as the other side of an exception.
func pods(namespace, with string) workflow.FlowPeer {
	return workflow.FlowPeer{Namespace: namespace, PodLabels: labelled(with)}
}

func cidr(text string, except ...string) workflow.FlowPeer {
	return workflow.FlowPeer{CIDR: text, Except: except}
}

// running are workloads that are known.
type known map[string][]workflow.Workload

func (k known) In(cluster, namespace string) ([]workflow.Workload, bool) {
	return k[namespace], cluster == "weu-1"
}

func change(t testing.TB, a Analyzer, state *workflow.ApprovedState, after ...workflow.Tenancy) workflow.NetworkReport {
	t.Helper()
	report, err := a.Change(state, after[0].Name, after, noon)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// table lists flows for people: "opened payments-api-prod (app=api) → 10.20.0.0/16: TCP 5432 because request 61".
func table(c workflow.Connectivity) []string {
	names := map[string]string{}
	for _, end := range c.Ends {
		names[end.ID] = end.Namespace + "|" + end.Label
	}
	lines := []string{}
	for _, flow := range c.Flows {
		line := fmt.Sprintf("%s > %s: %s (%s)", names[flow.From], names[flow.To], flow.Ports, flow.Because)
		if flow.Change != "" {
			line = string(flow.Change) + " " + line
		}
		if flow.OneSided != "" {
			line += " " + flow.OneSided
		}
		lines = append(lines, line)
	}
	return lines
}
