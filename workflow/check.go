package workflow

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// accessPrefix is how much of a group's id stands in the name of its RoleBinding.
const accessPrefix = 13

// checker collects what is wrong with a document of the repository.
type checker []FieldProblem

func (c *checker) add(field, format string, args ...any) {
	*c = append(*c, FieldProblem{Field: field, Message: fmt.Sprintf(format, args...)})
}

// oneOf adds a problem unless the value is one of those allowed.
func (c *checker) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(field, "%q is not one of %s", value, oneOf(allowed))
	}
}

// Check says everything that is wrong with the tenancy on its own, with fields
// named as in the document (spec.namespaces[0].name). A tenancy that another
// policy made wrong is still well-formed; Conforms judges against a policy.
func (t Tenancy) Check() []FieldProblem {
	var c checker
	if message := checkSlug(t.Name); message != "" {
		c.add("metadata.name", "%s", message)
	}
	if message := checkText(t.DisplayName, maxPurpose, false); message != "" {
		c.add("spec.displayName", "%s", message)
	}
	if !isUUID(t.Owners.Group) {
		c.add("spec.owners.group", "%q is not an Entra object id (a lower-case UUID)", t.Owners.Group)
	}
	if !isUUID(t.Members.Group) {
		c.add("spec.members.group", "%q is not an Entra object id (a lower-case UUID)", t.Members.Group)
	}
	c.amount("spec.ceiling.cpu", t.Ceiling.CPU)
	c.amount("spec.ceiling.memory", t.Ceiling.Memory)
	c.amount("spec.ceiling.storage", t.Ceiling.Storage)
	if t.Ceiling.Namespaces < 0 {
		c.add("spec.ceiling.namespaces", "%d is negative", t.Ceiling.Namespaces)
	}
	seen := map[string]bool{}
	for i, n := range t.Namespaces {
		field := fmt.Sprintf("spec.namespaces[%d]", i)
		if key := n.Cluster + "/" + n.Name; seen[key] {
			c.add(field+".name", "%q stands twice on cluster %s", n.Name, n.Cluster)
		} else {
			seen[key] = true
		}
		c.namespace(field, n)
	}
	return c
}

func (c *checker) namespace(field string, n Namespace) {
	if message := checkLabel(n.Name); message != "" {
		c.add(field+".name", "%q: %s", n.Name, message)
	}
	if message := checkLabel(n.Cluster); message != "" {
		c.add(field+".cluster", "%q: %s", n.Cluster, message)
	}
	if message := checkLabel(n.Environment); message != "" {
		c.add(field+".environment", "%q: %s", n.Environment, message)
	}
	c.oneOf(field+".podSecurity", string(n.PodSecurity), string(LevelBaseline), string(LevelRestricted))
	if message := checkText(n.Purpose, maxPurpose, true); message != "" {
		c.add(field+".purpose", "%s", message)
	}
	if n.Request < 0 || n.Quota.Request < 0 {
		c.add(field+".request", "a request's number is not negative")
	}
	c.amount(field+".quota.cpu", n.Quota.CPU)
	c.amount(field+".quota.memory", n.Quota.Memory)
	c.amount(field+".quota.storage", n.Quota.Storage)
	if n.Quota.Pods < 0 {
		c.add(field+".quota.pods", "%d is negative", n.Quota.Pods)
	}
	bound := map[string]bool{}
	for i, access := range n.Access {
		at := fmt.Sprintf("%s.access[%d]", field, i)
		// The binding's name carries the role and the start of the group's id.
		if name := string(access.Role) + access.Group[:min(len(access.Group), accessPrefix)]; bound[name] {
			c.add(at, "the group %q, or one whose id starts alike, has the role %s already", access.Group, access.Role)
		} else {
			bound[name] = true
		}
		if !isUUID(access.Group) {
			c.add(at+".group", "%q is not an Entra object id (a lower-case UUID)", access.Group)
		}
		c.oneOf(at+".role", string(access.Role), string(AccessView), string(AccessEdit), string(AccessAdmin))
	}
}

func (c *checker) amount(field string, q resource.Quantity) {
	if q.Sign() < 0 {
		c.add(field, "%q is negative", q.String())
	}
}

