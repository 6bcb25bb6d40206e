package analyzer

import (
	"io"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/flowlog"
	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// Present is what proposals are held against: the policies that there are now.
type Present struct {
	Cluster  string                        // its name in the policy
	Tenant   string                        // whom the proposals are for
	Owner    func(namespace string) string // slug of the tenant that has a namespace; empty for none
	Policies *network.Cluster
	FQDN     bool // the cluster's network engine knows DNS names
}

// Suggest proposes exceptions for what was seen and is not let through now.
// Until is the end that they ask for.
func Suggest(log flowlog.Log, present Present, until time.Time) (workflow.Suggestions, error) {
	return flowlog.Suggest(log, flowlog.Question{
		Cluster: present.Cluster,
		Mine:    func(namespace string) bool { return present.Owner(namespace) == present.Tenant },
		Tenants: func(namespace string) bool { return present.Owner(namespace) != "" },
		Present: func(from, to flowlog.Party, protocol string, port int32) (bool, error) {
			return present.Policies.Allows(network.Probe{
				From: endpoint(from), To: endpoint(to), Protocol: corev1.Protocol(protocol), Port: port,
			})
		},
		FQDN: present.FQDN, Until: until.UTC().Format(time.DateOnly),
	})
}

func endpoint(party flowlog.Party) network.Endpoint {
	if party.IsPod() {
		return network.Endpoint{Namespace: party.Namespace, Labels: party.Labels}
	}
	return network.Endpoint{Address: party.Address}
}

// Suggester turns uploaded flow logs into proposals, held against what is
// approved.
type Suggester struct{}

var _ workflow.Suggester = Suggester{}

// suggestedFor is how long the proposals ask to last, where the policy allows it.
const suggestedFor = 30 * 24 * time.Hour

// Suggest reads a flow log for one tenant and cluster; see workflow.Suggester.
// Only the namespaces that the log names are rendered.
func (Suggester) Suggest(state *workflow.ApprovedState, tenant, cluster string, log, pods io.Reader, at time.Time) (workflow.Suggestions, error) {
	var known flowlog.Pods
	if pods != nil {
		var err error
		if known, err = flowlog.ReadPods(pods); err != nil {
			return workflow.Suggestions{}, unreadable("pods", err)
		}
	}
	read, err := flowlog.Read(log, known)
	if err != nil {
		return workflow.Suggestions{}, unreadable("log", err)
	}
	w := newWorld(state, at)
	policies, err := w.policies(cluster, read)
	if err != nil {
		return workflow.Suggestions{}, err
	}
	lasts := suggestedFor
	if most := time.Duration(state.Policy.Requests.Network.MaxDuration); most > 0 {
		lasts = min(lasts, most)
	}
	return Suggest(read, Present{
		Cluster: cluster, Tenant: tenant, Policies: policies,
		Owner: func(namespace string) string {
			owner, _, _ := w.owner(spot{cluster, namespace})
			return owner.Name
		},
		FQDN: state.Policy.Clusters[cluster].NetworkEngine == workflow.EngineCilium,
	}, at.Add(lasts))
}

// unreadable says what is wrong with an uploaded file.
func unreadable(field string, err error) *workflow.Problem {
	return &workflow.Problem{Kind: workflow.Invalid, Message: "The file cannot be read as a flow log. Nothing was stored.",
		Fields: []workflow.FieldProblem{{Field: field, Message: err.Error() + "."}}}
}

// policies renders the namespaces that a log names.
func (w *world) policies(cluster string, log flowlog.Log) (*network.Cluster, error) {
	named := map[string]bool{}
	for _, o := range log.Observations {
		named[o.From.Namespace], named[o.To.Namespace] = true, true
	}
	var objects network.Objects
	for _, name := range slices.Sorted(maps.Keys(named)) {
		tenancy, namespace, found := w.owner(spot{cluster, name})
		if !found {
			continue
		}
		namespace.Network = slices.DeleteFunc(slices.Clone(namespace.Network), func(e workflow.NetworkException) bool { return e.Expired(w.at) })
		rendered, err := manifest.Objects(w.state.Policy, tenancy, namespace)
		if err != nil {
			return nil, err
		}
		one := network.Namespace{Name: name}
		for _, object := range rendered {
			switch typed := object.Typed.(type) {
			case *networkingv1.NetworkPolicy:
				objects.Policies = append(objects.Policies, typed)
			default:
				if object.Key.Kind == "Namespace" {
					one.Labels = typed.GetLabels()
				}
			}
		}
		objects.Namespaces = append(objects.Namespaces, one)
	}
	return network.New(objects)
}
