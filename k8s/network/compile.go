package network

import (
	"fmt"
	"slices"
	"sort"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// compile checks a policy as the API server does and makes it ready. The errors name
// the fields; a policy with one is not evaluated at all. A policy that names no
// namespace is taken as one of the given.
func compile(source *networkingv1.NetworkPolicy, namespace string) (*policy, error) {
	if source == nil {
		return nil, fmt.Errorf("a NetworkPolicy of namespace %q is nil", namespace)
	}
	p := &policy{namespace: namespace, name: source.Name, source: source}
	if source.Namespace != "" && source.Namespace != namespace {
		return nil, fmt.Errorf("NetworkPolicy %q is of namespace %q, not %q", source.Name, source.Namespace, namespace)
	}
	c := compiler{policy: p}
	c.run(&source.Spec)
	if len(c.errs) > 0 {
		return nil, fmt.Errorf("NetworkPolicy %q: %w", p.String(), c.errs.ToAggregate())
	}
	return p, nil
}

// compiler gathers what is wrong on the way.
type compiler struct {
	policy *policy
	errs   field.ErrorList
}

func (c *compiler) run(spec *networkingv1.NetworkPolicySpec) {
	path := field.NewPath("spec")
	c.policy.selects = c.selector(&spec.PodSelector, everyPod(), path.Child("podSelector"))
	c.policyTypes(spec, path.Child("policyTypes"))
	for i, rule := range spec.Ingress {
		c.rule(Ingress, i, rule.From, rule.Ports, path.Child("ingress").Index(i), "from")
	}
	for i, rule := range spec.Egress {
		c.rule(Egress, i, rule.To, rule.Ports, path.Child("egress").Index(i), "to")
	}
	for _, d := range directions {
		if !c.policy.affects[d.side()] {
			c.policy.rules[d.side()] = nil // checked, but without effect
		}
	}
}

// policyTypes are as the API server sets them where they are missing: Ingress always,
// Egress if there is a rule of it.
func (c *compiler) policyTypes(spec *networkingv1.NetworkPolicySpec, path *field.Path) {
	if len(spec.PolicyTypes) == 0 {
		c.policy.affects = [2]bool{true, len(spec.Egress) > 0}
		return
	}
	if len(spec.PolicyTypes) > len(directions) {
		c.errs = append(c.errs, field.TooMany(path, len(spec.PolicyTypes), len(directions)))
	}
	for i, kind := range spec.PolicyTypes {
		if !slices.Contains(directions[:], Direction(kind)) {
			c.errs = append(c.errs, field.NotSupported(path.Index(i), kind, directions[:]))
			continue
		}
		c.policy.affects[Direction(kind).side()] = true
	}
}

func (c *compiler) rule(d Direction, at int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, path *field.Path, word string) {
	let := AllPorts()
	if len(ports) > 0 {
		let = c.ports(ports, path.Child("ports"))
	}
	reached := c.atAddresses(d, let)
	rules := &c.policy.rules[d.side()]
	if len(peers) == 0 {
		*rules = append(*rules,
			allowance{anyPod(), let, let, at, -1},
			allowance{peer{addresses: everyAddress}, reached, let, at, -1})
	}
	for i := range peers {
		p := c.peer(&peers[i], path.Child(word).Index(i))
		meant := let
		if p.addresses != nil {
			meant = reached
		}
		*rules = append(*rules, allowance{p, meant, let, at, i})
	}
}

// atAddresses leaves named ports out where addresses are the destination. From
// addresses the destination is the policy's own pod, which names its ports.
func (c *compiler) atAddresses(d Direction, ports Ports) Ports {
	if d == Egress {
		return ports.numbered()
	}
	return ports
}

func (c *compiler) peer(source *networkingv1.NetworkPolicyPeer, path *field.Path) peer {
	selectors := source.PodSelector != nil || source.NamespaceSelector != nil
	switch {
	case source.IPBlock != nil && selectors:
		c.errs = append(c.errs, field.Forbidden(path, "may not specify both ipBlock and another peer"))
	case source.IPBlock != nil:
		return peer{addresses: c.block(source.IPBlock, path.Child("ipBlock"))}
	case !selectors:
		c.errs = append(c.errs, field.Required(path, "must specify a peer"))
	}
	result := peer{spaces: namespaceNamed(c.policy.namespace), pods: everyPod()}
	if source.NamespaceSelector != nil {
		result.spaces = c.selector(source.NamespaceSelector, everyNamespace(), path.Child("namespaceSelector"))
	}
	if source.PodSelector != nil {
		result.pods = c.selector(source.PodSelector, everyPod(), path.Child("podSelector"))
	}
	return result
}

// selector narrows a set by a selector's requirements.
func (c *compiler) selector(source *metav1.LabelSelector, set LabelSet, path *field.Path) LabelSet {
	if len(source.MatchLabels)+len(source.MatchExpressions) > 0 {
		c.errs = append(c.errs, validation.ValidateLabelSelector(source, validation.LabelSelectorValidationOptions{}, path)...)
	}
	given := make(map[string]valueSet, len(source.MatchLabels)+len(source.MatchExpressions))
	narrow := func(key string, values valueSet) {
		if known, found := given[key]; found {
			values = known.intersect(values)
		}
		given[key] = values
	}
	for key, value := range source.MatchLabels {
		narrow(key, valueSet{list: []string{value}})
	}
	for _, e := range source.MatchExpressions {
		values := slices.Clone(e.Values)
		sort.Strings(values)
		values = slices.Compact(values)
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			narrow(e.Key, valueSet{list: values})
		case metav1.LabelSelectorOpNotIn:
			narrow(e.Key, valueSet{absent: true, others: true, list: values})
		case metav1.LabelSelectorOpExists:
			narrow(e.Key, valueSet{others: true})
		case metav1.LabelSelectorOpDoesNotExist:
			narrow(e.Key, valueSet{absent: true})
		}
	}
	set = set.withEach(given)
	set.written = source
	return set
}
