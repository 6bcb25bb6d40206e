package workflow

import (
	"fmt"
	"maps"
	"slices"
)

// hosts gives the hosts that were typed, sorted; nil for none.
func (a AskedNamespace) hosts() (hosts []string, problems typedProblems) {
	for i, text := range a.Hosts {
		host, message := parseHost(text)
		if message == "" && slices.Contains(hosts, host) {
			message = fmt.Sprintf("%q stands twice.", host)
		}
		problems.add(fmt.Sprintf("hosts[%d]", i), message)
		hosts = append(hosts, host)
	}
	return sortedOrNil(hosts), problems
}

// checkHosts says what is wrong with the hosts of one namespace.
func (p askedPart) checkHosts(base *ApprovedState, tenancy Tenancy) (problems typedProblems) {
	if len(p.Hosts) > maxHosts {
		problems.add(p.prefix+"hosts", fmt.Sprintf("%d hosts are named; at most %d can be.", len(p.Hosts), maxHosts))
		return problems
	}
	_, wrong := p.hosts()
	for _, problem := range wrong {
		problems.add(p.prefix+problem.Field, problem.Message)
	}
	for i, text := range p.Hosts {
		if host, message := parseHost(text); message == "" {
			problems.add(fmt.Sprintf("%shosts[%d]", p.prefix, i), base.checkHost(host, p.Cluster, p.Name, tenancy))
		}
	}
	return problems
}

// checkHost says why a namespace of the tenant cannot have a host: it is the
// platform's, or another namespace has it. Whose it is, if it is another
// tenant's, is not said.
func (s *ApprovedState) checkHost(host, cluster, namespace string, tenancy Tenancy) string {
	if s.Policy.reservesHost(host) {
		return fmt.Sprintf("%q is reserved for the platform.", host)
	}
	for _, holder := range s.Tenancies {
		for _, n := range holder.Namespaces {
			switch {
			case !slices.Contains(n.Hosts, host):
			case holder.Name != tenancy.Name:
				return fmt.Sprintf("%q is taken. Choose another host.", host)
			case n.Cluster == cluster && n.Name != namespace:
				return fmt.Sprintf("%q is taken on %s: your namespace %s has it. A host leads to one namespace of a cluster.", host, cluster, n.Name)
			}
		}
	}
	return ""
}

// checkClass says what is wrong with how confidential the data are.
func (c NamespaceChange) checkClass(policy Policy) (problems typedProblems) {
	names := policy.classNames()
	switch {
	case len(names) > 0:
		problems.add("classification", checkListed(c.Classification, "classification", names))
	case c.Classification != "":
		problems.add("classification", "The policy classifies no data. Leave this empty.")
	}
	return problems
}

// checkListed is checkChoice for what has an order of its own.
func checkListed(value, noun string, allowed []string) string {
	switch {
	case slices.Contains(allowed, value):
		return ""
	case value == "":
		return fmt.Sprintf("Choose the %s: %s.", noun, listed(allowed, "or"))
	}
	return fmt.Sprintf("There is no %s %s; choose %s.", noun, shortened(value), listed(allowed, "or"))
}

// classNames are the names of the policy's classes, the least confidential first.
func (p Policy) classNames() []string {
	names := make([]string, len(p.Classifications))
	for i, class := range p.Classifications {
		names[i] = class.Name
	}
	return names
}

// checkRegistries says what is wrong with the registries.
func (c NamespaceChange) checkRegistries(policy Policy) (problems typedProblems) {
	for i, name := range c.Registries {
		field := fmt.Sprintf("registries[%d]", i)
		_, known := policy.Registries[name]
		switch {
		case len(policy.Registries) == 0:
			problems.add("registries", "The policy has no catalogue of registries to choose from. Leave this empty.")
			return problems
		case !known:
			problems.add(field, fmt.Sprintf("There is no registry %s in the catalogue; choose %s.", shortened(name), oneOf(policy.registryNames())))
		case slices.Contains(c.Registries[:i], name):
			problems.add(field, fmt.Sprintf("%q stands twice.", name))
		}
		if len(problems) > maxHosts { // whatever was sent, nobody reads more
			return problems
		}
	}
	return problems
}

func (p Policy) registryNames() []string { return slices.Sorted(maps.Keys(p.Registries)) }
