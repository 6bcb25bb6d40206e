package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// withoutNames is the style class of a choice that rules out DNS names.
const withoutNames = "without-names"

func directionOptions() []web.Option {
	return []web.Option{
		{Value: string(workflow.Egress), Label: "My pods call out", Icon: web.IconOut,
			Detail: "They open connections to the other side. Answers come back by themselves."},
		{Value: string(workflow.Ingress), Label: "Others call my pods", Icon: web.IconIn,
			Detail: "The other side opens connections to my pods.", Rules: withoutNames},
	}
}

// peerOptions offers the other sides. A DNS name is possible where the
// cluster's network engine knows names.
func peerOptions(choices workflow.Choices) []web.Option {
	name := web.Option{Value: string(workflow.PeerFQDN), Label: "A DNS name", Icon: web.IconName, Detail: "Whatever addresses it resolves to."}
	able := clustersWithNames(choices)
	switch len(able) {
	case 0:
		name.Disabled, name.Detail = true, ""
		name.Unless = "Only a cluster whose network engine is Cilium knows names; none of yours does. Ask for an address range."
	default:
		name.Unless = fmt.Sprintf("Only for calls that go out, and only where the network engine is Cilium: on %s.", strings.Join(able, ", "))
	}
	return []web.Option{
		{Value: string(workflow.PeerNamespace), Label: "Another namespace", Icon: web.IconBox, Detail: "Of your tenant or another's."},
		{Value: string(workflow.PeerInternet), Label: "The internet", Icon: web.IconGlobe, Detail: "Every public address, and no private one."},
		{Value: string(workflow.PeerCIDR), Label: "An address range", Icon: web.IconRange, Detail: "Such as 10.20.0.0/16."},
		name,
	}
}

// clustersWithNames lists the clusters of the person's namespaces on which an
// exception can be for a DNS name.
func clustersWithNames(choices workflow.Choices) []string {
	able := map[string]bool{}
	for _, tenancy := range choices.Tenants {
		for _, n := range tenancy.Namespaces {
			if knowsNames(choices.Policy, n.Cluster) {
				able[n.Cluster] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(able))
}

func knowsNames(policy workflow.Policy, cluster string) bool {
	return policy.Clusters[cluster].NetworkEngine == workflow.EngineCilium
}

// namespaceSuggestions names the namespaces that the person may ask for.
func namespaceSuggestions(choices workflow.Choices) []web.Option {
	var options []web.Option
	for _, tenancy := range choices.Tenants {
		for _, n := range tenancy.Namespaces {
			options = append(options, web.Option{Value: n.Name, Label: tenantName(tenancy) + ", on " + n.Cluster})
		}
	}
	return options
}

// portSuggestions are the ports that are asked for most; the numbers are those
// of the IANA registry or, where it has none, of the product's documentation.
func portSuggestions() []web.Option {
	return []web.Option{
		{Value: "TCP 443", Label: "HTTPS"},
		{Value: "TCP 8080", Label: "HTTP of an application"},
		{Value: "TCP 5432", Label: "PostgreSQL"},
		{Value: "TCP 1433", Label: "SQL Server"},
		{Value: "TCP 3306", Label: "MySQL"},
		{Value: "TCP 6379", Label: "Redis"},
		{Value: "TCP 9092-9093", Label: "Kafka, Event Hubs"},
		{Value: "TCP 5671-5672", Label: "AMQP, Service Bus"},
		{Value: "TCP 4317-4318", Label: "OpenTelemetry"},
	}
}
