package gitops

import (
	"strings"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// proveInit: the first commit holds a policy that parses, the key that signed
// it, tenancies that the policy allows, and exactly what follows from them.
func (l *ledger) proveInit(c *candidate) (effect, []Objection, error) {
	renderer, objections := l.rendererOf(c)
	if len(objections) > 0 {
		return effect{}, objections, nil
	}
	policy, document, objections, err := l.initialPolicy(c)
	if err != nil || len(objections) > 0 {
		return effect{}, objections, err
	}
	after := effect{policy: &policy, document: document, keys: c.keys}
	initial := map[string]bool{}
	perTenant := byTenant(c.changes)
	for _, change := range c.changes {
		tenant, isTenancy := manifest.ApprovedTenant(change.path)
		if !isTenancy {
			continue
		}
		tenancy, found, problems, err := l.tenancyAt(c, change.path)
		if err != nil {
			return effect{}, nil, err
		}
		if !found {
			continue // not a plain file; readChanges has objected
		}
		own := *c
		own.changes = perTenant[tenant]
		if len(problems) == 0 {
			if problems, err = l.follows(&own, renderer, policy, tenancy); err != nil {
				return effect{}, nil, err
			}
		}
		for _, problem := range policy.Conforms(tenancy) {
			problems = append(problems, c.object(change.path, "%s: %s", problem.Field, problem.Message))
		}
		objections = append(objections, problems...)
		initial[tenant] = true
		after.tenancies = append(after.tenancies, tenancy)
	}
	objections = append(objections, c.objectToSharedNamespaces(after.tenancies)...)
	return after, append(objections, c.objectToStray(initial)...), nil
}

// initialPolicy reads the policy of the first commit, and its text.
func (l *ledger) initialPolicy(c *candidate) (workflow.Policy, []byte, []Objection, error) {
	data, found, err := l.file(c.commit.tree, manifest.PolicyPath)
	if err != nil {
		return workflow.Policy{}, nil, nil, err
	}
	if !found {
		return workflow.Policy{}, nil, []Objection{c.object(manifest.PolicyPath, "is missing")}, nil
	}
	policy, objections := l.decodePolicy(c, data)
	return policy, data, objections, nil
}

// byTenant sorts changes by the tenant whose files they are.
func byTenant(changes []treeChange) map[string][]treeChange {
	sorted := map[string][]treeChange{}
	for _, change := range changes {
		if tenant := tenantOf(change.path); tenant != "" {
			sorted[tenant] = append(sorted[tenant], change)
		}
	}
	return sorted
}

// objectToSharedNamespaces objects to a namespace that two tenants have.
func (c *candidate) objectToSharedNamespaces(tenancies []workflow.Tenancy) []Objection {
	var objections []Objection
	holders := map[[2]string]string{}
	for _, tenancy := range tenancies {
		for _, n := range tenancy.Namespaces {
			place := [2]string{n.Cluster, n.Name}
			if holder, taken := holders[place]; taken {
				objections = append(objections, c.object(manifest.ApprovedPath(tenancy.Name), "namespace %s/%s belongs to %q", n.Cluster, n.Name, holder))
			}
			holders[place] = tenancy.Name
		}
	}
	return objections
}

// objectToStray objects to guarded files that belong to nothing.
func (c *candidate) objectToStray(tenants map[string]bool) []Objection {
	var objections []Objection
	for _, change := range c.changes {
		switch {
		case !guarded(change.path), change.path == manifest.PolicyPath, tenants[tenantOf(change.path)]:
		case strings.HasPrefix(change.path, keysDir): // readKeys has looked
		default:
			objections = append(objections, c.object(change.path, "follows from no tenancy"))
		}
	}
	return objections
}
