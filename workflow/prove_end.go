package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// ProveEnd returns every objection to an end, as sentences. An end may only
// narrow: the tenancy afterwards is the one before without the entries that
// go, and nothing else. Who decided is proved as for a grant.
//
// What the policy asks of tenancies is not asked here: taking something away
// must go through also where a newer policy would not give the rest again.
func ProveEnd(p Proof) []string {
	plan := p.plan()
	return slices.Concat(proveTaken(p.Message, plan), proveNarrower(plan), p.proveDecision())
}

// proveTaken holds the change against what the kind of request takes away.
func proveTaken(m CommitMessage, plan Plan) []string {
	switch {
	case m.Kind != KindRemoval:
		return []string{fmt.Sprintf("a request of kind %q ends nothing", m.Kind)}
	case len(plan.removed()) != 1:
		return []string{fmt.Sprintf("a request of kind removal removes one namespace, not %d", len(plan.removed()))}
	}
	return nil
}

// proveNarrower objects to whatever an end adds or changes. The edits say what
// it is; the last word has the comparison of the whole tenancies, which does
// not depend on how these are taken apart.
func proveNarrower(plan Plan) []string {
	var objections []string
	for _, edit := range plan.Edits {
		switch {
		case edit.Before == "":
			objections = append(objections, fmt.Sprintf("an end only takes away, yet %s is added", edit.Entry))
		case edit.After != "" || !strings.HasPrefix(edit.Entry, namespaceEntry):
			objections = append(objections, fmt.Sprintf("an end only takes away, yet %s changes", edit.Entry))
		}
	}
	want := plan.Before
	for _, n := range plan.removed() {
		want = want.Without(n.Cluster, n.Name)
	}
	if !want.equal(plan.After) {
		objections = append(objections, "what is left is not what there was before without the namespaces that go")
	}
	return objections
}

// equal says whether two tenancies are the same, to the last field. The order
// of their namespaces and of the access in them means nothing.
func (t Tenancy) equal(other Tenancy) bool {
	return t.Name == other.Name && encode(t.sorted()) == encode(other.sorted())
}

// sorted gives the tenancy with its entries in the order of the document.
func (t Tenancy) sorted() Tenancy {
	t.Namespaces = slices.Clone(t.Namespaces)
	slices.SortFunc(t.Namespaces, Namespace.compare)
	for i, n := range t.Namespaces {
		t.Namespaces[i].Access = slices.SortedFunc(slices.Values(n.Access), Access.compare)
	}
	return t
}
