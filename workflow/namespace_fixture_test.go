package workflow_test

import (
	"tenure.dev/workflow"
)

// catalogued is a state whose policy has registries, classes of data and hosts of
// its own, and in which both tenants serve hosts.
func catalogued() *workflow.ApprovedState {
	state := approvedNow()
	state.Policy = cataloguedPolicy()
	mine, theirs := held("payments-web", 4), held("logistics-web", 5)
	mine.Hosts, mine.Classification, mine.Registries = []string{"web.example.com"}, "internal", []string{"quay"}
	theirs.Hosts = []string{"logistics.example.com"}
	p, l := payments(), logistics()
	p.Namespaces, l.Namespaces = []workflow.Namespace{mine}, []workflow.Namespace{theirs}
	state.Tenancies = map[string]workflow.Tenancy{"payments": p, "logistics": l}
	return state
}

func cataloguedPolicy() workflow.Policy {
	p := policy()
	p.Registries = map[string]workflow.Registry{
		"docker-official": {Images: []string{"docker.io/library/*"}, Means: "The curated images of Docker Hub."},
		"quay":            {Images: []string{"quay.io/jetstack/*", "quay.io/argoproj/*"}},
	}
	p.Classifications = []workflow.Classification{{Name: "internal", Means: "Everybody here may know it."}, {Name: "confidential"}, {Name: "secret"}}
	p.ReservedHosts = []string{"status.example.com", "*.platform.example.com"}
	p.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView, workflow.AccessEdit}
	return p
}

// fuller is a change that nothing is wrong with there: everything about one
// namespace, with one thing about it changed.
func fuller(change func(*workflow.NamespaceChange)) workflow.NamespaceChange {
	c := wanted()
	c.Hosts, c.Classification, c.Registries = []string{"pay.example.com"}, "confidential", []string{"docker-official"}
	if change != nil {
		change(&c)
	}
	return c
}

// service asks for three namespaces of one service.
func threeOf(change func(*workflow.NamespaceChange)) workflow.NamespaceChange {
	return fuller(func(c *workflow.NamespaceChange) {
		for _, name := range []string{"payments-api-test", "payments-api-prod"} {
			also := c.AskedNamespace
			also.Name, also.Hosts = name, nil
			c.Also = append(c.Also, also)
		}
		c.Also[1].Environment = "prod"
		if change != nil {
			change(c)
		}
	})
}

// own types numbers for a namespace.
func own(cpu, memory, storage, pods string) func(*workflow.AskedNamespace) {
	return func(n *workflow.AskedNamespace) {
		n.Size, n.CPU, n.Memory, n.Storage, n.Pods = workflow.OwnSize, cpu, memory, storage, pods
	}
}