// Conforms says where the tenancy breaks the policy: an unknown cluster or
// environment, a level below its environment's, more than its ceiling.
func (p Policy) Conforms(t Tenancy) []FieldProblem {
	var c checker
	for i, n := range t.Namespaces {
		field := fmt.Sprintf("spec.namespaces[%d]", i)
		if _, known := p.Clusters[n.Cluster]; !known {
			c.add(field+".cluster", "the policy has no cluster %q", n.Cluster)
		}
		environment, known := p.Environments[n.Environment]
		if !known {
			c.add(field+".environment", "the policy has no environment %q", n.Environment)
		} else if !n.PodSecurity.AtLeast(environment.PodSecurity) {
			c.add(field+".podSecurity", "%q is below what %s asks for, %s", n.PodSecurity, n.Environment, environment.PodSecurity)
		}
		if reserved := p.reservedBy(n.Name); reserved != "" {
			c.add(field+".name", "%q is reserved for the platform (%s)", n.Name, reserved)
		}
	}
	for _, problem := range t.overCeiling() {
		c.add("spec.ceiling", "%s", problem.Message)
	}
	return c
}

// Check says everything that is wrong with the policy, with fields named as in
// policy.yaml. The rules' parameters are the admission rules' own to check.
func (p Policy) Check() []FieldProblem {
	var c checker
	if len(p.Clusters) == 0 {
		c.add("spec.clusters", "at least one cluster is needed")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Clusters)) {
		c.cluster("spec.clusters."+name, name, p.Clusters[name])
	}
	c.environments(p)
	c.rules("spec.rules", p.Rules)
	flows := map[string]bool{}
	for i, flow := range p.PlatformFlows {
		field := fmt.Sprintf("spec.platformFlows[%d]", i)
		if flows[flow.Name] {
			c.add(field+".name", "%q stands twice", flow.Name)
		}
		flows[flow.Name] = true
		c.flow(field, flow)
	}
	c.defaults(p.ContainerDefaults)
	c.people(p)
	c.reviews(p)
	if p.GitOpsIdentity == "" {
		c.add("spec.gitopsIdentity", "the user name with which Argo CD applies Tenure's manifests is needed, such as system:serviceaccount:argocd:gitops")
	}
	if u, err := url.Parse(p.Portal); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		c.add("spec.portal", "%q is not the URL of the portal", p.Portal)
	}
	return c
}

func (c *checker) cluster(field, name string, cluster Cluster) {
	if message := checkLabel(name); message != "" {
		c.add(field, "%q: %s", name, message)
	}
	c.oneOf(field+".networkEngine", string(cluster.NetworkEngine), string(EngineAzure), string(EngineCalico), string(EngineCilium))
	c.oneOf(field+".mode", string(cluster.Mode), string(ModeObserve), string(ModeWarn), string(ModeEnforce))
	c.rules(field+".rules", cluster.Rules)
}

func (c *checker) environments(p Policy) {
	if len(p.Environments) == 0 {
		c.add("spec.environments", "at least one environment is needed")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environments)) {
		field := "spec.environments." + name
		if message := checkLabel(name); message != "" {
			c.add(field, "%q: %s", name, message)
		}
		c.oneOf(field+".podSecurity", string(p.Environments[name].PodSecurity), string(LevelBaseline), string(LevelRestricted))
		c.rules(field+".rules", p.Environments[name].Rules)
	}
	if len(p.Sizes) == 0 {
		c.add("spec.sizes", "at least one size is needed")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Sizes)) {
		size, field := p.Sizes[name], "spec.sizes."+name
		c.amount(field+".cpu", size.CPU)
		c.amount(field+".memory", size.Memory)
		c.amount(field+".storage", size.Storage)
		if size.Pods < 1 {
			c.add(field+".pods", "%d: at least 1 pod is needed", size.Pods)
		}
	}
}

func (c *checker) rules(field string, rules map[string]RuleSetting) {
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if mode := rules[name].Mode; mode != "" {
			c.oneOf(field+"."+name+".mode", string(mode), string(RuleOff), string(RuleWarn), string(RuleDeny))
		}
	}
}

func (c *checker) flow(field string, flow PlatformFlow) {
	if message := checkLabel(flow.Name); message != "" {
		c.add(field+".name", "%q: %s", flow.Name, message)
	}
	c.oneOf(field+".direction", string(flow.Direction), string(Ingress), string(Egress))
	peer, side, other := flow.From, ".from", flow.To
	if flow.Direction == Egress {
		peer, side, other = flow.To, ".to", flow.From
	}
	switch {
	case peer == nil:
		c.add(field+side, "the other side of the flow is needed: a namespace or a cidr")
	case other != nil:
		c.add(field, "an ingress flow has a from, an egress flow a to, never both")
	case (peer.Namespace == "") == (peer.CIDR == ""):
		c.add(field+side, "either a namespace or a cidr is needed, not both")
	}
	if peer != nil {
		c.peer(field+side, *peer)
	}
	for i, port := range flow.Ports {
		at := fmt.Sprintf("%s.ports[%d]", field, i)
		c.oneOf(at+".protocol", port.Protocol, "TCP", "UDP", "SCTP")
		if port.Port < 1 || port.Port > 65535 {
			c.add(at+".port", "%d is not a port from 1 to 65535", port.Port)
		}
		if port.EndPort != 0 && (port.EndPort < port.Port || port.EndPort > 65535) {
			c.add(at+".endPort", "%d is not a port from %d to 65535", port.EndPort, port.Port)
		}
	}
}

