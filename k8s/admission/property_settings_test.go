package admission

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// hostNames are those that are drawn; another namespace's are others.
var hostNames = []string{"a.example.com", "b.example.com", "api.a.example.com"}

// drawSettings generates what a namespace is given that is rendered to no object
// but its own: hosts, registries and a class.
func drawSettings(t *rapid.T, n *workflow.Namespace) {
	for _, host := range rapid.SliceOfNDistinct(rapid.SampledFrom(hostNames), 0, len(hostNames), rapid.ID[string]).Draw(t, "hosts") {
		n.Hosts = append(n.Hosts, n.Name+"."+host)
	}
	n.Registries = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"docker-official", "quay"}), 0, 2, rapid.ID[string]).Draw(t, "registries")
	n.Classification = rapid.SampledFrom([]string{"", "internal", "secret"}).Draw(t, "class")
}

// imagesOf are images of each registry of the catalogue.
var imagesOf = map[string][]string{
	"docker-official": {"nginx:1", "docker.io/library/redis@sha256:" + fmt.Sprintf("%064d", 7)},
	"quay":            {"quay.io/jetstack/cert-manager:1", "quay.io/argoproj/argocd:2"},
}

// checkSettings: a namespace's workloads run the images of its registries, and its
// entrances serve its hosts; those of any other are refused.
func (p place) checkSettings(n workflow.Namespace) {
	for registry, images := range imagesOf {
		for _, image := range images {
			object := workload(podKind, goodLabels, podSpec(image))
			set(object, n.Name, "metadata", "namespace")
			p.expect("image "+image, slices.Contains(n.Registries, registry), developer, nil, object)
		}
	}
	for _, suffix := range hostNames {
		host := n.Name + "." + suffix
		p.expect("host "+host, slices.Contains(n.Hosts, host), developer, nil, p.serving(n, host))
	}
	if len(n.Hosts) == 0 {
		return
	}
	object := p.serving(n, n.Hosts...)
	p.permit("its hosts", developer, nil, object)
	for what, wider := range p.some("entrances", object, opening(object, "other.example.com")) {
		p.refuse(what, developer, nil, wider)
		p.refuse(what, gitOps, object, wider)
		p.permit("taking back "+what, developer, wider, object)
	}
}

// serving is an Ingress for some hosts of a namespace.
func (p place) serving(n workflow.Namespace, hosts ...string) tree {
	object := entrance(p.t, "Ingress", `{rules: []}`)
	var rules []any
	for _, host := range hosts {
		rules = append(rules, tree{"host": host})
	}
	set(object, rules, "spec", "rules")
	set(object, n.Name, "metadata", "namespace")
	return object
}
