package workflow

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

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
	c.distinctClusters(p.Clusters)
	if p.ArgoCD != nil {
		c.argocd(p)
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
	} else if len(name) > maxCluster {
		c.add(field, "%q has %d characters; at most %d are allowed", name, len(name), maxCluster)
	}
	if message := checkServer(cluster.Server); message != "" {
		c.add(field+".server", "%s", message)
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
	if p.asksFor(RoleSecurity) && !p.hasRegister(RoleSecurity) {
		c.add("spec.reviewers.security", "at least one person is needed, since reviews ask for security: whose vote counted must be provable later")
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
