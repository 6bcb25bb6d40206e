package workflow

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Tenancy is the approved state of one tenant: the content of
// approved/<tenant>.yaml, and the only input of rendering and of enforcement.
type Tenancy struct {
	Name         string      `json:"-"` // the slug; metadata.name of the document
	DisplayName  string      `json:"displayName,omitempty"`
	Contact      string      `json:"contact,omitempty"`    // an e-mail address or a link where the team is reached
	CostCentre   string      `json:"costCentre,omitempty"` // who pays, as the company's accounting writes it
	Request      int64       `json:"request,omitempty"`    // the request that gave it; 0 where it has been there from the first commit on
	Owners       Group       `json:"owners"`
	Members      Group       `json:"members"`
	Ceiling      Ceiling     `json:"ceiling"`
	Clusters     []string    `json:"clusters"`               // where it may have namespaces, by their names in the policy; sorted, at least one
	Repositories []string    `json:"repositories,omitempty"` // what its own Argo CD Applications may read, as URLs; sorted
	Namespaces   []Namespace `json:"namespaces,omitempty"`   // sorted by cluster, then name
}

// Exists says whether there is such a tenancy. The zero value, but for its name,
// stands for one that is not there yet, or not any more: one that is there names
// its owners at least.
func (t Tenancy) Exists() bool { return !t.none() }

func (t Tenancy) none() bool {
	return t.Owners.Group == "" && t.Members.Group == "" && len(t.Clusters) == 0 && len(t.Namespaces) == 0
}

// Group is an Entra group, by object id.
type Group struct {
	Group string `json:"group"`
}

// Ceiling is the most a tenant's namespaces may be given together.
type Ceiling struct {
	CPU        resource.Quantity `json:"cpu"`
	Memory     resource.Quantity `json:"memory"`
	Storage    resource.Quantity `json:"storage"`
	Namespaces int64             `json:"namespaces"`
}

// Namespace is the grant of one namespace on one cluster.
type Namespace struct {
	Name        string        `json:"name"`
	Cluster     string        `json:"cluster"`
	Environment string        `json:"environment"`
	PodSecurity SecurityLevel `json:"podSecurity"`
	Purpose     string        `json:"purpose,omitempty"`
	// Classification says how confidential the data in it are: the name of one of
	// the policy's classes. Empty where nobody said.
	Classification string `json:"classification,omitempty"`
	// Hosts are the DNS names that its Ingresses and HTTPRoutes may serve; sorted.
	Hosts []string `json:"hosts,omitempty"`
	// Registries are the names of entries of the policy's catalogue of registries
	// whose images it may run beyond those that everybody may; sorted.
	Registries []string `json:"registries,omitempty"`
	Request    int64    `json:"request"` // the request that gave it
	Quota      Quota    `json:"quota"`
	Access     []Access `json:"access,omitempty"`
	// Network lists the exceptions to default-deny, by request, then direction.
	Network []NetworkException `json:"network,omitempty"`
	// Exemptions lists what rules of admission let through here, by request.
	Exemptions []Exemption `json:"exemptions,omitempty"`
}

// SecurityLevel is a level of the Pod Security Standards.
type SecurityLevel string

// The levels a namespace can be given. There is no privileged one: a tenant
// never gets it.
const (
	LevelBaseline   SecurityLevel = "baseline"
	LevelRestricted SecurityLevel = "restricted"
)

// AtLeast says whether the level asks for no less than the floor.
func (l SecurityLevel) AtLeast(floor SecurityLevel) bool {
	return l == LevelRestricted || (l == LevelBaseline && floor == LevelBaseline)
}

// Namespace finds the grant of a namespace on a cluster.
func (t Tenancy) Namespace(cluster, name string) (Namespace, bool) {
	i := slices.IndexFunc(t.Namespaces, func(n Namespace) bool { return n.Cluster == cluster && n.Name == name })
	if i < 0 {
		return Namespace{}, false
	}
	return t.Namespaces[i], true
}

// Given sums what the tenant's namespaces have been given, in the terms of its
// ceiling. A temporary increase counts until a commit takes it away.
func (t Tenancy) Given() Ceiling {
	sum := Ceiling{Namespaces: int64(len(t.Namespaces))}
	for _, n := range t.Namespaces {
		given := n.Quota.Effective()
		sum.CPU.Add(given.CPU)
		sum.Memory.Add(given.Memory)
		sum.Storage.Add(given.Storage)
	}
	return sum
}

// ApprovedState is everything that was approved, at one verified commit. It is
// never changed after it was made; a newer commit makes a new one.
type ApprovedState struct {
	Commit string // the verified commit, 40 hex digits
	Policy Policy
	// PolicyDocument is policy.yaml as it stands there, which Policy was read from.
	PolicyDocument []byte
	Tenancies      map[string]Tenancy // by slug
}

// NamespaceOwner finds the tenancy that holds a namespace on a cluster.
func (s *ApprovedState) NamespaceOwner(cluster, name string) (Tenancy, Namespace, bool) {
	for _, tenancy := range s.Tenancies {
		if n, found := tenancy.Namespace(cluster, name); found {
			return tenancy, n, true
		}
	}
	return Tenancy{}, Namespace{}, false
}
