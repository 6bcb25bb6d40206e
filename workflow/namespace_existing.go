package workflow

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Link leads to the form with the first namespace's place, its hosts, the
// registries and the class filled in, as a path with a query whose names are
// those of the form's fields; of a list each entry is a value. What is empty is
// left out.
func (c NamespaceChange) Link(tenant string) string {
	values := url.Values{}
	for name, value := range map[string]string{
		"tenant": tenant, "cluster": c.Cluster, "name": c.Name, "purpose": c.Purpose, "classification": c.Classification, "reason": c.Reason,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if c.Existing {
		values.Set("existing", "true")
	}
	for name, list := range map[string][]string{"hosts": c.Hosts, "registries": c.Registries} {
		for _, value := range list {
			values.Add(name, value)
		}
	}
	return NamespaceFormPath + "?" + values.Encode()
}

// applyExisting changes what can be changed of a namespace that is there.
func (c NamespaceChange) applyExisting(base *ApprovedState, tenancy Tenancy) (Tenancy, []FieldProblem) {
	problems := typedProblems(c.checkExisting(base.Policy))
	n, found := tenancy.Namespace(c.Cluster, c.Name)
	if !found && c.Name == "" {
		return tenancy, problems
	}
	if !found {
		problems.add("name", tenancy.checkPlace(c.Cluster, c.Name))
		return tenancy, problems
	}
	part := c.parts()[0]
	for i, text := range part.Hosts {
		if host, message := parseHost(text); message == "" && len(part.Hosts) <= maxHosts {
			problems.add(fmt.Sprintf("hosts[%d]", i), base.checkHost(host, c.Cluster, c.Name, tenancy))
		}
	}
	changed := c.settled(n)
	if len(problems) == 0 && encode(changed) == encode(n.ordered()) {
		problems.add("hosts", fmt.Sprintf("%s has exactly these hosts, registries, classification and purpose already. Change at least one.", c.Name))
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	return tenancy.with(c.Cluster, c.Name, func(n *Namespace) { *n = changed }), nil
}

// settled is the namespace with what the change asks for.
func (c NamespaceChange) settled(n Namespace) Namespace {
	n = n.ordered()
	n.Hosts, _ = c.hosts()
	n.Registries, n.Classification = sortedOrNil(c.Registries), c.Classification
	if purpose := strings.TrimSpace(c.Purpose); purpose != "" {
		n.Purpose = purpose
	}
	return n
}

// ordered is the namespace with its lists in the order of the document.
func (n Namespace) ordered() Namespace {
	n.Hosts, n.Registries = sortedOrNil(n.Hosts), sortedOrNil(n.Registries)
	return n
}

// settledOtherwise says why nothing holds any more of what a request changed of
// a namespace that was there; empty while it holds, and for every other request.
func (r Request) settledOtherwise(tenancy Tenancy) string {
	change, about := r.Change.(NamespaceChange)
	if !about || !change.Existing {
		return ""
	}
	settings := func(n Namespace) string {
		n = n.ordered()
		return encode(Namespace{Purpose: n.Purpose, Classification: n.Classification, Hosts: n.Hosts, Registries: n.Registries})
	}
	asked, _ := r.Plan.After.Namespace(change.Cluster, change.Name)
	switch now, found := tenancy.Namespace(change.Cluster, change.Name); {
	case !found:
		return fmt.Sprintf("%s was removed.", change.Name)
	case settings(now) != settings(asked):
		return fmt.Sprintf("A later request changed %s again.", change.Name)
	}
	return ""
}

// checkExisting says what is wrong with each field of a change of a namespace
// that is there. What such a change cannot change must be left empty: a reviewer
// could take it for asked for.
func (c NamespaceChange) checkExisting(policy Policy) []FieldProblem {
	var problems typedProblems
	if c.Name == "" {
		problems.add("name", needNamespace)
	}
	if len(c.Also) > 0 {
		problems.add("also", "A change is about one namespace. Make a request for each.")
	}
	for _, f := range []struct {
		field, instead string
		given          bool
	}{
		{"environment", "A namespace stays in its environment. Leave it out.", c.Environment != ""},
		{"podSecurity", "A namespace keeps its pod security level. Leave it out.", c.PodSecurity != ""},
		{"size", "Ask for another quota instead, and leave it out here.", c.Size+c.CPU+c.Memory+c.Storage+c.Pods != ""},
		{"access", "Ask for access instead, and leave it out here.", len(c.Access) > 0},
	} {
		if f.given {
			problems.add(f.field, f.instead)
		}
	}
	if len(c.Hosts) > maxHosts {
		problems.add("hosts", fmt.Sprintf("%d hosts are named; at most %d can be.", len(c.Hosts), maxHosts))
	} else {
		_, wrong := c.hosts()
		problems = append(problems, wrong...)
	}
	problems.add("purpose", checkText(strings.TrimSpace(c.Purpose), maxPurpose, true))
	problems.addReason("reason", c.Reason, "Say in a sentence what the change is for. Reviewers read it first.")
	return slices.Concat(problems, c.checkClass(policy), c.checkRegistries(policy))
}
