package gitops

import (
	"maps"
	"slices"
	"strings"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// provePolicy judges another policy: policy.yaml is replaced by one that can be
// read, no tenancy changes, the files of every tenancy are what the renderer makes
// of it under the new policy, and the policy before has no objection to who
// decided.
func (l *ledger) provePolicy(c *candidate) (effect, []Objection, error) {
	objections := l.objectToBeyondPolicy(c)
	if earlier, found := l.fulfilled[c.message.Request]; found {
		objections = append(objections, c.objectToAll("is for request %d, which commit %s fulfilled already", c.message.Request, earlier)...)
	}
	renderer, problems := l.rendererOf(c)
	objections = append(objections, problems...)
	if len(objections) > 0 {
		return effect{}, objections, nil
	}
	document, err := l.fileChanges(slices.DeleteFunc(slices.Clone(c.changes), func(change treeChange) bool { return change.path != manifest.PolicyPath }))
	if err != nil {
		return effect{}, nil, err
	}
	if len(document) == 0 || document[0].After == nil {
		return effect{}, c.objectToAll("is of act policy and does not replace %s", manifest.PolicyPath), nil
	}
	policy, objections := l.decodePolicy(c, document[0].After)
	if len(objections) > 0 {
		return effect{}, objections, nil
	}
	proof := workflow.PolicyProof{
		Before: l.policy, After: policy, Document: document[0], Holders: l.tenancies, Message: c.message, CommittedAt: c.commit.committedAt(),
	}
	for _, sentence := range workflow.ProvePolicy(proof) {
		objections = append(objections, c.object(manifest.PolicyPath, "%s", sentence))
	}
	left, err := l.followFromPolicy(c, renderer, policy)
	return effect{policy: &policy, document: document[0].After}, append(objections, left...), err
}

// objectToBeyondPolicy objects to what a policy does not change: the tenancies,
// and files that follow from none.
func (l *ledger) objectToBeyondPolicy(c *candidate) []Objection {
	var objections []Objection
	for _, change := range c.changes {
		tenant := tenantOf(change.path)
		_, known := l.tenancies[tenant]
		switch {
		case change.path == manifest.PolicyPath:
		case strings.HasPrefix(change.path, approvedDir):
			objections = append(objections, c.object(change.path, "is changed by a commit of act policy, which changes no tenancy"))
		case !known:
			objections = append(objections, c.object(change.path, "is changed by a commit of act policy, and follows from no tenancy"))
		}
	}
	return objections
}

// followFromPolicy holds the files of every tenancy against what the renderer
// makes of it under the policy. What followed from the policy before, is not
// changed, and is the same under this one still follows.
func (l *ledger) followFromPolicy(c *candidate, renderer workflow.Renderer, policy workflow.Policy) ([]Objection, error) {
	var objections []Objection
	perTenant := byTenant(c.changes)
	for _, tenant := range slices.Sorted(maps.Keys(l.tenancies)) {
		own := *c
		own.changes = perTenant[tenant]
		same, err := workflow.SameFiles(renderer, l.policy, policy, l.tenancies[tenant])
		if err != nil {
			return nil, err
		}
		if same && len(own.changes) == 0 {
			continue
		}
		problems, err := l.follows(&own, renderer, policy, l.tenancies[tenant])
		if err != nil {
			return nil, err
		}
		objections = append(objections, problems...)
	}
	return objections, nil
}
