package analyzer

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// beginnings gives how each note begins, which is enough to know it by.
func beginnings(notes []string) []string {
	var found []string
	for _, note := range notes {
		found = append(found, strings.Join(strings.Fields(note)[:4], " "))
	}
	return found
}

func TestAnEngineIsNotedForTheExceptionsItTreatsDifferently(t *testing.T) {
	tcp := []workflow.FlowPort{{Protocol: "TCP", Port: 443}}
	to := func(peer workflow.FlowPeer, ports ...workflow.FlowPort) workflow.NetworkException {
		return workflow.NetworkException{Direction: workflow.Egress, To: &peer, Ports: append(slices.Clone(tcp), ports...)}
	}
	from := func(peer workflow.FlowPeer) workflow.NetworkException {
		return workflow.NetworkException{Direction: workflow.Ingress, From: &peer, Ports: tcp}
	}
	const azureEnd, calicoEnd, ciliumEnd = "Whether connections that are", "Connections that are open", "Cilium asks its policies"
	const rewritten, node = "What comes through a", "The node on which"
	const names = "A name opens the"
	for name, test := range map[string]struct {
		engine    workflow.NetworkEngine
		exception workflow.NetworkException
		want      []string
	}{
		"azure, a namespace":       {workflow.EngineAzure, to(workflow.FlowPeer{Namespace: "a"}), []string{azureEnd}},
		"azure, a range":           {workflow.EngineAzure, to(workflow.FlowPeer{CIDR: "10.0.0.0/8"}), []string{azureEnd}},
		"azure, IPv6":              {workflow.EngineAzure, to(workflow.FlowPeer{CIDR: "fd00::/8"}), []string{"Azure Network Policy Manager", azureEnd}},
		"azure, excepted":          {workflow.EngineAzure, to(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16"}}), []string{"On Windows nodes Azure", azureEnd}},
		"azure, the internet":      {workflow.EngineAzure, to(workflow.FlowPeer{Internet: true}), []string{"Azure Network Policy Manager", "On Windows nodes Azure", azureEnd}},
		"azure, SCTP":              {workflow.EngineAzure, to(workflow.FlowPeer{Namespace: "a"}, workflow.FlowPort{Protocol: "SCTP", Port: 1}), []string{"On Windows nodes Azure", azureEnd}},
		"azure, from a namespace":  {workflow.EngineAzure, from(workflow.FlowPeer{Namespace: "a"}), []string{azureEnd}},
		"azure, from a range":      {workflow.EngineAzure, from(workflow.FlowPeer{CIDR: "10.0.0.0/8"}), []string{rewritten, node, azureEnd}},
		"calico, a namespace":      {workflow.EngineCalico, to(workflow.FlowPeer{Namespace: "a"}), []string{calicoEnd}},
		"calico, a range":          {workflow.EngineCalico, to(workflow.FlowPeer{CIDR: "10.0.0.0/8"}), []string{"Calico looks at addresses", calicoEnd}},
		"calico, the internet":     {workflow.EngineCalico, to(workflow.FlowPeer{Internet: true}), []string{calicoEnd}},
		"calico, from the world":   {workflow.EngineCalico, from(workflow.FlowPeer{Internet: true}), []string{rewritten, node, calicoEnd}},
		"cilium, a namespace":      {workflow.EngineCilium, to(workflow.FlowPeer{Namespace: "a"}), []string{ciliumEnd}},
		"cilium, a range":          {workflow.EngineCilium, to(workflow.FlowPeer{CIDR: "10.0.0.0/8"}), []string{"To Cilium a range", ciliumEnd}},
		"cilium, one port twice":   {workflow.EngineCilium, to(workflow.FlowPeer{Namespace: "a"}, workflow.FlowPort{Protocol: "TCP", Port: 80, EndPort: 80}), []string{ciliumEnd}},
		"cilium, a range of ports": {workflow.EngineCilium, to(workflow.FlowPeer{Namespace: "a"}, workflow.FlowPort{Protocol: "TCP", Port: 80, EndPort: 90}), []string{"Cilium before 1.16 ignores", ciliumEnd}},
		"cilium, SCTP":             {workflow.EngineCilium, to(workflow.FlowPeer{Namespace: "a"}, workflow.FlowPort{Protocol: "SCTP", Port: 1}), []string{"Cilium knows SCTP only", ciliumEnd}},
		"cilium, a name":           {workflow.EngineCilium, to(workflow.FlowPeer{FQDN: "a.example.com"}), []string{names, "On AKS, Cilium knows", "Cilium learns the addresses", ciliumEnd}},
		"cilium, names":            {workflow.EngineCilium, to(workflow.FlowPeer{FQDN: "*.example.com"}), []string{names, "The * stands for", "On AKS, Cilium knows", "Cilium learns the addresses", ciliumEnd}},
		"an engine unknown":        {"weave", from(workflow.FlowPeer{CIDR: "10.0.0.0/8"}), []string{rewritten, node}},
		"half an exception":        {workflow.EngineCalico, workflow.NetworkException{Direction: workflow.Egress}, []string{calicoEnd}},
	} {
		if diff := cmp.Diff(test.want, beginnings(Notes(test.engine, test.exception))); diff != "" {
			t.Errorf("%s (-want +noted):\n%s", name, diff)
		}
	}
}

func TestEveryNoteIsASentenceWithASourceOfItsProject(t *testing.T) {
	projects := []string{"kubernetes.io", "learn.microsoft.com", "docs.cilium.io", "github.com"}
	for _, note := range engineNotes {
		if !strings.HasSuffix(note.sentence, ".") || strings.ToUpper(note.sentence[:1]) != note.sentence[:1] {
			t.Errorf("%q is no sentence", note.sentence)
		}
		if source, err := url.Parse(note.source); err != nil || source.Scheme != "https" || !slices.Contains(projects, source.Host) {
			t.Errorf("%q has the source %q", note.sentence, note.source)
		}
	}
}
