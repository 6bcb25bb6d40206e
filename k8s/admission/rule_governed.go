package admission

import (
	"fmt"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// governedRule keeps what Tenure writes as it was approved: only the GitOps
// identity writes it, and only to bring it to, or keep it within, what was
// approved. A write that changes nothing is anybody's. Of workloads it looks at
// one thing: whether their pods run as an account that is Argo CD's alone.
var governedRule = Rule{
	Name:    "governed",
	Default: workflow.RuleDeny,
	Always:  true,
	Compile: noParams(Check{
		LooksAt: func(kind schema.GroupKind) bool { return isGoverned(kind) || isWorkload(kind) },
		Judge:   judgeGoverned,
	}),
}

// governedKinds are governed in every tenant's namespace, whether Tenure
// rendered the object or not. A tenant's own ResourceQuota or LimitRange could
// contradict ours, and its RoleBindings would give access that nobody approved.
// Of ServiceAccounts and NetworkPolicies, only those are governed that Tenure
// rendered or that claim it, see governs; what a tenant's own NetworkPolicies let
// through is the rule network-opening's.
var governedKinds = map[schema.GroupKind]bool{
	namespaceKind:           true,
	{Kind: "ResourceQuota"}: true,
	{Kind: "LimitRange"}:    true,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}: true,
	networkPolicyKind:  true,
	serviceAccountKind: true,
	ciliumPolicyKind:   true,
	{Group: "projectcalico.org", Kind: "NetworkPolicy"}:                     true,
	{Group: "projectcalico.org", Kind: "StagedNetworkPolicy"}:               true,
	{Group: "projectcalico.org", Kind: "StagedKubernetesNetworkPolicy"}:     true,
	{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"}:                 true,
	{Group: "crd.projectcalico.org", Kind: "StagedNetworkPolicy"}:           true,
	{Group: "crd.projectcalico.org", Kind: "StagedKubernetesNetworkPolicy"}: true,
}

var (
	networkPolicyKind  = schema.GroupKind{Group: "networking.k8s.io", Kind: "NetworkPolicy"}
	ciliumPolicyKind   = schema.GroupKind{Group: "cilium.io", Kind: "CiliumNetworkPolicy"}
	serviceAccountKind = schema.GroupKind{Kind: "ServiceAccount"}
)

func isGoverned(kind schema.GroupKind) bool { return governedKinds[kind] }

// governs says whether the rule governed has anything to say of the object.
// ServiceAccounts and NetworkPolicies are the tenant's business, save those that
// Tenure rendered or, for NetworkPolicies, that claim it by name or label.
func (o *Object) governs() bool {
	kind := o.Kind.GroupKind()
	switch {
	case kind == serviceAccountKind:
		return o.approved() != nil || (o.Grant == nil && o.claimsTenure())
	case o.isTenantsPolicy():
		// Engines' policies may limit, too: what took one away would open.
		return o.Operation == Delete && kind != networkPolicyKind
	}
	return isGoverned(kind)
}

// claimsTenure says whether an object of a governed kind bears Tenure's labels,
// before the write or after it. One that cannot be read might.
func (o *Object) claimsTenure() bool {
	if !isGoverned(o.Kind.GroupKind()) {
		return false
	}
	for _, v := range []*version{&o.now, &o.before} {
		if len(v.raw) == 0 {
			continue
		}
		if meta, err := v.metadata(); err != nil || isOurs(meta.Labels) {
			return true
		}
	}
	return false
}

// namespaceControllers are the names under which the controller that empties a
// deleted namespace comes: with credentials of its own, and without.
var namespaceControllers = map[string]bool{
	"system:serviceaccount:kube-system:namespace-controller": true,
	"system:kube-controller-manager":                         true,
}

func judgeGoverned(o *Object) ([]workflow.Violation, error) {
	switch {
	case isWorkload(o.Kind.GroupKind()):
		return o.judgeDeployerUse()
	case !o.governs():
		return nil, nil
	case o.Operation == Delete && o.isNamespace(), o.Operation == Create && o.Grant == nil:
		return nil, nil // the rule namespace's
	case o.Operation == Delete:
		return o.judgeGovernedDeletion()
	}
	now, err := decodeFields(o.Object)
	if err != nil {
		return nil, err
	}
	before := fields{}
	if o.Operation == Update {
		if before, err = decodeFields(o.OldObject); err != nil {
			return nil, err
		}
		if path, same := before.sameAs(now, o.Kind.GroupKind()); same {
			return nil, nil
		} else if o.isNamespace() && o.Grant == nil && !isOurs(before.labels) {
			return nil, nil // somebody else's Namespace
		} else if !o.byGitOps() {
			return []workflow.Violation{o.foreign(path, now.text(path))}, nil
		}
	}
	if !o.byGitOps() {
		return []workflow.Violation{o.foreign("metadata.name", o.name())}, nil
	}
	return o.judgeGitOpsWrite(before, now)
}

// judgeGitOpsWrite lets the GitOps identity repair and narrow: everything that
// the object grants afterwards is granted by the approved object, or was by the
// live one.
func (o *Object) judgeGitOpsWrite(before, now fields) ([]workflow.Violation, error) {
	// What is no longer approved may still be narrowed: the commit that takes it
	// away has not come to the cluster yet, or an older one is applied again.
	object := o.approved()
	if object == nil && o.Operation == Create {
		return []workflow.Violation{{Field: "metadata.name", Value: o.name(), Allowed: o.whyNotApproved() + ".", Ask: o.askChange()}}, nil
	}
	approved := before
	if object != nil {
		plain, err := object.Fields()
		if err != nil {
			return nil, err
		}
		approved = newFields(plain)
	}
	widening := widenings{
		kind: o.Kind.GroupKind(), approved: approved, before: before, now: now, namespace: o.Namespace,
		closed: func(direction networkingv1.PolicyType) bool {
			return o.Grant != nil && o.Grant.isolates(direction, o.key())
		},
	}.find(comparisons)
	violations := make([]workflow.Violation, 0, len(widening))
	for _, w := range widening {
		switch {
		case object == nil: // what stands there was compared with, and is not approved either
			w.why = o.whyNotApproved() + "; as long as it is there, it can only grant less."
		case object != o.rendered() && strings.HasPrefix(w.field, hardPath): // it was more, for a time
			w.why = strings.TrimSuffix(w.why, ".") + "; " + o.whyNotApproved() + "."
		}
		violations = append(violations, workflow.Violation{Field: w.field, Value: w.value, Allowed: w.why, Ask: o.askChange()})
	}
	return violations, nil
}

// whyNotApproved says of an object that is not approved, or not as it was, whether
// it ever was.
func (o *Object) whyNotApproved() string {
	if object := o.rendered(); object != nil {
		return fmt.Sprintf("what request %d gave ended at %s", object.Request, object.Until.UTC().Format(time.RFC3339))
	}
	return "nobody approved this " + o.Kind.Kind
}

// judgeGovernedDeletion: the namespace controller empties namespaces whose
// deletion was judged; the GitOps identity takes away what is not approved, or
// what only gives.
func (o *Object) judgeGovernedDeletion() ([]workflow.Violation, error) {
	switch {
	case namespaceControllers[o.User]:
		return nil, nil
	case !o.byGitOps() || o.name() == "": // without a name it could be any of them
		return []workflow.Violation{o.foreign("metadata.name", o.name())}, nil
	case o.Grant == nil:
		return o.judgeLeftoverDeletion()
	case o.approved() == nil || o.Grant.onlyGives(o.approved()):
		return nil, nil
	}
	return []workflow.Violation{{
		Field: "metadata.name", Value: o.name(),
		Allowed: fmt.Sprintf("this %s is approved and limits what the namespace may do; it goes after its removal was approved.", o.Kind.Kind),
		Ask:     o.askChange(),
	}}, nil
}

// foreign refuses a write by anybody but the GitOps identity.
func (o *Object) foreign(field, value string) workflow.Violation {
	why := fmt.Sprintf("only %s writes the %s of a tenant's namespace, as it was approved.", o.gitOpsName(), o.Kind.Kind)
	switch {
	case o.Kind.GroupKind() == serviceAccountKind:
		why = fmt.Sprintf("only %s writes this ServiceAccount, as it was approved; it is not the tenant's own.", o.gitOpsName())
	case o.Kind.GroupKind() == networkPolicyKind && o.Grant != nil && o.rendered() == nil:
		why = fmt.Sprintf("names that begin with %s, and Tenure's labels, are for what %s writes; a NetworkPolicy of the tenant's own bears neither.", renderedPrefix, o.gitOpsName())
	}
	return workflow.Violation{Field: field, Value: value, Allowed: why, Ask: o.askChange()}
}

// gitOpsName names the GitOps identity in sentences.
func (o *Object) gitOpsName() string {
	if identity := o.Snapshot.policy.GitOpsIdentity; identity != "" {
		return identity
	}
	return "the GitOps identity, which the policy does not name,"
}

// onlyGives says whether an approved object grants something and limits
// nothing, so that deleting it can only narrow.
func (g *Grant) onlyGives(object *manifest.Object) bool {
	switch object.Key.Kind {
	case "RoleBinding", "ServiceAccount":
		return true
	}
	return g.stillIsolated(object)
}
