package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// conformsNew holds the namespaces that the plan adds against the policy and the
// tenant's ceilings. One that only changes what a namespace has is given also
// where a newer policy would not give the namespace again.
func (p Proof) conformsNew(plan Plan) []FieldProblem {
	given := p.After
	given.Namespaces = plan.added()
	if len(given.Namespaces) == 0 {
		return nil
	}
	return slices.Concat(p.Policy.Conforms(given), p.After.overCeiling())
}

// proveNamespace wants one to MaxNamespaces namespaces more, and every entry of
// theirs to name the request; or other settings of one that is there.
func (p Proof) proveNamespace(plan Plan) []string {
	added := plan.added()
	if len(added) == 0 && len(plan.removed()) == 0 && len(plan.Edits) > 0 && len(plan.sides()[0].changed()) > 0 {
		return p.proveSettings(plan)
	}
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	for _, edit := range plan.Edits {
		if edit.Before != "" || edit.Tenant != "" || !strings.HasPrefix(edit.Entry, namespaceEntry) {
			object("a request of kind namespace only adds namespaces, yet %s changes", edit.Entry)
		}
	}
	if len(plan.Others) > 0 {
		object("a request of kind namespace changes one tenancy, yet that of %s changes, too", plan.Others[0].After.Name)
	}
	if len(added) > MaxNamespaces {
		object("a request of kind namespace adds at most %d namespaces, not %d", MaxNamespaces, len(added))
	}
	for _, n := range added {
		objections = append(objections, p.proveAdded(plan, n)...)
	}
	return objections
}

// proveAdded holds one namespace more against what a request can ask for.
func (p Proof) proveAdded(plan Plan, n Namespace) []string {
	var objections []string
	request := p.Message.Request
	object := func(format string, args ...any) {
		objections = append(objections, fmt.Sprintf("namespace %s/%s ", n.Cluster, n.Name)+fmt.Sprintf(format, args...))
	}
	if prefix := plan.After.Name + "-"; !strings.HasPrefix(n.Name, prefix) {
		object("does not start with %q", prefix)
	}
	if n.Request != request || n.Quota.Request != request || foreignAccess(n, request) {
		object("names another request than %d", request)
	}
	usual := plan.After.usualAccess(request)
	for _, a := range usual {
		if !slices.Contains(n.Access, a) {
			object("comes without the access, %s, that every namespace has", a.words())
		}
	}
	if message := checkText(n.Purpose, maxPurpose, true); n.Purpose == "" || message != "" {
		object("says with %q what it is for", n.Purpose)
	}
	if given := n.Quota.Lasting(); !p.Policy.hasSize(given) && !maps.Equal(given.Objects, p.Policy.counts()) {
		object("counts other objects than the policy's sizes do")
	}
	more := slices.DeleteFunc(slices.Clone(n.Access), func(a Access) bool { return a.Request != request || slices.Contains(usual, a) })
	if len(more) > maxAskedAccess {
		object("comes with access for %d groups; at most %d can be", len(more), maxAskedAccess)
	}
	for _, a := range more {
		if message := p.asked(a); message != "" {
			object("comes with access, %s, %s", a.words(), message)
		}
	}
	for _, g := range n.Grants() {
		object("comes with an entry of kind %s, which is a request of its own", g.Kind)
	}
	for _, message := range p.provePlace(n) {
		object("%s", message)
	}
	return objections
}

// asked says why access cannot come with a namespace beside the usual; empty
// where it can.
func (p Proof) asked(a Access) string {
	switch {
	case a.Person != "", !a.Until.IsZero(), a.Group == p.After.Owners.Group, a.Group == p.After.Members.Group:
		return "which is a request of its own"
	case a.ofOthers(p.Holders, p.Before):
		return "and the group is another tenant's"
	case p.Policy.Requests.Access.mustStand(a.Role) != "":
		return "and the role is given for a time only"
	}
	return ""
}

// provePlace wants a class where the policy has any, and hosts that no other
// namespace has.
func (p Proof) provePlace(n Namespace) []string {
	var objections []string
	if n.Classification == "" && len(p.Policy.Classifications) > 0 {
		objections = append(objections, "does not say how confidential its data are")
	}
	holders := &ApprovedState{Policy: p.Policy, Tenancies: p.Holders}
	for _, host := range n.Hosts {
		if message := holders.checkHost(host, n.Cluster, n.Name, p.Before); message != "" {
			objections = append(objections, "has a host: "+message)
		}
	}
	return objections
}

// proveSettings wants one namespace that is there to have another purpose, other
// hosts, registries or another class, and nothing else anywhere to change.
func (p Proof) proveSettings(plan Plan) []string {
	return p.proveEntry(plan, func(before, after Namespace) (Namespace, []string) {
		objections := p.provePlace(after)
		var c checker
		c.conformingSettings("namespace "+after.Cluster+"/"+after.Name, p.Policy, after)
		for _, problem := range c {
			objections = append(objections, problem.Field+": "+problem.Message)
		}
		want := before
		want.Purpose, want.Classification = after.Purpose, after.Classification
		want.Hosts, want.Registries = after.Hosts, after.Registries
		return want, objections
	})
}

func foreignAccess(n Namespace, request int64) bool {
	return slices.ContainsFunc(n.Access, func(a Access) bool { return a.Request != request })
}
