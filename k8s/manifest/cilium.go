package manifest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"tenure.dev/workflow"
)

// ciliumSource marks labels of Kubernetes among those that Cilium knows, so that
// a label of another source cannot be taken for one.
const ciliumSource = "k8s:"

// fqdnPolicy lets pods reach the addresses of a DNS name. Cilium learns these by
// reading the answers to the pods' own questions, and only those to questions
// that a rule with a DNS part lets through
// (https://docs.cilium.io/en/stable/security/policy/layer3/#dns-based), so the
// policy brings that rule along. The rule lists the name alone, as AKS asks for:
// there the pattern * is not supported
// (https://learn.microsoft.com/azure/aks/how-to-apply-fqdn-filtering-policies).
// Other names can be asked for as before: tenure-allow-dns lets them through.
func (p place) fqdnPolicy(engine workflow.NetworkEngine, meta metav1.ObjectMeta, e workflow.NetworkException) (Typed, error) {
	switch peer := *e.Peer(); {
	case e.Direction != workflow.Egress || e.From != nil:
		return nil, errors.New("a DNS name is reached, so it stands in \"to\" of an egress")
	case engine != workflow.EngineCilium:
		return nil, fmt.Errorf("cluster %q enforces with %q; only %q knows addresses by their DNS name", p.grant.Cluster, engine, workflow.EngineCilium)
	case peer.Namespace != "" || peer.CIDR != "" || peer.Internet || len(peer.PodLabels)+len(peer.Except) > 0 || peer.NamespaceSelector != nil || peer.PodSelector != nil:
		return nil, errors.New("a DNS name is a peer of its own")
	}
	name, err := ciliumName(e.To.FQDN)
	if err != nil {
		return nil, err
	}
	ports, err := ciliumPorts(e.Ports)
	if err != nil {
		return nil, err
	}
	return &CiliumNetworkPolicy{
		TypeMeta:   typeMeta(schema.GroupVersion{Group: "cilium.io", Version: "v2"}, "CiliumNetworkPolicy"),
		ObjectMeta: meta,
		Spec: CiliumPolicySpec{
			EndpointSelector: CiliumSelector{MatchLabels: ciliumLabels(e.Pods)},
			Egress: []CiliumEgressRule{
				{
					ToEndpoints: []CiliumSelector{{MatchLabels: ciliumLabels(map[string]string{
						"io.kubernetes.pod.namespace": metav1.NamespaceSystem, dnsLabel: dnsPods,
					})}},
					ToPorts: []CiliumPortRule{{Ports: []CiliumPort{{Port: "53", Protocol: "ANY"}}, Rules: &CiliumL7Rules{DNS: []CiliumName{name}}}},
				},
				{ToFQDNs: []CiliumName{name}, ToPorts: ports},
			},
		},
	}, nil
}

func ciliumLabels(labels map[string]string) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	marked := make(map[string]string, len(labels))
	for key, value := range maps.All(labels) {
		marked[ciliumSource+key] = value
	}
	return marked
}

// wildcardName is what may stand before the first dot of a pattern.
var wildcardName = regexp.MustCompile(`^\*\.`)

// ciliumName gives the selector of a name, or of the names right below one:
// "*.example.com" matches "a.example.com" and neither "example.com" nor
// "a.b.example.com". Any other pattern could match everything.
func ciliumName(fqdn string) (CiliumName, error) {
	name := wildcardName.ReplaceAllString(fqdn, "")
	if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 || !strings.Contains(name, ".") {
		return CiliumName{}, fmt.Errorf("%q is neither a DNS name such as api.example.com nor the names below one, *.example.com", fqdn)
	}
	if name != fqdn {
		return CiliumName{MatchPattern: fqdn}, nil
	}
	return CiliumName{MatchName: fqdn}, nil
}

// maxCiliumPorts is how many ports Cilium takes in one list (maxPorts in
// pkg/policy/api of cilium/cilium). Several lists add up.
const maxCiliumPorts = 40

func ciliumPorts(flow []workflow.FlowPort) ([]CiliumPortRule, error) {
	checked, err := flowPorts(flow)
	if err != nil {
		return nil, err
	}
	var lists []CiliumPortRule
	for part := range slices.Chunk(checked, maxCiliumPorts) {
		list := CiliumPortRule{Ports: make([]CiliumPort, len(part))}
		for i, p := range part {
			list.Ports[i] = CiliumPort{Port: strconv.Itoa(p.Port.IntValue()), Protocol: string(*p.Protocol)}
			if p.EndPort != nil {
				list.Ports[i].EndPort = *p.EndPort
			}
		}
		lists = append(lists, list)
	}
	return lists, nil
}
