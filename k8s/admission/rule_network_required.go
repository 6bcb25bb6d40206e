package admission

import (
	"fmt"
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"tenure.dev/workflow"
)

// networkRequiredRule lets pods run only where both directions are policed: some
// NetworkPolicy selects them for ingress, and some for egress. A pod that none
// selects may talk to everybody.
var networkRequiredRule = Rule{
	Name:    "network-required",
	Default: workflow.RuleDeny,
	Compile: noParams(Check{LooksAt: isWorkload, Judge: judgeNetworkRequired}),
}

// Policies knows the NetworkPolicies that are in the cluster. Admission also works
// without: what was approved is then taken to be there.
type Policies interface {
	// NetworkPolicies lists those of a namespace. Known is false while nothing is
	// known of the cluster. The policies are not changed by whoever gets them.
	NetworkPolicies(namespace string) (policies []*networkingv1.NetworkPolicy, known bool)
}

// directions are those that a NetworkPolicy can police.
var directions = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}

func judgeNetworkRequired(o *Object) ([]workflow.Violation, error) {
	pods, err := o.Pods()
	if err != nil {
		return nil, err
	}
	policies, there := o.policies()
	var violations []workflow.Violation
	for i, pod := range pods {
		if o.labelledAsBefore(i, pod) {
			continue
		}
		for _, direction := range directions {
			policed, err := policedBy(policies, pod.Meta.Labels, direction)
			if err != nil {
				return nil, err
			}
			if !policed {
				violations = append(violations, workflow.Violation{
					Field: pod.Path + "metadata.labels", Value: labels.FormatLabels(pod.Meta.Labels),
					Allowed: fmt.Sprintf("no NetworkPolicy %s namespace %s selects these pods for %s, so they could talk to everybody. %s",
						there, o.Namespace, directionWord(direction), o.whoPolices()),
				})
			}
		}
	}
	return violations, nil
}

// policies are the NetworkPolicies of the object's namespace: those in the cluster
// where that is known, or else those that were approved.
func (o *Object) policies() (policies []*networkingv1.NetworkPolicy, where string) {
	if o.Policies != nil {
		if policies, known := o.Policies.NetworkPolicies(o.Namespace); known {
			return policies, "that is in"
		}
	}
	live, _ := o.Grant.openings.live(o.Request)
	for _, object := range live {
		policies = append(policies, typedPolicy(object))
	}
	return policies, "that is approved for"
}

// whoPolices says who sees to it that the direction is policed.
func (o *Object) whoPolices() string {
	return fmt.Sprintf("%s writes tenure-default-deny, which selects every pod; until it is there, nothing starts.", o.gitOpsName())
}

// labelledAsBefore says whether an update leaves the labels of a pod as they were,
// so that controllers can go on keeping their books.
func (o *Object) labelledAsBefore(i int, pod Pod) bool {
	if o.Operation != Update {
		return false
	}
	before, err := o.OldPods()
	return err == nil && i < len(before) && maps.Equal(before[i].Meta.Labels, pod.Meta.Labels)
}

// policedBy says whether one of the policies selects pods with these labels in a
// direction.
func policedBy(policies []*networkingv1.NetworkPolicy, pod map[string]string, direction networkingv1.PolicyType) (bool, error) {
	for _, policy := range policies {
		if !polices(&policy.Spec, direction) {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			return false, fmt.Errorf("read the podSelector of NetworkPolicy %q: %w", policy.Name, err)
		}
		if selector.Matches(labels.Set(pod)) {
			return true, nil
		}
	}
	return false, nil
}

// polices says whether a NetworkPolicy is about a direction. Where it does not say,
// it is as the API server fills it in: ingress always, and egress if it has a rule
// for that.
func polices(spec *networkingv1.NetworkPolicySpec, direction networkingv1.PolicyType) bool {
	if len(spec.PolicyTypes) > 0 {
		return slices.Contains(spec.PolicyTypes, direction)
	}
	return direction == networkingv1.PolicyTypeIngress || len(spec.Egress) > 0
}

func directionWord(direction networkingv1.PolicyType) string {
	if direction == networkingv1.PolicyTypeEgress {
		return string(workflow.Egress)
	}
	return string(workflow.Ingress)
}
