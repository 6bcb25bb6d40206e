package manifest

import (
	"encoding/json"
	"fmt"

	"tenure.dev/workflow"
)

// reads leaves of a policy what a tenancy's files depend on. Render works on
// nothing else, so that what it leaves out cannot change a file.
func reads(policy workflow.Policy, tenancy workflow.Tenancy) workflow.Policy {
	part := workflow.Policy{
		Clusters: map[string]workflow.Cluster{}, PlatformFlows: policy.PlatformFlows, ContainerDefaults: policy.ContainerDefaults,
		Requests: workflow.RequestLimits{Network: workflow.NetworkLimits{Refused: policy.Requests.Network.Refused}}, ArgoCD: policy.ArgoCD,
	}
	add := func(name string) {
		if cluster, known := policy.Clusters[name]; known {
			part.Clusters[name] = workflow.Cluster{Server: cluster.Server, NetworkEngine: cluster.NetworkEngine}
		}
	}
	for _, name := range tenancy.Clusters {
		add(name)
	}
	for _, namespace := range tenancy.Namespaces {
		add(namespace.Cluster)
	}
	return part
}

var _ workflow.SelectiveRenderer = Renderer{}

// SameFiles says whether a tenancy's files are the same under both policies,
// without rendering them: they differ in nothing that rendering reads. False
// leaves it open.
func (Renderer) SameFiles(before, after workflow.Policy, tenancy workflow.Tenancy) (bool, error) {
	was, err := json.Marshal(reads(before, tenancy))
	if err != nil {
		return false, fmt.Errorf("encode the policy before: %w", err)
	}
	is, err := json.Marshal(reads(after, tenancy))
	if err != nil {
		return false, fmt.Errorf("encode the policy after: %w", err)
	}
	return string(was) == string(is), nil
}
