package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxMeans is the longest sentence that says what something is for, in characters.
const maxMeans = 300

// catalogue checks what namespaces can ask for by name: registries and classes of
// data, and the hosts that none gets. The patterns of images are the rule
// trusted-registry's to check.
func (c *checker) catalogue(p Policy) {
	for _, name := range slices.Sorted(maps.Keys(p.Registries)) {
		field := "spec.registries." + name
		if message := checkLabel(name); message != "" {
			c.add(field, "%q: %s", name, message)
		}
		if len(p.Registries[name].Images) == 0 {
			c.add(field+".images", "name at least one pattern of images, such as docker.io/library/*")
		}
		c.means(field+".means", p.Registries[name].Means)
	}
	classes := map[string]bool{}
	for i, class := range p.Classifications {
		field := fmt.Sprintf("spec.classifications[%d]", i)
		if message := checkLabel(class.Name); message != "" {
			c.add(field+".name", "%q: %s", class.Name, message)
		} else if classes[class.Name] {
			c.add(field+".name", "%q stands twice", class.Name)
		}
		classes[class.Name] = true
		c.means(field+".means", class.Means)
	}
	for i, host := range p.ReservedHosts {
		if canonical, message := parseFQDN(host); message != "" || canonical != host {
			c.add(fmt.Sprintf("spec.reservedHosts[%d]", i), "%q is neither the name of a host nor *. and one, such as *.platform.example.com", host)
		}
	}
	if _, taken := p.Sizes[OwnSize]; taken {
		c.add("spec.sizes."+OwnSize, "%q says that the person types numbers; call the size otherwise", OwnSize)
	}
}

func (c *checker) means(field, text string) {
	if message := checkVisible(text, maxMeans, false); message != "" {
		c.add(field, "%s", message)
	}
}

// settings checks what a namespace was given beside its quota, on its own.
func (c *checker) settings(field string, n Namespace) {
	if n.Classification != "" && checkLabel(n.Classification) != "" {
		c.add(field+".classification", "%q: %s", n.Classification, checkLabel(n.Classification))
	}
	if len(n.Hosts) > maxHosts {
		c.add(field+".hosts", "%d hosts are named; at most %d can be", len(n.Hosts), maxHosts)
	}
	for i, host := range n.Hosts {
		at := fmt.Sprintf("%s.hosts[%d]", field, i)
		if canonical, message := parseHost(host); message != "" {
			c.add(at, "%s", message)
		} else if canonical != host {
			c.add(at, "%q is written %q", host, canonical)
		} else if slices.Contains(n.Hosts[:i], host) {
			c.add(at, "%q stands twice", host)
		}
	}
	for i, name := range n.Registries {
		at := fmt.Sprintf("%s.registries[%d]", field, i)
		if message := checkLabel(name); message != "" {
			c.add(at, "%q: %s", name, message)
		} else if slices.Contains(n.Registries[:i], name) {
			c.add(at, "%q stands twice", name)
		}
	}
}

// hosts checks that a host leads to one namespace of a cluster.
func (c *checker) hosts(t Tenancy) {
	held := map[string]string{}
	for i, n := range t.Namespaces {
		for j, host := range n.Hosts {
			key := n.Cluster + " " + host
			if other, taken := held[key]; taken && other != n.Name {
				c.add(fmt.Sprintf("spec.namespaces[%d].hosts[%d]", i, j), "%q is the host of %s already", host, other)
			}
			held[key] = n.Name
		}
	}
}

// conformingSettings holds what a namespace was given beside its quota against
// the policy.
func (c *checker) conformingSettings(field string, p Policy, n Namespace) {
	if n.Classification != "" && !slices.Contains(p.classNames(), n.Classification) {
		c.add(field+".classification", "the policy has no class %q%s", n.Classification, choices(p.classNames()))
	}
	for i, name := range n.Registries {
		if _, known := p.Registries[name]; !known {
			c.add(fmt.Sprintf("%s.registries[%d]", field, i), "the policy's catalogue has no registry %q%s", name, choices(p.registryNames()))
		}
	}
	for i, host := range n.Hosts {
		if p.reservesHost(host) {
			c.add(fmt.Sprintf("%s.hosts[%d]", field, i), "%q is reserved for the platform", host)
		}
	}
}

// choices goes on after a name that there is not, with those that there are.
func choices(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; it has " + strings.Join(names, ", ")
}
