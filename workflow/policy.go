package workflow

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Policy is the platform's policy, policy.yaml in the GitOps repository: what
// can be asked for, what workloads must keep to, and who must agree.
type Policy struct {
	Clusters           map[string]Cluster     `json:"clusters"`
	PlatformNamespaces []string               `json:"platformNamespaces"` // by name; none of Tenure's business
	PlatformFlows      []PlatformFlow         `json:"platformFlows,omitempty"`
	ReservedNames      []string               `json:"reservedNames,omitempty"` // exact names, or prefixes ending in *
	ReservedHosts      []string               `json:"reservedHosts,omitempty"` // hosts that no tenant gets: exact names, or *.example.com
	Environments       map[string]Environment `json:"environments"`
	Rules              map[string]RuleSetting `json:"rules,omitempty"`
	Sizes              map[string]Size        `json:"sizes"`
	Registries         map[string]Registry    `json:"registries,omitempty"`      // the catalogue that a namespace can ask for images out of, by name
	Classifications    []Classification       `json:"classifications,omitempty"` // how confidential data can be, the least first; a namespace has one where there are any
	ContainerDefaults  ContainerDefaults      `json:"containerDefaults"`
	Requests           RequestLimits          `json:"requests,omitzero"`
	Reviews            []ReviewRule           `json:"reviews"`
	Fallback           Role                   `json:"fallback"`            // who decides a stage that nobody else can meet
	Reviewers          map[Role][]Reviewer    `json:"reviewers,omitempty"` // the register of people whose vote as security or admin counts
	GitOpsIdentity     string                 `json:"gitopsIdentity"`      // user name, as the API server sees it
	ArgoCD             *ArgoCDSettings        `json:"argocd,omitempty"`    // the Argo CD that syncs; without it nothing is rendered for it
	Portal             string                 `json:"portal"`              // the portal's URL, for the links in denials
}

// Registry is an entry of the catalogue of registries.
type Registry struct {
	Images []string `json:"images"`          // patterns of images, as the rule trusted-registry has them
	Means  string   `json:"means,omitempty"` // what it is for, in a sentence for those who ask
}

// Classification is a class of data by how confidential they are.
type Classification struct {
	Name  string `json:"name"`            // such as internal
	Means string `json:"means,omitempty"` // which data are of it, in a sentence for those who ask
}

// ArgoCDSettings say which Argo CD brings what was approved to the clusters,
// and what it reads.
type ArgoCDSettings struct {
	Repository string `json:"repository"`          // URL of the GitOps repository, as Argo CD reads it
	Revision   string `json:"revision,omitempty"`  // the branch it follows; DefaultRevision when empty
	Namespace  string `json:"namespace,omitempty"` // where its Applications live; DefaultArgoCDNamespace when empty
}

// What a policy means that does not say otherwise.
const (
	DefaultRevision        = "main"
	DefaultArgoCDNamespace = "argocd"
)

// WithDefaults fills in what the policy leaves open.
func (a ArgoCDSettings) WithDefaults() ArgoCDSettings {
	a.Revision = cmp.Or(a.Revision, DefaultRevision)
	a.Namespace = cmp.Or(a.Namespace, DefaultArgoCDNamespace)
	return a
}

// Cluster is one shared cluster.
type Cluster struct {
	Server        string                 `json:"server"`        // the API server's URL
	NetworkEngine NetworkEngine          `json:"networkEngine"` // who enforces its NetworkPolicies
	Mode          ClusterMode            `json:"mode"`
	Rules         map[string]RuleSetting `json:"rules,omitempty"` // overrides of the policy's rules on this cluster
}

// NetworkEngine is what enforces NetworkPolicies on a cluster.
type NetworkEngine string

// The network engines of AKS.
const (
	EngineAzure  NetworkEngine = "azure"
	EngineCalico NetworkEngine = "calico"
	EngineCilium NetworkEngine = "cilium"
)

// ClusterMode is how far a cluster has been adopted. Only enforce refuses
// anything; warn lets everything through with a warning to the person, and
// observe only records what would have been refused.
type ClusterMode string

