package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// NamespaceChange asks for a namespace, or for several of one service (dev, test,
// prod) that are decided and committed together. It holds what was typed, as it
// was typed.
type NamespaceChange struct {
	AskedNamespace // the first, or the only one

	Also []AskedNamespace `json:"also,omitempty"` // the others
	// What follows is the same for all of them.
	Purpose        string        `json:"purpose"`
	Classification string        `json:"classification,omitempty"` // the name of one of the policy's classes
	Registries     []string      `json:"registries,omitempty"`     // names out of the policy's catalogue
	Access         []AskedAccess `json:"access,omitempty"`         // beyond what the tenant's members and owners have
	// Existing says that the tenant has the namespace already, and that its
	// purpose, hosts, registries and classification are to be these from now on.
	// Only the name and the cluster are given of the rest, and one namespace.
	Existing bool   `json:"existing,omitempty"`
	Reason   string `json:"reason,omitempty"` // why, with Existing
}

// AskedNamespace is one of the namespaces that a request asks for, as typed.
type AskedNamespace struct {
	Name        string        `json:"name"`
	Cluster     string        `json:"cluster"`
	Environment string        `json:"environment"`
	Size        string        `json:"size"`          // the name of a size, or OwnSize
	CPU         string        `json:"cpu,omitempty"` // with OwnSize, as the three below
	Memory      string        `json:"memory,omitempty"`
	Storage     string        `json:"storage,omitempty"`
	Pods        string        `json:"pods,omitempty"`
	PodSecurity SecurityLevel `json:"podSecurity"`
	Hosts       []string      `json:"hosts,omitempty"` // DNS names for its Ingresses
}

// OwnSize stands in the place of a size's name where the person typed numbers.
const OwnSize = "own"

// AskedAccess is a role for a group that comes with a namespace, as typed.
type AskedAccess struct {
	Group string     `json:"group"` // Entra object id
	Role  AccessRole `json:"role"`
}

// NamespaceFormPath is the portal's form for namespaces. Denials lead to it.
const NamespaceFormPath = "/requests/new/namespace"

// Bounds of what one request asks for.
const (
	MaxNamespaces  = 6  // that one request can ask for
	maxHosts       = 20 // of one namespace
	maxAskedAccess = 10 // groups that come with namespaces
)

// Kind is KindNamespace.
func (NamespaceChange) Kind() Kind { return KindNamespace }

// Title names the namespace and its cluster, or the service of several.
func (c NamespaceChange) Title() string {
	switch {
	case c.Existing:
		return "Hosts and images of " + c.Name + " on " + c.Cluster
	case len(c.Also) == 0:
		return "Namespace " + c.Name + " on " + c.Cluster
	}
	return fmt.Sprintf("%d namespaces of %s", 1+len(c.Also), c.service())
}

// service is how the names of all of them begin, in whole words.
func (c NamespaceChange) service() string {
	common := strings.Split(c.Name, "-")
	for _, n := range c.Also {
		words := strings.Split(n.Name, "-")
		same := 0
		for same < min(len(common), len(words)) && common[same] == words[same] {
			same++
		}
		common = common[:same]
	}
	if len(common) == 0 {
		return c.Name
	}
	return strings.Join(common, "-")
}

// Why is the reason, or what the namespaces are for.
func (c NamespaceChange) Why() string {
	if c.Existing {
		return strings.TrimSpace(c.Reason)
	}
	return strings.TrimSpace(c.Purpose)
}

// askedPart is one of the namespaces with what begins the names of its fields.
type askedPart struct {
	AskedNamespace

	prefix string // also[0].
}

// parts lists the namespaces that are asked for.
func (c NamespaceChange) parts() []askedPart {
	parts := []askedPart{{AskedNamespace: c.AskedNamespace}}
	for i, n := range c.Also {
		parts = append(parts, askedPart{n, fmt.Sprintf("also[%d].", i)})
	}
	return parts
}