// peer checks the other side of a flow.
func (c *checker) peer(field string, peer FlowPeer) {
	if peer.CIDR == "" {
		if len(peer.Except) > 0 {
			c.add(field+".except", "exceptions go with a cidr only")
		}
		return
	}
	if len(peer.PodLabels) > 0 {
		c.add(field+".podLabels", "labels go with a namespace only")
	}
	whole, err := netip.ParsePrefix(peer.CIDR)
	if err != nil || whole != whole.Masked() {
		c.add(field+".cidr", "%q is not an address range such as 10.20.0.0/16", peer.CIDR)
		return
	}
	for i, except := range peer.Except {
		part, err := netip.ParsePrefix(except)
		if err != nil || part != part.Masked() || part.Bits() <= whole.Bits() || !whole.Contains(part.Addr()) {
			c.add(fmt.Sprintf("%s.except[%d]", field, i), "%q is not an address range inside %s", except, peer.CIDR)
		}
	}
}

// defaults checks what containers get that ask for nothing.
func (c *checker) defaults(d ContainerDefaults) {
	for _, pair := range []struct {
		name           string
		request, limit resource.Quantity
	}{{"cpu", d.Requests.CPU, d.Limits.CPU}, {"memory", d.Requests.Memory, d.Limits.Memory}} {
		c.amount("spec.containerDefaults.requests."+pair.name, pair.request)
		c.amount("spec.containerDefaults.limits."+pair.name, pair.limit)
		if !pair.limit.IsZero() && pair.request.Cmp(pair.limit) > 0 {
			c.add("spec.containerDefaults.requests."+pair.name, "%q is more than the limit %s", pair.request.String(), pair.limit.String())
		}
	}
}

func (c *checker) people(p Policy) {
	for _, role := range slices.Sorted(maps.Keys(p.Reviewers)) {
		field := "spec.reviewers." + string(role)
		c.oneOf(field, string(role), string(RoleSecurity), string(RoleAdmin))
		seen := map[string]bool{}
		for i, reviewer := range p.Reviewers[role] {
			if seen[reviewer.ID] {
				c.add(fmt.Sprintf("%s[%d].id", field, i), "%q stands twice, and has one vote", reviewer.ID)
			}
			seen[reviewer.ID] = true
			if _, ok := ParsePersonID(reviewer.ID); !ok {
				c.add(fmt.Sprintf("%s[%d].id", field, i), "%q is not a person: the Entra tenant id, a slash and the object id, both lower-case UUIDs", reviewer.ID)
			}
		}
	}
	if len(p.Reviewers[RoleAdmin]) == 0 {
		c.add("spec.reviewers.admin", "at least one admin is needed, or nobody could ever decide what falls to the platform")
	}
}

func (c *checker) reviews(p Policy) {
	c.oneOf("spec.fallback", string(p.Fallback), string(RoleAdmin), string(RoleSecurity))
	if len(p.Reviews) == 0 || len(p.Reviews[len(p.Reviews)-1].Kinds)+len(p.Reviews[len(p.Reviews)-1].Environments) > 0 {
		c.add("spec.reviews", "the last entry must fit every request: only stages, no kinds, no environments")
	}
	kinds := make([]string, 0, len(Kinds()))
	for _, kind := range Kinds() {
		kinds = append(kinds, string(kind))
	}
	for i, rule := range p.Reviews {
		field := fmt.Sprintf("spec.reviews[%d]", i)
		for _, kind := range rule.Kinds {
			c.oneOf(field+".kinds", string(kind), kinds...)
		}
		for _, environment := range rule.Environments {
			if _, known := p.Environments[environment]; !known {
				c.add(field+".environments", "there is no environment %q", environment)
			}
		}
		if len(rule.Stages) == 0 {
			c.add(field+".stages", "at least one stage is needed")
		}
		seen := map[Role]bool{}
		for j, stage := range rule.Stages {
			at := fmt.Sprintf("%s.stages[%d]", field, j)
			c.oneOf(at, string(stage.Role), string(RoleOwner), string(RoleSecurity), string(RoleAdmin))
			if stage.Needed < 1 || stage.InsteadOf != "" || seen[stage.Role] {
				c.add(at, "a stage is one role, once, and how many of its people must agree, such as {security: 1}")
			}
			seen[stage.Role] = true
		}
	}
}

// sentence makes one line of several problems, for logs and reasons.
func sentence(problems []FieldProblem) string {
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Field + ": " + p.Message
	}
	return strings.Join(texts, " ")
}