// The steps of adopting a cluster.
const (
	ModeObserve ClusterMode = "observe"
	ModeWarn    ClusterMode = "warn"
	ModeEnforce ClusterMode = "enforce"
)

// PlatformFlow is traffic that every tenant namespace allows, because the
// platform needs it.
type PlatformFlow struct {
	Name      string        `json:"name"`
	Direction FlowDirection `json:"direction"`
	From      *FlowPeer     `json:"from,omitempty"` // for ingress
	To        *FlowPeer     `json:"to,omitempty"`   // for egress
	Ports     []FlowPort    `json:"ports,omitempty"`
}

// FlowDirection is the side of a pod that a flow is on.
type FlowDirection string

// The directions of a flow, as seen from the tenant's pods.
const (
	Ingress FlowDirection = "ingress"
	Egress  FlowDirection = "egress"
)

// FlowPeer is the other side of a flow: pods of a namespace, or addresses.
type FlowPeer struct {
	Namespace         string            `json:"namespace,omitempty"`
	PodLabels         map[string]string `json:"podLabels,omitempty"`
	NamespaceSelector *Selector         `json:"namespaceSelector,omitempty"` // for platform flows: namespaces by their labels
	PodSelector       *Selector         `json:"podSelector,omitempty"`       // for platform flows
	CIDR              string            `json:"cidr,omitempty"`
	Except            []string          `json:"except,omitempty"`
	Internet          bool              `json:"internet,omitempty"` // for exceptions: every public address
	FQDN              string            `json:"fqdn,omitempty"`     // for exceptions on Cilium: the addresses of a DNS name
}

// Selector is a label selector as Kubernetes writes it.
type Selector struct {
	MatchLabels      map[string]string     `json:"matchLabels,omitempty"`
	MatchExpressions []SelectorRequirement `json:"matchExpressions,omitempty"`
}

// SelectorRequirement is one expression of a selector.
type SelectorRequirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"` // In, NotIn, Exists or DoesNotExist
	Values   []string `json:"values,omitempty"`
}

// RequestLimits bound what can be asked for, by kind of request.
type RequestLimits struct {
	Network   NetworkLimits `json:"network,omitzero"`
	Quota     TermLimits    `json:"quota,omitzero"` // of temporary increases
	Access    AccessLimits  `json:"access,omitzero"`
	Exemption TermLimits    `json:"exemption,omitzero"`
}

// TermLimits bound for how long something is given.
type TermLimits struct {
	MaxDuration Duration `json:"maxDuration,omitzero"` // how far off an end may be; DefaultTerm when zero
}

// AccessLimits bound access to namespaces.
type AccessLimits struct {
	MaxDuration Duration     `json:"maxDuration,omitzero"` // of access that ends; DefaultTerm when zero
	Standing    []AccessRole `json:"standing,omitempty"`   // the roles that may be asked for without an end; none named means all. What comes with a namespace stands with it
}

// DefaultTerm is the longest that something with an end may last, network
// exceptions apart, where the policy says nothing.
const DefaultTerm = Duration(30 * 24 * time.Hour)

// NetworkLimits bound network exceptions.
type NetworkLimits struct {
	MaxDuration Duration      `json:"maxDuration,omitzero"` // how far off an end may be; DefaultNetworkDuration when zero
	Refused     []AddressName `json:"refused,omitempty"`    // ranges that nobody gets: API servers, nodes
	Wide        []string      `json:"wide,omitempty"`       // 0.0.0.0/0 or ::/0, where they may be asked for as a CIDR
}

// DefaultNetworkDuration is the longest a network exception may last where the
// policy says nothing.
const DefaultNetworkDuration = Duration(90 * 24 * time.Hour)

// AddressName is a range of addresses with what it is.
type AddressName struct {
	CIDR string `json:"cidr"`
	Name string `json:"name"` // for the refusal: "the nodes of weu-1"
}

// Duration is a length of time, written as Go does: 2160h.
type Duration time.Duration

