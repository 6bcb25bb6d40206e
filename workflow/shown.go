package workflow

import (
	"slices"
	"strings"
)

// What a request shows to whom. A request for an exception into another
// tenant's namespace concerns the owners of both, and neither side's people may
// learn more of the other's than the ends of the flow: its namespace, the labels
// and the ports. Security, admins and auditors see everything.

// Peer is the slug of the other tenant whose owners the plan concerns: the one
// at the far end of an exception that it gives or takes away. Empty where it
// stays within its tenant, and for a plan that also takes namespaces away: those
// are none of the other tenant's business.
func (p Plan) Peer() string {
	if len(p.Others) != 1 || len(p.removed()) > 0 {
		return ""
	}
	return p.Others[0].After.Name
}

// hides says whether a tenant is none of the actor's business.
func (s *ApprovedState) hides(tenant string, actor Actor) bool {
	return !actor.Sees(s.Tenancies[tenant])
}

// shown gives the request as the actor may see it. It is for showing only: what
// is decided rests on the request as stored.
func (s *ApprovedState) shown(r Request, actor Actor) Request {
	hidesOwn := s.hidesOwn(r, actor)
	r.Plan = s.shownPlan(r.Plan, actor, hidesOwn)
	if r.State == StateFailed && hidesOwn {
		r.Reason = notLiveYet(r.Tenant)
	}
	return r
}

// shownAll gives requests as the actor may see them.
func (s *ApprovedState) shownAll(requests []Request, actor Actor) []Request {
	for i, r := range requests {
		requests[i] = s.shown(r, actor)
	}
	return requests
}

// notLiveYet stands where Argo CD's words for another tenant's trouble are.
func notLiveYet(tenant string) string {
	return "Argo CD does not get through with what " + tenant + " has on its cluster. Its people see why."
}

// shownEvents withholds Argo CD's words from those who see the request for the
// sake of the other tenant, and why Tenure sent it back before it was edited: it
// may have reached nobody then, so that the words name what else its tenant has.
func (s *ApprovedState) shownEvents(r Request, events []Event, actor Actor) []Event {
	if !s.hidesOwn(r, actor) {
		return events
	}
	edited := false
	for i, event := range slices.Backward(events) {
		switch {
		case event.Type == EventFailed:
			events[i].Detail = notLiveYet(r.Tenant)
		case edited && event.By.ID.IsZero():
			events[i].Detail = ""
		}
		edited = edited || event.Type == EventResubmitted
	}
	return events
}

// shownPlan leaves out of a plan what is none of the actor's business. Whether
// the tenant that asks is among that is for the caller to say.
func (s *ApprovedState) shownPlan(p Plan, actor Actor, hidesOwn bool) Plan {
	hidden := map[string]bool{}
	if hidesOwn {
		hidden[p.After.Name] = true
	}
	for _, side := range p.Others {
		if s.hides(side.After.Name, actor) {
			hidden[side.After.Name] = true
		}
	}
	if len(hidden) == 0 {
		return p
	}
	own := p.After.Name
	if hidden[own] {
		side := OtherSide{Before: p.Before, After: p.After}.outline()
		p.Before, p.After = side.Before, side.After
	}
	p.Others = slices.Clone(p.Others)
	for i, side := range p.Others {
		if hidden[side.After.Name] {
			p.Others[i] = side.outline()
		}
	}
	p.Edits = slices.DeleteFunc(slices.Clone(p.Edits), func(e Edit) bool {
		of := e.Tenant
		if of == "" {
			of = own
		}
		return hidden[of] && !strings.HasPrefix(e.Entry, exceptionEntry)
	})
	p.Files = slices.DeleteFunc(slices.Clone(p.Files), func(f FileChange) bool { return hidden[tenantOfFile(f.Path)] && !isManifest(f.Path) })
	if p.Connectivity != nil {
		shown := s.shownConnectivity(*p.Connectivity, actor)
		p.Connectivity = &shown
	}
	return p
}

// outline leaves of a side only the ends that change.
func (s OtherSide) outline() OtherSide {
	only := func(t, other Tenancy) Tenancy {
		outline := Tenancy{Name: t.Name}
		for _, n := range t.Namespaces {
			there, _ := other.Namespace(n.Cluster, n.Name)
			network := slices.DeleteFunc(n.sortedNetwork(), func(e NetworkException) bool { return slices.ContainsFunc(there.Network, e.equal) })
			if len(network) > 0 || len(there.sortedNetwork()) != len(n.Network) {
				outline.Namespaces = append(outline.Namespaces, Namespace{Name: n.Name, Cluster: n.Cluster, Network: network})
			}
		}
		return outline
	}
	return OtherSide{Before: only(s.Before, s.After), After: only(s.After, s.Before)}
}

// isManifest says whether a file is applied to a cluster.
func isManifest(path string) bool { return strings.HasPrefix(path, "clusters/") }

// tenantOfFile is the tenant whose file a path is: approved/<tenant>.yaml,
// argocd/<tenant>.yaml or clusters/<cluster>/<tenant>/….
func tenantOfFile(path string) string {
	parts := strings.Split(path, "/")
	if isManifest(path) && len(parts) > 2 {
		return parts[2]
	}
	return strings.TrimSuffix(parts[len(parts)-1], ".yaml")
}

// shownConnectivity leaves out the flows between namespaces and addresses that
// are none of the actor's business, and what runs at the far ends of the others.
func (s *ApprovedState) shownConnectivity(c Connectivity, actor Actor) Connectivity {
	if actor.seesAll() {
		return c
	}
	var shown Connectivity
	visible := map[string]bool{}
	for _, end := range c.Ends {
		visible[end.ID] = end.Tenant != "" && !s.hides(end.Tenant, actor)
	}
	used := map[string]bool{}
	for _, flow := range c.Flows {
		if visible[flow.From] || visible[flow.To] {
			shown.Flows = append(shown.Flows, flow)
			used[flow.From], used[flow.To] = true, true
		}
	}
	for _, end := range c.Ends {
		if !visible[end.ID] {
			end.Workloads = nil
		}
		if visible[end.ID] || used[end.ID] {
			shown.Ends = append(shown.Ends, end)
		}
	}
	return shown
}

// shownArrivals withholds Argo CD's words from those who see the request for the
// sake of the other tenant. Those about the other tenant are withheld from all.
func (s *ApprovedState) shownArrivals(r Request, arrivals []Arrival, actor Actor) []Arrival {
	for i, place := range r.Plan.places() { // in the order of the arrivals
		if s.hidesOwn(r, actor) && i < len(arrivals) {
			arrivals[i] = place.withheld(arrivals[i])
		}
	}
	return arrivals
}

// withheld leaves out Argo CD's words for what keeps the whole Application from
// the cluster, which name whatever the tenant has there. What they say of the
// request's own exceptions stays.
func (p place) withheld(a Arrival) Arrival {
	own := slices.ContainsFunc(slices.Concat(p.opened, p.closed), func(r rendered) bool {
		return strings.HasSuffix(a.Object, " "+r.namespace+"/"+r.name)
	})
	if (a.Stage == ArrivalTrouble && !own) || (a.Stage == ArrivalBehind && a.Message != "") {
		a.Object, a.Message = "", notLiveYet(p.tenant)
	}
	return a
}
