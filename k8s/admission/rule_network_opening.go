package admission

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// networkOpeningRule lets a tenant's own NetworkPolicies open what is inside their
// namespace, and beyond it what was approved: DNS, the platform's flows and the
// namespace's exceptions, while these last. NetworkPolicies only ever add, so each
// is judged by itself.
var networkOpeningRule = Rule{
	Name:    "network-opening",
	Default: workflow.RuleDeny,
	Always:  true,
	Compile: noParams(Check{
		LooksAt: func(kind schema.GroupKind) bool {
			return kind == networkPolicyKind || isEnginePolicy(kind) || clusterPolicyKinds[kind]
		},
		Judge: judgeNetworkOpening,
	}),
}

// renderedPrefix begins the names of all that Tenure puts into a namespace.
const renderedPrefix = "tenure-"

// clusterPolicyKinds are the policies for pods of any namespace. They are the
// platform's: tenants' roles do not reach them, so the API server is not told to ask
// about them, and the platform's own operators never wait for Tenure.
var clusterPolicyKinds = map[schema.GroupKind]bool{
	{Group: "cilium.io", Kind: "CiliumClusterwideNetworkPolicy"}:            true,
	{Group: "projectcalico.org", Kind: "GlobalNetworkPolicy"}:               true,
	{Group: "projectcalico.org", Kind: "StagedGlobalNetworkPolicy"}:         true,
	{Group: "crd.projectcalico.org", Kind: "GlobalNetworkPolicy"}:           true,
	{Group: "crd.projectcalico.org", Kind: "StagedGlobalNetworkPolicy"}:     true,
	{Group: "policy.networking.k8s.io", Kind: "AdminNetworkPolicy"}:         true,
	{Group: "policy.networking.k8s.io", Kind: "BaselineAdminNetworkPolicy"}: true,
	{Group: "policy.networking.k8s.io", Kind: "ClusterNetworkPolicy"}:       true,
}

// isEnginePolicy says whether a governed kind is a policy that only one network
// engine knows. They have more than NetworkPolicies have, such as rules that deny
// and an order of their own, so what one opens cannot be compared with what was
// approved.
func isEnginePolicy(kind schema.GroupKind) bool {
	return isGoverned(kind) && kind != networkPolicyKind && strings.HasSuffix(kind.Kind, "NetworkPolicy")
}

// isTenantsPolicy says whether a network policy is its tenant's own: in an approved
// namespace, and neither rendered by Tenure nor claiming to be, by name or label.
func (o *Object) isTenantsPolicy() bool {
	kind := o.Kind.GroupKind()
	if o.Grant == nil || (kind != networkPolicyKind && !isEnginePolicy(kind)) || o.claimsTenure() {
		return false
	}
	name := o.name()
	if name == "" && o.Operation == Create {
		// A name that is generated begins as it says. One that cannot be read
		// claims Tenure, see claimsTenure.
		meta, err := o.Meta()
		if err != nil {
			return false
		}
		name = meta.GenerateName
	}
	return name != "" && !strings.HasPrefix(name, renderedPrefix) // without a name it could be any of them
}

func judgeNetworkOpening(o *Object) ([]workflow.Violation, error) {
	kind := o.Kind.GroupKind()
	switch {
	case o.Operation == Delete && !clusterPolicyKinds[kind]:
		return nil, nil // a NetworkPolicy of the tenant's own is; all others are the rule governed's
	case clusterPolicyKinds[kind]:
		return o.judgeClusterPolicy(), nil
	case !o.isTenantsPolicy():
		return nil, nil // the rule governed's
	case kind != networkPolicyKind:
		return o.judgeEnginePolicy()
	}
	policy, err := o.networkPolicy(&o.now)
	if limits := (network.LimitError)(nil); errors.As(err, &limits) {
		return o.judgeTooLarge(limits), nil
	}
	if err != nil {
		return o.leftAsItWas(err)
	}
	granted, err := o.Grant.openings.at(o.Request)
	if err != nil {
		return nil, err
	}
	_, within, err := granted.Within(policy)
	switch {
	case err != nil:
		return o.leftAsItWas(err)
	case within:
		return nil, nil
	}
	return o.judgeWidePolicy(policy, granted)
}

// judgeTooLarge refuses a policy that is too large to be compared, by each limit that
// it is past. One that is there already may stay as it is.
func (o *Object) judgeTooLarge(limits network.LimitError) []workflow.Violation {
	if o.Operation == Update {
		if _, same := o.sameSpec(); same {
			return nil
		}
	}
	violations := make([]workflow.Violation, len(limits))
	for i, excess := range limits {
		violations[i] = workflow.Violation{
			Field: excess.Field, Value: fmt.Sprint(excess.Number), Allowed: excess.String() + "; write several smaller ones.", Ask: o.askNetwork(nil),
		}
	}
	return violations
}

// leftAsItWas lets an update through that leaves a policy as it was which cannot be
// judged; anything else that cannot be judged is refused for the reason given.
func (o *Object) leftAsItWas(why error) ([]workflow.Violation, error) {
	if o.Operation == Update {
		if _, same := o.sameSpec(); same {
			return nil, nil
		}
	}
	return nil, why
}

// sameSpec says whether an update leaves all beside metadata and status as it was,
// or else names a field that it changes.
func (o *Object) sameSpec() (path string, same bool) {
	now, err := decodeFields(o.Object)
	if err != nil {
		return "", false
	}
	before, err := decodeFields(o.OldObject)
	if err != nil {
		return "", false
	}
	return sameBody("", before.body, now.body)
}

// judgeEnginePolicy refuses a tenant's policy for one network engine.
func (o *Object) judgeEnginePolicy() ([]workflow.Violation, error) {
	if o.Operation == Update {
		if _, same := o.sameSpec(); same {
			return nil, nil
		}
	}
	return []workflow.Violation{{
		Field: "kind", Value: o.Kind.Kind,
		Allowed: fmt.Sprintf("what a %s of %s lets through cannot be compared with what was approved; a tenant's own policies are NetworkPolicies of %s.",
			o.Kind.Kind, o.Kind.Group, networkPolicyKind.Group),
		Ask: o.askNetwork(nil),
	}}, nil
}

// judgeClusterPolicy refuses a tenant's policy for all of the cluster. Only what a
// tenant asks comes here, see isAnybodys.
func (o *Object) judgeClusterPolicy() []workflow.Violation {
	return []workflow.Violation{{
		Field: "kind", Value: o.Kind.Kind,
		Allowed: fmt.Sprintf("a %s is about pods of other namespaces than those of tenant %s, so only the platform writes it.", o.Kind.Kind, o.asker()),
	}}
}
