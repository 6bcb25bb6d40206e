package flowlog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenure.dev/workflow"
)

// Question is what proposals are wanted for.
type Question struct {
	Cluster string
	Mine    func(namespace string) bool // the tenant's own namespaces
	Tenants func(namespace string) bool // namespaces of any tenant
	// Present says whether the present policies let a flow through.
	Present func(from, to Party, protocol string, port int32) (bool, error)
	FQDN    bool   // the cluster's network engine knows DNS names
	Until   string // the end that the proposals ask for
}

// Suggest gives the least set of exceptions that covers what was seen of the
// tenant's namespaces and is not let through now. Each proposal is for one
// workload, one other side and the ports that were seen, no more.
func Suggest(log Log, q Question) (workflow.Suggestions, error) {
	result := workflow.Suggestions{Format: string(log.Format), Records: log.Records, Passed: log.Passed}
	groups := map[string]*need{}
	for _, o := range log.Observations {
		kind, err := q.sort(o)
		if err != nil {
			return result, fmt.Errorf("judge %s %d to %s: %w", o.Protocol, o.Port, o.To.key(), err)
		}
		switch kind {
		case elsewhere:
			result.Elsewhere += o.Flows
		case inside:
			result.Inside += o.Flows
		case allowed:
			result.Allowed += o.Flows
		case platform:
			result.Platform += o.Flows
		case missing:
			for _, n := range q.needs(o) {
				n.addTo(groups)
			}
		}
	}
	needs := slices.Collect(maps.Values(groups))
	for _, n := range mergeAddresses(needs) {
		result.Proposals = append(result.Proposals, n.suggestion(q))
	}
	slices.SortFunc(result.Proposals, func(a, b workflow.Suggestion) int {
		if c := cmp.Compare(b.Flows, a.Flows); c != 0 {
			return c
		}
		return cmp.Compare(fmt.Sprint(a.Change), fmt.Sprint(b.Change))
	})
	if more := len(result.Proposals) - mostProposals; more > 0 {
		result.Proposals, result.More = result.Proposals[:mostProposals], more
	}
	return result, nil
}

// mostProposals is how many proposals a person is shown. Whoever has more looks
// at a shorter time, or asks for ranges.
const mostProposals = 200

// sorting is what an observation is to the tenant.
type sorting int

const (
	elsewhere sorting = iota // neither end is the tenant's
	inside                   // both ends are in one namespace
	allowed                  // the present policies let it through
	platform                 // the other side is a namespace that no tenant has
	missing                  // an exception is needed
)

func (q Question) sort(o Observation) (sorting, error) {
	mine := (o.From.IsPod() && q.Mine(o.From.Namespace)) || (o.To.IsPod() && q.Mine(o.To.Namespace))
	switch {
	case !mine:
		return elsewhere, nil
	case o.From.Namespace == o.To.Namespace:
		return inside, nil
	}
	if through, err := q.Present(o.From, o.To, o.Protocol, o.Port); err != nil || through {
		return allowed, err
	}
	for _, party := range []Party{o.From, o.To} {
		if party.IsPod() && !q.Tenants(party.Namespace) {
			return platform, nil
		}
	}
	return missing, nil
}

// need is one exception that is needed, before it is written as a request.
type need struct {
	namespace string
	direction workflow.FlowDirection
	pods      map[string]string
	peer      Party
	public    bool     // the peer is the internet
	ranges    []string // the peer's addresses, where it is no pod
	ports     portSet
	Observation
}

// needs gives the exceptions for one observation. Between namespaces of tenants
// it is one, from the side that is the tenant's own: it opens both ends.
func (q Question) needs(o Observation) []*need {
	n := &need{namespace: o.From.Namespace, direction: workflow.Egress, pods: identity(o.From.Labels), peer: o.To, Observation: o}
	if !o.From.IsPod() || !q.Mine(o.From.Namespace) {
		n = &need{namespace: o.To.Namespace, direction: workflow.Ingress, pods: identity(o.To.Labels), peer: o.From, Observation: o}
	}
	n.ports = portSet{}
	n.ports.add(o.Protocol, o.Port)
	if !q.FQDN || n.direction == workflow.Ingress {
		n.peer.Names = nil
	}
	if len(n.peer.Names) > 0 {
		n.peer = Party{Names: n.peer.Names[:1]}
	}
	return []*need{n}
}

// subject names the pods that the exception is for.
func (n *need) subject() string {
	return strings.Join([]string{n.namespace, string(n.direction), workflow.LabelsTyped(n.pods)}, "\x00")
}

// addTo puts the need together with others for the same pods and other side.
func (n *need) addTo(groups map[string]*need) {
	key := n.subject() + "\x00" + n.peer.key()
	if known, found := groups[key]; found {
		known.join(n)
		return
	}
	groups[key] = n
}

// join takes over what another need was seen for.
func (n *need) join(other *need) {
	n.ports.merge(other.ports)
	n.ranges = append(n.ranges, other.ranges...)
	n.Flows += other.Flows
	n.Denied += other.Denied
	if other.First.Before(n.First) {
		n.First = other.First
	}
	if other.Last.After(n.Last) {
		n.Last = other.Last
	}
}

// suggestion writes the need as a request.
func (n *need) suggestion(q Question) workflow.Suggestion {
	change := workflow.NetworkChange{
		Cluster: q.Cluster, Namespace: n.namespace, Direction: n.direction,
		Pods: workflow.LabelsTyped(n.pods), Ports: n.ports.String(), Until: q.Until,
		Reason: fmt.Sprintf("Seen in the network's flow log between %s and %s UTC: %d flows.",
			n.First.Format("2 Jan 2006 15:04"), n.Last.Format("2 Jan 2006 15:04"), n.Flows),
	}
	var notes []string
	if len(n.pods) == 0 {
		notes = append(notes, "The log gives no label that names the workload, so this is for every pod of "+n.namespace+". Name its pods, if you can.")
	}
	switch {
	case n.peer.IsPod():
		change.Peer, change.PeerNamespace, change.PeerPods = workflow.PeerNamespace, n.peer.Namespace, workflow.LabelsTyped(identity(n.peer.Labels))
		if !q.Mine(n.peer.Namespace) {
			notes = append(notes, n.peer.Namespace+" belongs to another tenant, whose owner must agree.")
		}
	case len(n.peer.Names) > 0:
		change.Peer, change.FQDN = workflow.PeerFQDN, n.peer.Names[0]
	case n.public:
		change.Peer = workflow.PeerInternet
		notes = append(notes, fmt.Sprintf("%d different public addresses were seen. If they are one service's, ask for its ranges instead of the whole internet.", len(n.ranges)))
	default:
		change.Peer, change.CIDR = workflow.PeerCIDR, n.ranges[0]
	}
	return workflow.Suggestion{Change: change, Flows: n.Flows, Dropped: n.Denied, First: n.First, Last: n.Last, Notes: notes}
}
