package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// RuleInfo is what people need to know of a rule of admission.
type RuleInfo struct {
	Name     string   // its public name
	Family   string   // what it is about: one of the Family constants
	Means    string   // what it asks for, in a sentence
	Keep     string   // how workloads keep to it, and so pass, in a sentence
	Default  RuleMode // where the policy says nothing
	Always   bool     // no mode switches it off
	Exempts  ValueKind
	NoExempt string // why there is no exemption from it, and what to ask for instead; empty where there is one
}

// ValueKind is what an exemption from a rule names as the value let through.
type ValueKind string

// The kinds of value.
const (
	ValueImage ValueKind = "image" // a reference such as docker.io/library/redis:7.2
	ValueLabel ValueKind = "label" // a label's key for one that is missing, or key=value
)

// ruleOf finds a rule by its name.
func ruleOf(name string) (RuleInfo, bool) {
	i := slices.IndexFunc(Rulebook(), func(r RuleInfo) bool { return r.Name == name })
	if i < 0 {
		return RuleInfo{}, false
	}
	return Rulebook()[i], true
}

// The families of rules, in the order in which people read of them: first what
// they can do something about in their manifests.
const (
	FamilyPods     = "pods"
	FamilyImages   = "images"
	FamilyMetadata = "metadata"
	FamilyRBAC     = "RBAC"
	FamilyApproved = "approved state"
)

// Rulebook lists every rule of admission, by family: what the people who write
// workloads need to know of it.
func Rulebook() []RuleInfo {
	return []RuleInfo{
		{Name: "pod-security", Family: FamilyPods, Default: RuleDeny,
			Means:    "Pods keep to the Pod Security Standard of their namespace, baseline or restricted.",
			Keep:     "Under restricted: run as a user other than root, drop all capabilities, forbid privilege escalation, and use the runtime's default seccomp profile.",
			NoExempt: "The API server enforces the level as well, by the namespace's labels. Ask for a namespace with a lower level instead, where its environment allows one."},
		{Name: "trusted-registry", Family: FamilyImages, Default: RuleOff, Exempts: ValueImage,
			Means: "Images come from the registries that the platform trusts.",
			Keep:  "Use an image of one of the trusted registries, or have it copied to one."},
		{Name: "required-label", Family: FamilyMetadata, Default: RuleOff, Exempts: ValueLabel,
			Means: "Objects carry the labels that the platform asks for.",
			Keep:  "Add the labels, with values that match their patterns. The kind Pod includes the pod templates of all workloads."},
		{Name: "rbac-cluster-admin", Family: FamilyRBAC, Default: RuleDeny, Always: true,
			Means:    "Nobody in a tenant's namespace is bound to cluster-admin, or to a role that has every right.",
			Keep:     "Ask for access as view, edit or admin, and bind service accounts to roles that name what they need.",
			NoExempt: "With every right, nothing that was approved would hold. Ask for access with a role instead."},
		{Name: "namespace", Family: FamilyApproved, Default: RuleDeny, Always: true,
			Means:    "A namespace exists, and is labelled, only as it was approved.",
			Keep:     "Ask for the namespace, or for its removal; Argo CD creates and deletes it. Set no labels on it yourself.",
			NoExempt: "It keeps tenants apart, so it holds for everybody. Ask for a namespace, or for its removal, instead."},
		{Name: "governed", Family: FamilyApproved, Default: RuleDeny, Always: true,
			Means:    "What Tenure rendered is on the cluster as it was approved: quotas, limits, network policies, role bindings and Argo CD projects.",
			Keep:     "Leave these objects alone, and ask for what should be different.",
			NoExempt: "These objects are the approval itself. Ask for the quota, the access or the network exception that you need instead."},
		{Name: "network-opening", Family: FamilyApproved, Default: RuleDeny, Always: true,
			Means:    "A NetworkPolicy of your own opens no more than the namespace itself and its approved exceptions.",
			Keep:     "Let your policies only narrow what is open, and ask for a network exception before you open more.",
			NoExempt: "Ask for a network exception instead: it opens exactly what you name."},
		{Name: "ingress-host", Family: FamilyApproved, Default: RuleDeny,
			Means:    "Ingresses, Gateways and their routes serve only the hosts that were approved for their namespace.",
			Keep:     "Name each host in full, in the rules and for the certificates, and ask for those that your namespace does not have yet.",
			NoExempt: "Ask for the host instead: it is your namespace's from then on, and nobody else's."},
		{Name: "network-required", Family: FamilyApproved, Default: RuleDeny,
			Means:    "Pods run only where both directions of their traffic are policed.",
			Keep:     "Nothing needs to be done: the namespace comes with policies that close everything. Do not take pods out of them.",
			NoExempt: "Ask for a network exception instead: it opens exactly what you name, and the rest stays closed."},
	}
}

// ExemptibleRules lists the rules that can be exempted from.
func ExemptibleRules() []RuleInfo {
	return slices.DeleteFunc(Rulebook(), func(r RuleInfo) bool { return r.Exempts == "" })
}

// CheckExemptionValue reads what an exemption from a rule lets through, and
// gives it as the exemption holds it. The message says what is wrong, with the
// rule or with the value; empty when nothing is.
func CheckExemptionValue(rule, value string) (canonical, message string) {
	info, known := ruleOf(rule)
	switch {
	case !known:
		return "", fmt.Sprintf("There is no rule %s; choose %s.", shortened(rule), listed(ruleNames(ExemptibleRules()), "or"))
	case info.Exempts == ValueImage:
		return parseImage(value)
	case info.Exempts == ValueLabel:
		return parseExemptLabel(value)
	}
	return "", fmt.Sprintf("There is no exemption from %q. %s", rule, info.NoExempt)
}

// parseExemptLabel reads the key of a label that may be missing, or the key and
// value of one that may be there although its pattern forbids it.
func parseExemptLabel(text string) (label, message string) {
	text = strings.TrimSpace(text)
	key, value, pair := strings.Cut(text, "=")
	if text == "" {
		return "", "Name the label: its key where it may be missing, such as environment, or key=value, such as environment=demo."
	}
	if pair {
		message = checkLabelPair(key, value)
	} else {
		message = checkLabelKey(key)
	}
	if message != "" {
		return "", message
	}
	return text, ""
}

// ruleNames are the names of rules, in their order.
func ruleNames(rules []RuleInfo) []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name
	}
	return names
}
