package workflow

import (
	"fmt"
	"maps"
	"net/url"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Check says everything that is wrong with the policy, with fields named as in
// policy.yaml. The rules' parameters are the admission rules' own to check. It
// grows no stricter, so that no policy which was approved once stops being read:
// what is asked of new ones only is CheckNew's.
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
	c.catalogue(p)
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
	c.networkLimits(p.Requests.Network)
	c.termLimits(p.Requests)
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
		c.size(field, size)
		if size.Pods == 0 {
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
		c.add(field+side, "the other side of the flow is needed: a namespace, a namespaceSelector or a cidr")
	case other != nil:
		c.add(field, "an ingress flow has a from, an egress flow a to, never both")
	default:
		c.peer(field+side, *peer)
	}
	c.ports(field, flow.Ports)
}

// peer checks the other side of a platform flow.
func (c *checker) peer(field string, peer FlowPeer) {
	choices := 0
	for _, chosen := range []bool{peer.Namespace != "", peer.NamespaceSelector != nil, peer.CIDR != ""} {
		if chosen {
			choices++
		}
	}
	switch {
	case peer.Internet || peer.FQDN != "":
		c.add(field, "the internet and DNS names are for exceptions that somebody asks for; a platform flow names a namespace, a namespaceSelector or a cidr")
	case choices != 1:
		c.add(field, "either a namespace, a namespaceSelector or a cidr is needed, and only one")
	}
	if peer.CIDR != "" && len(peer.PodLabels) > 0 {
		c.add(field+".podLabels", "labels go with a namespace only")
	}
	if peer.CIDR != "" && peer.PodSelector != nil {
		c.add(field+".podSelector", "a selector of pods goes with a namespace only")
	}
	if len(peer.PodLabels) > 0 && peer.PodSelector != nil {
		c.add(field+".podSelector", "pods are found by podLabels or by a podSelector, never both")
	}
	c.labels(field+".podLabels", peer.PodLabels)
	c.selector(field+".namespaceSelector", peer.NamespaceSelector)
	c.selector(field+".podSelector", peer.PodSelector)
	c.ranges(field, peer)
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
	if len(p.Reviews) == 0 || !p.Reviews[len(p.Reviews)-1].fitsAll() {
		c.add("spec.reviews", "the last entry must fit every request: only stages, no kinds, no environments, no opens, no within")
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
		for _, opens := range rule.Opens {
			c.oneOf(field+".opens", string(opens), opensNames()...)
		}
		if len(rule.Opens) > 0 && len(rule.Kinds) > 0 && !slices.Contains(rule.Kinds, KindNetwork) {
			c.add(field+".opens", "only requests of kind network open anything, and the entry is for others")
		}
		if rule.Within != "" {
			c.oneOf(field+".within", string(rule.Within), string(WithinCeiling), string(WithinHalf))
			if len(rule.Kinds) != 1 || rule.Kinds[0] != KindQuota {
				c.add(field+".within", "only requests of kind quota have a bound, and the entry is for others")
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
