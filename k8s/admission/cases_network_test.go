package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// approvedException is what a case has approved for the namespace, in its words.
type approvedException struct {
	Direction         workflow.FlowDirection `json:"direction"`
	To                string                 `json:"to"` // the other side, also for ingress
	NamespaceSelector *workflow.Selector     `json:"namespace_selector"`
	PodSelector       *workflow.Selector     `json:"pod_selector"`
	CIDR              string                 `json:"cidr"`
	Except            []string               `json:"except"`
	IPBlock           *workflow.FlowPeer     `json:"ip_block"`
	Block             *workflow.FlowPeer     `json:"ipBlock"`
	Ports             []string               `json:"ports"` // "all", "TCP/8050", "TCP/8000-8100", "TCP/http"
}

// approvedFlows gives what is approved as platform flows, which are rendered as any
// policy's are. A port that is named is no flow; what has one becomes a policy.
func (c admissionCase) approvedFlows(t *testing.T) (flows []workflow.PlatformFlow, further []networkingv1.NetworkPolicySpec) {
	t.Helper()
	var params struct {
		Approved []approvedException `json:"approved_exceptions"`
	}
	c.decodeParams(t, &params)
	for i, approved := range params.Approved {
		ports, names := approved.ports(t)
		for j, peer := range approved.peers() {
			flow := workflow.PlatformFlow{Name: fmt.Sprintf("approved-%d-%d", i, j), Direction: approved.Direction, Ports: ports}
			if flow.Direction == workflow.Egress {
				flow.To = &peer
			} else {
				flow.From = &peer
			}
			if len(ports) > 0 || len(names) == 0 {
				flows = append(flows, flow)
			}
			if len(names) > 0 {
				further = append(further, withNames(t, flow, names))
			}
		}
	}
	return flows, further
}

// peers are the other sides of an exception; none for the namespace itself.
func (a approvedException) peers() []workflow.FlowPeer {
	everyNamespace := &workflow.Selector{}
	if _, err := netip.ParsePrefix(a.To); err == nil {
		return []workflow.FlowPeer{{CIDR: a.To, Except: a.Except}}
	}
	switch {
	case a.CIDR != "":
		return []workflow.FlowPeer{{CIDR: a.CIDR, Except: a.Except}}
	case a.IPBlock != nil:
		return []workflow.FlowPeer{*a.IPBlock}
	case a.Block != nil:
		return []workflow.FlowPeer{*a.Block}
	case a.To == "same-namespace":
		return nil
	case a.To == "everywhere":
		return []workflow.FlowPeer{{NamespaceSelector: everyNamespace}, {CIDR: "0.0.0.0/0"}, {CIDR: "::/0"}}
	case a.NamespaceSelector != nil:
		return []workflow.FlowPeer{{NamespaceSelector: a.NamespaceSelector, PodSelector: a.PodSelector}}
	case a.To == "all-namespaces":
		return []workflow.FlowPeer{{NamespaceSelector: everyNamespace, PodSelector: a.PodSelector}}
	}
	return nil
}

// ports gives the numbers, none for all of them, and the names.
func (a approvedException) ports(t *testing.T) (numbers []workflow.FlowPort, names []networkingv1.NetworkPolicyPort) {
	t.Helper()
	for _, text := range a.Ports {
		if text == "all" {
			return nil, nil
		}
		protocol, port, found := strings.Cut(text, "/")
		if !found {
			protocol, port = "TCP", text
			if slices.Contains([]string{"TCP", "UDP", "SCTP"}, text) {
				protocol, port = text, "1-65535"
			}
		}
		from, to, ranged := strings.Cut(port, "-")
		first, err := strconv.ParseInt(from, 10, 32)
		if err != nil {
			of, name := corev1.Protocol(protocol), intstr.FromString(port)
			names = append(names, networkingv1.NetworkPolicyPort{Protocol: &of, Port: &name})
			continue
		}
		number := workflow.FlowPort{Protocol: protocol, Port: int32(first)}
		if ranged {
			last, err := strconv.ParseInt(to, 10, 32)
			if err != nil {
				t.Fatalf("ports %q: %v", text, err)
			}
			number.EndPort = int32(last)
		}
		numbers = append(numbers, number)
	}
	return numbers, names
}

// withNames is a flow to ports by their names.
func withNames(t *testing.T, flow workflow.PlatformFlow, names []networkingv1.NetworkPolicyPort) networkingv1.NetworkPolicySpec {
	t.Helper()
	flow.Ports = nil
	policy := testPolicy()
	policy.PlatformFlows = []workflow.PlatformFlow{flow}
	space := testNamespace("any", workflow.LevelBaseline)
	objects, err := manifest.Objects(policy, workflow.Tenancy{Name: "cases", Namespaces: []workflow.Namespace{space}}, space)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if rendered := typedPolicy(&object); rendered != nil && rendered.Name == "tenure-flow-"+flow.Name {
			spec := *rendered.Spec.DeepCopy()
			for i := range spec.Ingress {
				spec.Ingress[i].Ports = names
			}
			for i := range spec.Egress {
				spec.Egress[i].Ports = names
			}
			return spec
		}
	}
	t.Fatalf("flow %q was not rendered", flow.Name)
	return networkingv1.NetworkPolicySpec{}
}

// approve puts further policies beside those rendered for a namespace.
func approve(grant *Grant, specs []networkingv1.NetworkPolicySpec) {
	objects := maps.Clone(grant.objects)
	for i, spec := range specs {
		key := manifest.Key{Group: networkPolicyKind.Group, Kind: networkPolicyKind.Kind, Namespace: grant.Namespace.Name, Name: fmt.Sprintf("tenure-further-%d", i)}
		objects[key] = &manifest.Object{Key: key, Typed: &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: key.Name, Namespace: key.Namespace}, Spec: spec,
		}}
	}
	grant.objects, grant.openings = objects, newOpenings(grant.Namespace.Name, objects)
}

// clusterPolicies are the NetworkPolicies of a cluster, by namespace.
type clusterPolicies map[string][]*networkingv1.NetworkPolicy

func (p clusterPolicies) NetworkPolicies(namespace string) ([]*networkingv1.NetworkPolicy, bool) {
	return p[namespace], true
}

// policies are the NetworkPolicies among the objects that exist already. One without
// a namespace, and each where the case is for any namespace, is beside its object.
func (c admissionCase) policies(t *testing.T, folder, space string) Policies {
	t.Helper()
	found := clusterPolicies{}
	for _, d := range c.existing(t, folder) {
		if d.head.Kind != networkPolicyKind.Kind {
			continue
		}
		policy := &networkingv1.NetworkPolicy{}
		if err := json.Unmarshal(d.raw, policy); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		namespace := policy.Namespace
		if namespace == "" || c.Namespace == "" {
			namespace = space
		}
		found[namespace] = append(found[namespace], policy)
	}
	return found
}
