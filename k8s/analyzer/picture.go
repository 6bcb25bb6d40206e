package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"tenure.dev/workflow"
)

// picture draws lines between ends.
type picture struct {
	tenant    string
	workloads workflow.Workloads
	world     *world
	grouped   bool // what every namespace of the tenant has is drawn once a cluster
	folded    bool // the pods of a namespace of the tenant are one end

	ends  map[string]workflow.FlowEnd // by what they are
	flows []drawn
}

// drawn is a flow whose ends have not got their names yet.
type drawn struct {
	workflow.Flow

	from, to string
}

// draw gives the ends and the flows, each once, in an order that depends on
// nothing but what they are.
func (p picture) draw(lines []line) workflow.Connectivity {
	p.ends = map[string]workflow.FlowEnd{}
	for _, l := range lines {
		from, to := p.end(l, l.from), p.end(l, l.to)
		flow := workflow.Flow{
			Ports: l.ports.String(), Change: l.change, OneSided: l.missing,
			Request: l.request(), Until: l.until(), Because: l.because(),
		}
		p.flows = append(p.flows, drawn{flow, from, to})
	}
	if p.grouped && !p.folded && len(p.ends) > manyEnds {
		return picture{tenant: p.tenant, workloads: p.workloads, world: p.world, grouped: true, folded: true}.draw(lines)
	}
	return p.named()
}

// manyEnds is how many ends of a whole tenant are drawn one by one.
const manyEnds = 40

// named gives the ends their names, and sorts.
func (p picture) named() workflow.Connectivity {
	keys := make([]string, 0, len(p.ends))
	for key := range p.ends {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(p.compare(p.ends[a], p.ends[b]), cmp.Compare(a, b)) })
	drawing := workflow.Connectivity{Ends: make([]workflow.FlowEnd, len(keys)), Flows: make([]workflow.Flow, 0, len(p.flows))}
	names := make(map[string]string, len(keys))
	for i, key := range keys {
		drawing.Ends[i] = p.ends[key]
		drawing.Ends[i].ID = fmt.Sprintf("e%d", i+1)
		names[key] = drawing.Ends[i].ID
	}
	order := func(key string) int { return slices.Index(keys, key) }
	slices.SortStableFunc(p.flows, func(a, b drawn) int {
		return cmp.Or(
			cmp.Compare(changeOrder(a.Change), changeOrder(b.Change)), cmp.Compare(order(a.from), order(b.from)),
			cmp.Compare(order(a.to), order(b.to)), cmp.Compare(a.Request, b.Request), cmp.Compare(a.Ports, b.Ports), cmp.Compare(a.Because, b.Because))
	})
	for _, d := range slices.CompactFunc(p.flows, func(a, b drawn) bool { return a == b }) {
		d.From, d.To = names[d.from], names[d.to]
		drawing.Flows = append(drawing.Flows, d.Flow)
	}
	return drawing
}

func changeOrder(change workflow.FlowChange) int {
	return slices.Index([]workflow.FlowChange{workflow.FlowOpened, workflow.FlowClosed, workflow.FlowStays}, change)
}

// end draws one side of a line, and gives what it is found by.
func (p picture) end(l line, s side) string {
	end := p.describe(l, s)
	key := strings.Join([]string{string(end.Kind), end.Cluster, end.Namespace, end.Label}, "\n")
	if _, known := p.ends[key]; !known {
		p.ends[key] = end
	}
	return key
}

func (p picture) describe(l line, s side) workflow.FlowEnd {
	if s.peer != nil {
		return outside(s)
	}
	end := workflow.FlowEnd{Kind: workflow.EndPods, Cluster: s.cluster, Namespace: s.namespace, Label: cmp.Or(s.pods(), "every pod")}
	switch {
	case s.place == nil:
		if p.world.platform(s.namespace) || l.platform() {
			end.Kind = workflow.EndPlatform
		}
		return end
	case p.grouped && l.platform() && s.place.tenant == p.tenant:
		end.Namespace, end.Tenant, end.Label = "", p.tenant, "every pod of every namespace"
		return end
	}
	end.Tenant, end.Other = s.place.tenant, s.place.tenant != p.tenant
	if p.folded && !end.Other {
		end.Label, s.labels = "its pods", nil
	}
	if !end.Other { // what another tenant runs is none of this one's business
		end.Workloads, _ = running(p.workloads, s)
	}
	return end
}

// outside describes what is not pods of one namespace.
func outside(s side) workflow.FlowEnd {
	end := workflow.FlowEnd{Label: peerText(*s.peer)}
	switch {
	case s.peer.Internet:
		end.Kind = workflow.EndInternet
	case s.peer.FQDN != "":
		end.Kind = workflow.EndName
	case s.peer.CIDR != "":
		end.Kind = workflow.EndAddresses
	default:
		end.Kind, end.Cluster = workflow.EndCluster, s.cluster
	}
	return end
}

// compare orders ends as they are read: the tenant's own, other tenants', the
// platform's, then what is outside.
func (p picture) compare(a, b workflow.FlowEnd) int {
	kinds := []workflow.EndKind{
		workflow.EndPods, workflow.EndPlatform, workflow.EndCluster, workflow.EndInternet, workflow.EndAddresses, workflow.EndName,
	}
	return cmp.Or(
		cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), boolOrder(a.Other, b.Other),
		cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Label, b.Label))
}

// running names the workloads of one end, and says whether anybody knows them.
func running(workloads workflow.Workloads, s side) ([]string, bool) {
	if workloads == nil {
		return nil, false
	}
	all, known := workloads.In(s.cluster, s.namespace)
	if !known {
		return nil, false
	}
	var names []string
	for _, one := range all {
		if s.labels.AsSelectorPreValidated().Matches(labels.Set(one.Labels)) {
			names = append(names, one.Kind+" "+one.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), true
}
