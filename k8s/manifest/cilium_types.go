package manifest

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// The fields of Cilium's objects that Tenure sets, as its API v2 names them
// (https://docs.cilium.io/en/stable/network/kubernetes/policy/#ciliumnetworkpolicy).
// Cilium's own Go types are not used: they bring all of Cilium with them.

// CiliumNetworkPolicy lets pods of a namespace reach addresses by DNS name.
type CiliumNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              CiliumPolicySpec `json:"spec"`
}

// CiliumPolicySpec is what the policy lets through, for the pods it selects.
type CiliumPolicySpec struct {
	EndpointSelector CiliumSelector     `json:"endpointSelector"` // empty: every pod of the namespace
	Egress           []CiliumEgressRule `json:"egress"`
}

// CiliumSelector selects pods by their labels.
type CiliumSelector struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty"` // with their source: "k8s:app"
}

// CiliumEgressRule is one rule: to pods or to names, never to both.
type CiliumEgressRule struct {
	ToEndpoints []CiliumSelector `json:"toEndpoints,omitempty"`
	ToFQDNs     []CiliumName     `json:"toFQDNs,omitempty"`
	ToPorts     []CiliumPortRule `json:"toPorts"`
}

// CiliumName is a DNS name, or a pattern of names.
type CiliumName struct {
	MatchName    string `json:"matchName,omitempty"`
	MatchPattern string `json:"matchPattern,omitempty"`
}

// CiliumPortRule is the ports of a rule, and what may be said through them.
type CiliumPortRule struct {
	Ports []CiliumPort   `json:"ports"`
	Rules *CiliumL7Rules `json:"rules,omitempty"`
}

// CiliumPort is a port or a range of ports.
type CiliumPort struct {
	Port     string `json:"port"`
	EndPort  int32  `json:"endPort,omitempty"`
	Protocol string `json:"protocol"` // TCP, UDP, SCTP or ANY
}

// CiliumL7Rules are the names that may be asked for.
type CiliumL7Rules struct {
	DNS []CiliumName `json:"dns"`
}

var _ Typed = (*CiliumNetworkPolicy)(nil)

// DeepCopyObject copies the whole policy.
func (c *CiliumNetworkPolicy) DeepCopyObject() runtime.Object {
	copied := &CiliumNetworkPolicy{TypeMeta: c.TypeMeta, ObjectMeta: *c.ObjectMeta.DeepCopy()}
	copied.Spec.EndpointSelector = c.Spec.EndpointSelector.deepCopy()
	copied.Spec.Egress = slices.Clone(c.Spec.Egress)
	for i, rule := range copied.Spec.Egress {
		rule.ToEndpoints = slices.Clone(rule.ToEndpoints)
		for j, selector := range rule.ToEndpoints {
			rule.ToEndpoints[j] = selector.deepCopy()
		}
		rule.ToFQDNs = slices.Clone(rule.ToFQDNs)
		rule.ToPorts = slices.Clone(rule.ToPorts)
		for j, ports := range rule.ToPorts {
			rule.ToPorts[j].Ports = slices.Clone(ports.Ports)
			if ports.Rules != nil {
				rule.ToPorts[j].Rules = &CiliumL7Rules{DNS: slices.Clone(ports.Rules.DNS)}
			}
		}
		copied.Spec.Egress[i] = rule
	}
	return copied
}

func (s CiliumSelector) deepCopy() CiliumSelector {
	return CiliumSelector{MatchLabels: maps.Clone(s.MatchLabels)}
}
