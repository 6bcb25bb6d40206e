package admission

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	podsecurity "k8s.io/pod-security-admission/api"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// namespaceRule lets namespaces be created, relabelled and deleted only as
// approved. Namespaces of the platform never come here, and those of nobody
// that exist already are nobody's business while they carry no label of ours.
var namespaceRule = Rule{
	Name:    "namespace",
	Default: workflow.RuleDeny,
	Always:  true,
	Compile: noParams(Check{
		// Of whatever kind: in a namespace that nobody approved, nothing is made.
		LooksAt: func(schema.GroupKind) bool { return true },
		Judge:   judgeNamespace,
	}),
}

// switchOffLabels make the platform's own guards look away from a namespace:
// webhooks of AKS and of Azure Policy select namespaces by them.
// https://learn.microsoft.com/azure/aks/faq (admission controllers),
// https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces
var switchOffLabels = []string{
	"control-plane",
	"kubernetes.azure.com/managedby",
	"kubernetes.azure.com/managed-by",
	"admission.gatekeeper.sh/ignore",
	"policy.open-cluster-management.io/ignore",
	"openpolicyagent.org/webhook",
}

func judgeNamespace(o *Object) ([]workflow.Violation, error) {
	if !o.isNamespace() {
		return o.judgeUnapprovedPlace()
	}
	if o.Operation == Delete {
		return o.judgeNamespaceDeletion()
	}
	meta, err := o.Meta()
	if err != nil {
		return nil, err
	}
	before, err := o.labelsBefore()
	if err != nil {
		return nil, err
	}
	change := labelChange{o: o, before: withoutServerLabels(before), now: withoutServerLabels(meta.Labels)}
	if o.Operation == Update && maps.Equal(change.before, change.now) {
		return nil, nil
	}
	if o.Grant == nil {
		return change.unapproved(), nil
	}
	return append(change.switchedOff(), change.departed()...), nil
}

// judgeNamespaceDeletion: what is approved stays until its removal is approved;
// what only bears our label is removed by the GitOps identity, which pruned it.
func (o *Object) judgeNamespaceDeletion() ([]workflow.Violation, error) {
	refuse := func(why, ask string) []workflow.Violation {
		return []workflow.Violation{{Field: "metadata.name", Value: o.name(), Allowed: why, Ask: ask}}
	}
	if o.Grant != nil {
		return refuse(fmt.Sprintf("the namespace is approved for tenant %s; it can be deleted after its removal was approved.", o.Grant.Tenant), o.askChange()), nil
	}
	meta, err := o.OldMeta()
	if err != nil {
		return nil, err
	}
	if isOurs(meta.Labels) && !o.byGitOps() {
		return refuse(fmt.Sprintf("the namespace carries Tenure's labels; only %s deletes it.", o.gitOpsName()), ""), nil
	}
	return nil, nil
}

// labelsBefore gives the labels before the write; none for one that creates.
func (o *Object) labelsBefore() (map[string]string, error) {
	if o.Operation != Update {
		return nil, nil
	}
	meta, err := o.OldMeta()
	if err != nil {
		return nil, err
	}
	return meta.Labels, nil
}

// isOurs says whether labels claim that Tenure made the object.
func isOurs(labels map[string]string) bool {
	_, tenant := labels[manifest.LabelTenant]
	return tenant || labels[manifest.LabelManagedBy] == manifest.ManagedBy
}

// withoutServerLabels leaves out the label that only the API server sets.
func withoutServerLabels(labels map[string]string) map[string]string {
	labels = maps.Clone(labels)
	delete(labels, corev1.LabelMetadataName)
	return labels
}

// labelChange is a write that changes a namespace's labels.
type labelChange struct {
	o           *Object
	before, now map[string]string
}

// unapproved judges a namespace that nobody approved: it is not created, and
// never gets, changes or loses a label of ours.
func (c labelChange) unapproved() []workflow.Violation {
	why := fmt.Sprintf("nobody approved this namespace on cluster %s.", c.o.Snapshot.Cluster)
	if c.o.Operation == Create {
		return []workflow.Violation{{Field: "metadata.name", Value: c.o.name(), Allowed: why, Ask: c.o.askNamespace()}}
	}
	if !isOurs(c.now) && !isOurs(c.before) {
		return nil
	}
	var violations []workflow.Violation
	for _, label := range c.changed() {
		violations = append(violations, c.violation(label, "the namespace carries Tenure's labels and "+why, c.o.askNamespace()))
	}
	return violations
}

// switchedOff refuses labels that switch enforcement off, save those that stood
// there before: a repair leaves foreign labels alone.
func (c labelChange) switchedOff() []workflow.Violation {
	var violations []workflow.Violation
	for _, label := range switchOffLabels {
		value, found := c.now[label]
		if old, stood := c.before[label]; found && (!stood || old != value) {
			violations = append(violations, c.violation(label, "this label switches enforcement off and is never allowed in a tenant's namespace.", ""))
		}
	}
	return violations
}

// departed finds changes that lead away from the approved labels. A stricter
// level of pod security does not.
func (c labelChange) departed() []workflow.Violation {
	approved := withoutServerLabels(c.o.approved().Typed.GetLabels())
	var violations []workflow.Violation
	for _, label := range c.changed() {
		want, rendered := approved[label]
		now, found := c.now[label]
		switch {
		case slices.Contains(switchOffLabels, label):
			// switchedOff speaks of it; taking one off is a repair.
		case rendered && (now == want || stricter(label, now, want)):
		case rendered:
			violations = append(violations, c.violation(label, fmt.Sprintf("approved is %q.", want), c.o.askChange()))
		case found:
			violations = append(violations, c.violation(label, "this label was not approved.", c.o.askChange()))
		}
	}
	return violations
}

// stricter says whether a pod security label asks for more than was approved.
func stricter(label, now, want string) bool {
	switch label {
	case podsecurity.EnforceLevelLabel, podsecurity.AuditLevelLabel, podsecurity.WarnLevelLabel:
		return workflow.SecurityLevel(now) == workflow.LevelRestricted && want != ""
	}
	return false
}

// changed lists the labels that the write adds, changes or takes off, sorted.
func (c labelChange) changed() []string {
	keys := map[string]bool{}
	for key, value := range c.now {
		if old, found := c.before[key]; !found || old != value {
			keys[key] = true
		}
	}
	for key := range c.before {
		if _, found := c.now[key]; !found {
			keys[key] = true
		}
	}
	// A namespace that is created without an approved label lacks it.
	if c.o.Operation == Create && c.o.Grant != nil {
		for key := range c.o.approved().Typed.GetLabels() {
			if _, found := c.now[key]; !found && key != corev1.LabelMetadataName {
				keys[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func (c labelChange) violation(label, why, ask string) workflow.Violation {
	return workflow.Violation{Field: "metadata.labels[" + label + "]", Value: c.now[label], Allowed: why, Ask: ask}
}