// fieldOf is what begins the names of the fields of a namespace that is asked for.
func (c NamespaceChange) fieldOf(n Namespace) string {
	for _, part := range c.parts() {
		if part.Name == n.Name && part.Cluster == n.Cluster {
			return part.prefix
		}
	}
	return ""
}

// Apply adds the namespaces, each with its quota, edit access for the tenant's
// members, admin access for its owners, and what was asked for beside.
func (c NamespaceChange) Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	if c.Existing {
		return c.applyExisting(base, tenancy)
	}
	problems := c.check(base, tenancy)
	if len(problems) > 0 {
		return tenancy, problems
	}
	after := tenancy
	after.Namespaces = slices.Clone(tenancy.Namespaces)
	for _, part := range c.parts() {
		after.Namespaces = append(after.Namespaces, c.granted(part, base.Policy, tenancy, request))
	}
	slices.SortFunc(after.Namespaces, Namespace.compare)
	return after, c.overCeiling(base.Policy, after)
}

// granted is one of the namespaces as it is given. Nothing is wrong with it.
func (c NamespaceChange) granted(part askedPart, policy Policy, tenancy Tenancy, request int64) Namespace {
	size, _ := part.amounts(policy)
	n := Namespace{
		Name: part.Name, Cluster: part.Cluster, Environment: part.Environment,
		PodSecurity: part.PodSecurity, Purpose: strings.TrimSpace(c.Purpose), Request: request,
		Classification: c.Classification, Registries: sortedOrNil(c.Registries),
		Quota: size.quotaOf(request), Access: tenancy.usualAccess(request),
	}
	n.Hosts, _ = part.hosts()
	asked, _ := c.access()
	for _, access := range asked {
		access.Request = request
		n.Access = append(n.Access, access)
	}
	return n
}

// usualAccess is what comes with a namespace: the tenant's members edit in it,
// and its owners administer it.
func (t Tenancy) usualAccess(request int64) []Access {
	return []Access{
		{Group: t.Members.Group, Role: AccessEdit, Request: request},
		{Group: t.Owners.Group, Role: AccessAdmin, Request: request},
	}
}

// rivals refuses a name, or a host, that another request asks for.
func (c NamespaceChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(NamespaceChange)
	if !same {
		return FieldProblem{}, false
	}
	for _, part := range c.parts() {
		for _, theirs := range rival.parts() {
			if theirs.Name == part.Name && theirs.Cluster == part.Cluster {
				asks := "asks for"
				if rival.Existing {
					asks = "asks to change"
				}
				return FieldProblem{Field: part.prefix + "name", Message: fmt.Sprintf("Request %d by %s already %s %q on %s.", other.ID, other.RequestedBy.Name, asks, part.Name, part.Cluster)}, true
			}
			if field, host := part.rivalHost(theirs.AskedNamespace); field != "" {
				return FieldProblem{Field: field, Message: fmt.Sprintf("Request %d by %s already asks for the host %q on %s.", other.ID, other.RequestedBy.Name, host, part.Cluster)}, true
			}
		}
	}
	return FieldProblem{}, false
}

// rivalHost finds a host of a namespace that another one on the cluster is to
// have, too; no field where there is none.
func (p askedPart) rivalHost(other AskedNamespace) (field, host string) {
	if p.Cluster != other.Cluster {
		return "", ""
	}
	for i, text := range p.Hosts {
		host, _ := parseHost(text)
		if host != "" && slices.ContainsFunc(other.Hosts, func(theirs string) bool { h, _ := parseHost(theirs); return h == host }) {
			return fmt.Sprintf("%shosts[%d]", p.prefix, i), host
		}
	}
	return "", ""
}

// compare orders namespaces by cluster, then name.
func (n Namespace) compare(other Namespace) int {
	if c := strings.Compare(n.Cluster, other.Cluster); c != 0 {
		return c
	}
	return strings.Compare(n.Name, other.Name)
}

// sortedOrNil gives the texts in order; nil where there are none, as in the
// document.
func sortedOrNil(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(texts))
}