// MarshalText writes the duration as time.ParseDuration reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration accepts.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 2160h", text)
	}
	*d = Duration(parsed)
	return nil
}

// IsZero says whether no duration is given.
func (d Duration) IsZero() bool { return d == 0 }

// FlowPort is a port or a range of ports.
type FlowPort struct {
	Protocol string `json:"protocol"` // TCP, UDP or SCTP
	Port     int32  `json:"port"`
	EndPort  int32  `json:"endPort,omitempty"`
}

// Environment is a class of namespaces: dev, test, prod.
type Environment struct {
	PodSecurity SecurityLevel          `json:"podSecurity"` // the lowest level that may be asked for
	Rules       map[string]RuleSetting `json:"rules,omitempty"`
}

// RuleMode is what becomes of an object that violates a rule.
type RuleMode string

// The modes of a rule.
const (
	RuleOff  RuleMode = "off"
	RuleWarn RuleMode = "warn"
	RuleDeny RuleMode = "deny"
)

// RuleSetting is one rule's mode and parameters. What the parameters mean is
// the rule's own business: the admission rule decodes and checks Params.
type RuleSetting struct {
	Mode   RuleMode
	Params json.RawMessage // a JSON object without "mode"; nil when there are none
}

// UnmarshalJSON takes the mode out of the object and keeps the rest as Params.
func (r *RuleSetting) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	r.Mode, r.Params = "", nil
	if mode, found := fields["mode"]; found {
		if err := json.Unmarshal(mode, &r.Mode); err != nil {
			return fmt.Errorf("mode: %w", err)
		}
		delete(fields, "mode")
	}
	if len(fields) == 0 {
		return nil
	}
	params, err := json.Marshal(fields)
	r.Params = params
	return err
}

// MarshalJSON writes mode and parameters as the one object they were read from.
func (r RuleSetting) MarshalJSON() ([]byte, error) {
	fields := map[string]any{}
	if len(r.Params) > 0 {
		params := json.NewDecoder(bytes.NewReader(r.Params))
		params.UseNumber() // a whole number beyond 2^53 keeps its digits
		if err := params.Decode(&fields); err != nil {
			return nil, err
		}
	}
	if r.Mode != "" {
		fields["mode"] = r.Mode
	}
	return json.Marshal(fields)
}

// ContainerDefaults is what a container gets that asks for nothing: the
// LimitRange of every tenant namespace.
type ContainerDefaults struct {
	Requests ResourcePair `json:"requests"`
	Limits   ResourcePair `json:"limits"`
}

// ResourcePair is an amount of CPU and memory.
type ResourcePair struct {
	CPU    resource.Quantity `json:"cpu"`
	Memory resource.Quantity `json:"memory"`
}

// ReviewRule says who must agree to requests of some kinds. The first rule
// that fits a request decides; the last one must fit all.
type ReviewRule struct {
	Kinds        []Kind   `json:"kinds,omitempty"`        // none means all
	Environments []string `json:"environments,omitempty"` // none means all
	Opens        []Opens  `json:"opens,omitempty"`        // for network exceptions: to what; none means whatever
	Within       Bound    `json:"within,omitempty"`       // for quotas: what the tenant stays within; empty means whatever
	Stages       []Stage  `json:"stages"`
}

// Bound is what a tenant's namespaces stay within together.
type Bound string

// The bounds that a review can depend on.
const (
	WithinCeiling Bound = "ceiling" // the tenant's ceiling, which nothing can exceed
	WithinHalf    Bound = "half"    // half of the ceiling, in every amount
)

// Opens is what a network exception opens a namespace to.
type Opens string

// What can be opened.
const (
	OpensInternet  Opens = "internet"  // public addresses, by whatever peer
	OpensTenant    Opens = "tenant"    // another tenant's namespace
	OpensNamespace Opens = "namespace" // another namespace of the same tenant
	OpensCIDR      Opens = "cidr"      // private addresses
)

// Reviewer is an entry of the register of reviewers.
type Reviewer struct {
	ID   string `json:"id"` // tid/oid
	Name string `json:"name"`
}
